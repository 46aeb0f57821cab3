/** The part of a ServiceAccount that concerns Podpass. */
import { type AccountKeys, federatesBare, isAccountKey } from "../../federation/account-keys.ts";
import type { ServiceAccount } from "../../federation/service-account.ts";
import type { Metadata } from "../../kube/object-parts.ts";

/** `metadata` with its annotations that are `keys`, or undefined where it has none of them. */
export const ownPart = (metadata: Metadata, keys: AccountKeys): ServiceAccount | undefined => {
  let own: Map<string, string> | undefined;
  for (const [key, value] of metadata.annotations) {
    if (typeof value !== "string" || !isAccountKey(key, keys)) continue;
    own ??= new Map();
    own.set(key, value);
  }
  return own && { namespace: metadata.namespace, name: metadata.name, annotations: own };
};

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** A ServiceAccount without such annotations, where it is federated all the same. */
export const bareAccount = (
  { namespace, name }: Pick<Metadata, "namespace" | "name">,
  keys: AccountKeys,
): ServiceAccount | undefined =>
  federatesBare(keys, namespace) ? { namespace, name, annotations: NO_ANNOTATIONS } : undefined;
