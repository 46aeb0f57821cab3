/** The Kubernetes objects in documents, those inside lists too. */
import { stepInto } from "../yaml/nodes.ts";
import { isMapping, type Mapping } from "../yaml/values.ts";
import { type ManifestDocument, type Place, startOf } from "./document.ts";
import { member, textMember } from "./kubernetes-yaml.ts";

/** One object. */
export interface ManifestObject {
  readonly document: ManifestDocument;
  /** Where it is in its document; empty where it is the whole. */
  readonly path: readonly string[];
  readonly apiVersion: string | undefined;
  readonly kind: string;
  readonly name: string | undefined;
  /** As written. */
  readonly namespace: string | undefined;
  readonly value: Mapping;
  readonly place: Place;
}

/** Where `path`, from the document's top, is written; the nearest place above it where it is not written itself. */
export const placeAt = (document: ManifestDocument, path: readonly string[]): Place => {
  let node = document.root;
  let offset = node === undefined ? document.start : startOf(node);
  for (const step of path) {
    const next = stepInto(node, step, document.targets);
    if (next.at === undefined) break;
    offset = startOf(next.at);
    node = next.node;
  }
  return document.file.placeOf(offset);
};

const listed = (document: ManifestDocument, path: readonly string[], value: Mapping): readonly ManifestObject[] => {
  const kind = textMember(value, "kind") ?? "";
  const items = member(value, "items");
  if (!kind.endsWith("List") || !Array.isArray(items)) return [objectAt(document, path, value, kind)];
  // A typed list is allowed to leave kind and apiVersion of its items to its own.
  const itemKind = kind.slice(0, -"List".length);
  return items.flatMap((item: unknown, index) => {
    if (!isMapping(item)) return [];
    const at = [...path, "items", String(index)];
    if (itemKind === "" || textMember(item, "kind") !== undefined) return listed(document, at, item);
    return [{ ...objectAt(document, at, item, itemKind), apiVersion: textMember(value, "apiVersion") }];
  });
};

const objectAt = (
  document: ManifestDocument,
  path: readonly string[],
  value: Mapping,
  kind: string,
): ManifestObject => {
  const metadata = member(value, "metadata");
  return {
    document,
    path,
    apiVersion: textMember(value, "apiVersion"),
    kind,
    name: textMember(metadata, "name") ?? textMember(metadata, "generateName"),
    namespace: textMember(metadata, "namespace"),
    value,
    place: placeAt(document, path),
  };
};

/** The objects of a document, in order. */
export const objectsIn = (document: ManifestDocument): readonly ManifestObject[] =>
  isMapping(document.value) ? listed(document, [], document.value) : [];

/** The object as people call it: `Deployment production/api`. */
export const showObject = ({ kind, name }: ManifestObject, namespace?: string): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name ?? "(unnamed)"}`;
