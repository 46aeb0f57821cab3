/** What `envFrom` brings, as far as its ConfigMaps and Secrets are among the manifests. */
import type { KeysOf } from "../injection/env-facts.ts";
import { isMapping } from "../yaml/values.ts";
import { member } from "./kubernetes-yaml.ts";
import { isOfGroup, type ManifestObject } from "./objects.ts";

/** Later ones win. `binaryData` makes no variables. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["data"],
  Secret: ["data", "stringData"],
};

const idOf = (kind: string, namespace: string, name: string): string => JSON.stringify([kind, namespace, name]);

const keysIn = ({ kind, value }: ManifestObject): ReadonlyMap<string, boolean> => {
  const keys = new Map<string, boolean>();
  for (const field of FIELDS[kind] ?? []) {
    const data = member(value, field);
    if (isMapping(data)) for (const [key, text] of data) keys.set(String(key), text !== null && text !== "");
  }
  return keys;
};

/** The keys by namespace; an object without one is in `namespace`. The last of a name counts. */
export const collectEnvSources = (
  objects: readonly ManifestObject[],
  namespace: string,
): ((namespace: string) => KeysOf) => {
  const sources = new Map<string, ManifestObject>();
  for (const object of objects)
    if (Object.hasOwn(FIELDS, object.kind) && object.name !== undefined && isOfGroup(object, ""))
      sources.set(idOf(object.kind, object.namespace ?? namespace, object.name), object);
  const known = new Map<ManifestObject, ReadonlyMap<string, boolean>>();
  return (inNamespace) => (kind, name) => {
    const object = sources.get(idOf(kind, inNamespace, name));
    if (object === undefined) return undefined;
    const keys = known.get(object) ?? keysIn(object);
    known.set(object, keys);
    return keys;
  };
};
