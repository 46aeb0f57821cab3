/** Reading the review of a ServiceAccount: only what a decision needs, checked, and nothing thrown. */
import type { ServiceAccount } from "../federation/service-account.ts";
import { isName, isObject, type ReadRequest } from "./review.ts";

/** A ServiceAccount that is created or updated. */
export interface WrittenAccount {
  readonly account: ServiceAccount;
  /** Its annotations before an update; undefined where it is created. */
  readonly before: ReadonlyMap<string, string> | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

const WRITES = new Set<unknown>(["CREATE", "UPDATE"]);

/** Does `request` create or update a ServiceAccount, and not ask for a token of one? */
export const isAccountWrite = ({ operation, resource, subResource }: ReadRequest["request"]): boolean => {
  if (!WRITES.has(operation) || (subResource !== undefined && subResource !== "")) return false;
  return isObject(resource) && resource["group"] === "" && resource["resource"] === "serviceaccounts";
};

type Annotations = ReadonlyMap<string, string>;

/** Those of `metadata`, or a sentence that says why there are none to be read. */
const annotationsOf = (metadata: JsonObject, where: string): Annotations | { readonly problem: string } => {
  const { annotations } = metadata;
  const read = new Map<string, string>();
  if (annotations === undefined || annotations === null) return read;
  if (!isObject(annotations)) return { problem: `${where}.metadata.annotations is not an object` };
  for (const [key, value] of Object.entries(annotations)) {
    if (typeof value !== "string") return { problem: `${where}.metadata.annotations has a value that is not a string` };
    read.set(key, value);
  }
  return read;
};

const metadataOf = (object: unknown): JsonObject | undefined => {
  const metadata = isObject(object) ? object["metadata"] : undefined;
  return isObject(metadata) ? metadata : undefined;
};

const beforeOf = ({ operation, oldObject }: ReadRequest["request"]): Annotations | undefined => {
  const metadata = operation === "UPDATE" ? metadataOf(oldObject) : undefined;
  const before = metadata && annotationsOf(metadata, "request.oldObject");
  // What cannot be read is no reason to let anything pass.
  return before === undefined || "problem" in before ? undefined : before;
};

/** Reads the ServiceAccount; or a sentence that says why it is none. */
export const readAccount = ({ namespace, request }: ReadRequest): WrittenAccount | { readonly problem: string } => {
  const metadata = metadataOf(request["object"]);
  if (metadata === undefined) return { problem: "request.object.metadata is not an object" };
  const name = metadata["name"] ?? request["name"] ?? "";
  if (!isName(name)) return { problem: "request.object.metadata.name must be a string of at most 253 characters" };
  const annotations = annotationsOf(metadata, "request.object");
  if ("problem" in annotations) return annotations;
  return { account: { namespace, name, annotations }, before: beforeOf(request) };
};
