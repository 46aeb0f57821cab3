/** The Kubernetes objects in documents, those inside lists too. */
import { quote } from "../reasons/text.ts";
import { stepInto } from "../yaml/nodes.ts";
import { isMapping, type Mapping } from "../yaml/values.ts";
import { childValue } from "./add-value.ts";
import { type ManifestDocument, type Place, startOf } from "./document.ts";
import { member, textMember } from "./kubernetes-yaml.ts";
import { listItems, withKind } from "./lists.ts";

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

/** The object's API group, empty for the core's; undefined where it names none. */
export const groupOf = ({ apiVersion }: ManifestObject): string | undefined =>
  apiVersion?.includes("/") ? apiVersion.split("/")[0] : apiVersion && "";

/** Is the object of API group `group`? One without an apiVersion is taken for what its kind says. */
export const isOfGroup = (object: ManifestObject, group: string): boolean => {
  const found = groupOf(object);
  return found === undefined || found === group;
};

/**
 * The namespace of what is at `path` of `object`, and `otherwise` where none is named: an object may carry others, as a
 * ManifestWork of Open Cluster Management does, whose namespaces are their own.
 */
export const namespaceAt = (object: ManifestObject, path: readonly string[], otherwise: string): string => {
  let namespace = object.namespace ?? otherwise;
  let value: unknown = object.value;
  for (const step of path) {
    value = childValue(value, step);
    const isObject = textMember(value, "kind") !== undefined && textMember(value, "apiVersion") !== undefined;
    if (isObject) namespace = textMember(member(value, "metadata"), "namespace") ?? namespace;
  }
  return namespace;
};

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
  const items = listItems(value);
  if (items === undefined) return [objectAt(document, path, value)];
  return items.flatMap((item, index) =>
    isMapping(item) ? listed(document, [...path, "items", String(index)], withKind(item, value)) : [],
  );
};

const objectAt = (document: ManifestDocument, path: readonly string[], value: Mapping): ManifestObject => {
  const metadata = member(value, "metadata");
  return {
    document,
    path,
    apiVersion: textMember(value, "apiVersion"),
    kind: textMember(value, "kind") ?? "",
    name: textMember(metadata, "name") ?? textMember(metadata, "generateName"),
    namespace: textMember(metadata, "namespace"),
    value,
    place: placeAt(document, path),
  };
};

/** The objects of a document, in order. */
export const objectsIn = (document: ManifestDocument): readonly ManifestObject[] =>
  isMapping(document.value) ? listed(document, [], document.value) : [];

/** A name as Kubernetes takes it, or in quotes: a message must not be continued by what somebody is called. */
export const showName = (name: string): string => (/^[\w.:*-]{1,253}$/.test(name) ? name : quote(name, 100));

/** `namespace/name`, for people. */
export const showQualified = (namespace: string, name: string): string => `${showName(namespace)}/${showName(name)}`;

/** The object as people call it: `Deployment production/api`. */
export const showObject = (
  { kind, name }: { readonly kind: string; readonly name?: string | undefined },
  namespace?: string,
): string => {
  const shown = name === undefined ? "(unnamed)" : showName(name);
  const of = kind === "" ? "(no kind)" : showName(kind);
  return `${of} ${namespace === undefined ? "" : `${showName(namespace)}/`}${shown}`;
};

/** The same with its own namespace, and `otherwise` where it names none. */
export const showObjectIn = (object: ManifestObject, otherwise: string): string =>
  showObject(object, object.namespace ?? otherwise);
