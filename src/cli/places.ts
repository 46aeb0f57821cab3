/** Where in a manifest a sentence of the core points: it names an annotation, a field or a container. */
import { readKey } from "../federation/annotation-keys.ts";
import type { Place } from "../manifests/document.ts";
import { isMapping, member } from "../manifests/kubernetes-yaml.ts";
import { type ManifestObject, placeAt } from "../manifests/objects.ts";
import { podPath } from "../manifests/pod-templates.ts";
import { quote } from "../reasons/text.ts";

type Path = readonly string[];

const annotationKeys = (object: ManifestObject, metadata: Path, prefix: string): readonly string[] => {
  const annotations = [...metadata, "annotations"].reduce<unknown>(member, object.value);
  const keys = isMapping(annotations) ? [...annotations.keys()].map(String) : [];
  return keys.filter((key) => readKey(key, prefix) !== undefined);
};

/** The core quotes keys, cut at one of two lengths. */
const namedKey = (keys: readonly string[], text: string): string | undefined =>
  keys
    .filter((key) => text.includes(quote(key, 50)) || text.includes(quote(key, 100)))
    .toSorted((one, other) => other.length - one.length)[0];

/** The annotation that `text` names, else the federation annotation, else the ServiceAccount. */
export const placeInAccount = (object: ManifestObject, text: string, prefix: string): Place => {
  const keys = annotationKeys(object, ["metadata"], prefix);
  const key = namedKey(keys, text) ?? keys.find((one) => one === `${prefix}/federate`);
  return key === undefined ? object.place : placeAt(object.document, [...object.path, "metadata", "annotations", key]);
};

/** `spec.volumes[0].projected` as steps. */
const fieldIn = (text: string): Path | undefined =>
  /\bspec(?:\.\w+|\[\d+\])+/.exec(text)?.[0].match(/\w+/g) ?? undefined;

const containerIn = (pod: unknown, text: string): Path | undefined => {
  for (const list of ["initContainers", "containers"]) {
    const containers = member(member(pod, "spec"), list);
    if (!Array.isArray(containers)) continue;
    const index = containers.findIndex((container: unknown) => {
      const name = member(container, "name");
      return typeof name === "string" && text.startsWith(`container ${quote(name, 30)}:`);
    });
    if (index !== -1) return ["spec", list, String(index)];
  }
  return undefined;
};

/** What `text` names of the workload's pod, else the workload. */
export const placeInWorkload = (object: ManifestObject, text: string, prefix: string): Place => {
  const path = podPath(object) ?? [];
  // A refusal names the ServiceAccount's annotations, which the pod may have too.
  const isAnnotation = text.startsWith("pod annotation ");
  const key = isAnnotation ? namedKey(annotationKeys(object, [...path, "metadata"], prefix), text) : undefined;
  const found =
    key === undefined
      ? (containerIn(path.reduce<unknown>(member, object.value), text) ?? fieldIn(text))
      : ["metadata", "annotations", key];
  return found === undefined ? object.place : placeAt(object.document, [...object.path, ...path, ...found]);
};
