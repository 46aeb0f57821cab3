/** The part of a ServiceAccount that concerns Podpass. */
import { readKey } from "../../federation/annotation-keys.ts";
import type { ServiceAccount } from "../../federation/service-account.ts";
import type { Metadata } from "../../kube/object-parts.ts";

/** `metadata` with its annotations under `prefix`, or undefined where it has none of them. */
export const ownPart = (metadata: Metadata, prefix: string): ServiceAccount | undefined => {
  let own: Map<string, string> | undefined;
  for (const [key, value] of metadata.annotations) {
    if (typeof value !== "string" || readKey(key, prefix) === undefined) continue;
    own ??= new Map();
    own.set(key, value);
  }
  return own && { namespace: metadata.namespace, name: metadata.name, annotations: own };
};
