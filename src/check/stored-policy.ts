/** A policy or a binding as the API server has it, as much of it as checks look at. */
import type { PolicyObject } from "../policies/objects.ts";
import { at, isJsonObject, type JsonObject, mapAt, textAt } from "./json.ts";

/** The four kinds of objects, with the names of their resources. */
export const POLICY_KINDS: readonly { readonly kind: PolicyObject["kind"]; readonly resource: string }[] = [
  { kind: "ValidatingAdmissionPolicy", resource: "validatingadmissionpolicies" },
  { kind: "ValidatingAdmissionPolicyBinding", resource: "validatingadmissionpolicybindings" },
  { kind: "MutatingAdmissionPolicy", resource: "mutatingadmissionpolicies" },
  { kind: "MutatingAdmissionPolicyBinding", resource: "mutatingadmissionpolicybindings" },
];

/** A policy or a binding that is in the cluster. */
export interface StoredPolicy {
  readonly kind: PolicyObject["kind"];
  readonly name: string;
  /** Of the configuration that it was rendered from; empty where it does not say. */
  readonly digest: string;
  /** Of the other configuration, where it is the union of two. */
  readonly unionWith: string;
  readonly spec: JsonObject;
}

/** A digest has 71 characters. */
const MAX_DIGEST = 100;

/** The beginning of a digest, for people. */
export const shortDigest = (digest: string): string => digest.slice(0, 19);

/** Reads an object of `kind`. */
export const readPolicy = (kind: PolicyObject["kind"], value: JsonObject): StoredPolicy => {
  const annotations = mapAt(value, "metadata", "annotations");
  const spec = at(value, "spec");
  return {
    kind,
    name: textAt(value, "metadata", "name"),
    digest: (annotations.get("podpass.dev/configuration") ?? "").slice(0, MAX_DIGEST),
    unionWith: (annotations.get("podpass.dev/union-with") ?? "").slice(0, MAX_DIGEST),
    spec: isJsonObject(spec) ? spec : {},
  };
};
