/** Reading an AdmissionReview of `admission.k8s.io/v1`: only what a decision needs, checked, and nothing thrown. */
import { withoutManagedFields } from "./managed-fields.ts";

/** A request for admission. */
export interface Review {
  readonly uid: string;
  /** Empty for what has no namespace. */
  readonly namespace: string;
  /** The creation of a pod, and of nothing below it such as `pods/ephemeralcontainers`? */
  readonly isPodCreate: boolean;
  /** The object as it came; nothing about it is checked yet. */
  readonly object: unknown;
}

/** A review, or a sentence that says why the body is none. */
export type ReadReview = { readonly review: Review } | { readonly problem: string };

/** Of a name in Kubernetes. A longer uid or namespace is nobody's, and would end in the log. */
const MAX_NAME_LENGTH = 253;

/** To cut a text means to copy it, which is not worth its memory where the text is large. */
const MAX_CUT_LENGTH = 1024 * 1024;

/** Is `value` a JSON object? */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** Is `value` a text that is no longer than a name in Kubernetes? */
export const isName = (value: unknown): value is string => typeof value === "string" && value.length <= MAX_NAME_LENGTH;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text.length > MAX_CUT_LENGTH ? text : withoutManagedFields(text));
  } catch {
    return undefined;
  }
};

/** What every request has, and all of it as it came. */
export interface ReadRequest {
  readonly uid: string;
  /** Empty for what has no namespace. */
  readonly namespace: string;
  readonly request: Readonly<Record<string, unknown>>;
}

const isPodCreate = (request: Readonly<Record<string, unknown>>): boolean => {
  const { resource, subResource, operation } = request;
  if (operation !== "CREATE" || (subResource !== undefined && subResource !== "")) return false;
  return isObject(resource) && resource["group"] === "" && resource["resource"] === "pods";
};

/** Reads a request's body. */
export const readReview = (body: string): ReadReview => checkReview(parse(body));

/** Reads the request in a body, whatever it is about. */
export const readRequest = (body: string): ReadRequest | { readonly problem: string } => checkRequest(parse(body));

/** Checks a body that is parsed. */
export const checkReview = (value: unknown): ReadReview => {
  const read = checkRequest(value);
  if ("problem" in read) return read;
  const { uid, namespace, request } = read;
  return { review: { uid, namespace, isPodCreate: isPodCreate(request), object: request["object"] } };
};

/** Checks what is the same in every review. */
export const checkRequest = (value: unknown): ReadRequest | { readonly problem: string } => {
  if (!isObject(value)) return { problem: "the body is not a JSON object" };
  if (value["kind"] !== "AdmissionReview" || value["apiVersion"] !== "admission.k8s.io/v1")
    return { problem: "the body is not an AdmissionReview of admission.k8s.io/v1" };
  const { request } = value;
  if (!isObject(request)) return { problem: "request is not an object" };
  const { uid, namespace = "" } = request;
  if (!isName(uid) || uid === "") return { problem: "request.uid must be a string of 1 to 253 characters" };
  if (!isName(namespace)) return { problem: "request.namespace must be a string of at most 253 characters" };
  return { uid, namespace, request };
};
