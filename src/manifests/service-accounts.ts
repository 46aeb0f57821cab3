/** The ServiceAccounts among manifests. */
import type { ServiceAccount } from "../federation/service-account.ts";
import { quote } from "../reasons/text.ts";
import { isMapping } from "../yaml/values.ts";
import { type BadObject, badAt, badNames, mustBeString } from "./bad-object.ts";
import { member } from "./kubernetes-yaml.ts";
import { isOfGroup, type ManifestObject } from "./objects.ts";

/** A ServiceAccount and where it is written. */
export interface WrittenServiceAccount {
  readonly object: ManifestObject;
  readonly account: ServiceAccount;
}

/** ServiceAccounts by namespace and name. */
export interface ServiceAccounts {
  readonly written: readonly WrittenServiceAccount[];
  readonly bad: readonly BadObject[];
  /** Those whose name was there before. */
  readonly repeated: readonly WrittenServiceAccount[];
  find(namespace: string, name: string): ServiceAccount | undefined;
}

/** A key for two names, neither of which holds a slash in Kubernetes. */
const keyOf = (namespace: string, name: string): string => JSON.stringify([namespace, name]);

const FIELD = ["metadata", "annotations"];

const annotationsOf = (
  object: ManifestObject,
): { readonly annotations: ReadonlyMap<string, string>; readonly bad: readonly BadObject[] } => {
  const written = member(member(object.value, "metadata"), "annotations") ?? new Map();
  const annotations = new Map<string, string>();
  if (!isMapping(written)) return { annotations, bad: [badAt(object, FIELD, "metadata.annotations is not a mapping")] };
  const bad: BadObject[] = [];
  for (const [key, value] of written) {
    // To Kubernetes null is an empty text; charts leave it where nothing was set.
    if (typeof value === "string" || value === null) annotations.set(String(key), value ?? "");
    else {
      const message = mustBeString(`annotation ${quote(String(key), 100)}`, value);
      bad.push(badAt(object, [...FIELD, String(key)], message));
    }
  }
  return { annotations, bad };
};

/** Collects the ServiceAccounts of `objects`; one without a namespace is in `namespace`. The last of a name wins. */
export const collectServiceAccounts = (objects: readonly ManifestObject[], namespace: string): ServiceAccounts => {
  const byKey = new Map<string, ServiceAccount>();
  const written: WrittenServiceAccount[] = [];
  const bad: BadObject[] = [];
  const repeated: WrittenServiceAccount[] = [];
  for (const object of objects) {
    if (object.kind !== "ServiceAccount" || !isOfGroup(object, "")) continue;
    const { annotations, bad: badAnnotations } = annotationsOf(object);
    const badMetadata = [...badNames(object), ...badAnnotations];
    for (const one of badMetadata) bad.push(one);
    if (object.name === undefined) {
      if (badMetadata.length === 0) bad.push({ object, place: object.place, message: "metadata.name is missing" });
      continue;
    }
    const account = { namespace: object.namespace ?? namespace, name: object.name, annotations };
    const key = keyOf(account.namespace, account.name);
    if (byKey.has(key)) repeated.push({ object, account });
    byKey.set(key, account);
    written.push({ object, account });
  }
  return { written, bad, repeated, find: (inNamespace, name) => byKey.get(keyOf(inNamespace, name)) };
};
