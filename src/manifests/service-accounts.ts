/** The ServiceAccounts among manifests. */
import type { ServiceAccount } from "../federation/service-account.ts";
import { isMapping } from "../yaml/values.ts";
import type { Place } from "./document.ts";
import { member } from "./kubernetes-yaml.ts";
import { type ManifestObject, placeAt } from "./objects.ts";
import { isOfGroup } from "./pod-templates.ts";

/** A ServiceAccount and where it is written. */
export interface WrittenServiceAccount {
  readonly object: ManifestObject;
  readonly account: ServiceAccount;
}

/** Something that Kubernetes would not take, at its place. */
export interface BadObject {
  readonly object: ManifestObject;
  readonly place: Place;
  readonly message: string;
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

const annotationsOf = (
  object: ManifestObject,
): { readonly annotations: ReadonlyMap<string, string>; readonly bad: readonly BadObject[] } => {
  const written = member(member(object.value, "metadata"), "annotations");
  const annotations = new Map<string, string>();
  const bad: BadObject[] = [];
  for (const [key, value] of isMapping(written) ? written : []) {
    if (typeof value === "string") annotations.set(String(key), value);
    else
      bad.push({
        object,
        place: placeAt(object.document, [...object.path, "metadata", "annotations", String(key)]),
        message: `annotation ${JSON.stringify(String(key))} is not a text; put its value in quotes`,
      });
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
    for (const one of badAnnotations) bad.push(one);
    if (object.name === undefined) {
      bad.push({ object, place: object.place, message: "metadata.name is missing" });
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
