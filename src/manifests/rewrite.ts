/** A document with additions, as text: in place where that is possible, else written anew from its nodes. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { pairOf, type ReadPair, setPair } from "../yaml/nodes.ts";
import { isMapping } from "../yaml/values.ts";
import { type Addition, childValue, isSameValue, withAdditions } from "./add-value.ts";
import { documentText, type ManifestDocument, readManifest } from "./document.ts";
import { applyEdits, type Edit } from "./edits.ts";
import { toJson } from "./json-text.ts";
import { READ_OPTIONS } from "./kubernetes-yaml.ts";
import { layoutOf } from "./layout.ts";
import { escapeBreaks, quoteBreaks } from "./line-breaks.ts";
import { NotInPlace } from "./overlay.ts";
import { removalEdits } from "./removal-edits.ts";
import { editsFor } from "./splice.ts";

/** Does `text` hold `wanted`, and nothing else? */
export const holds = (text: string, wanted: unknown): boolean => {
  const read = readManifest("", text);
  const [document, second] = read.ok ? read.file.documents : [];
  return document !== undefined && second === undefined && isSameValue(document.value, wanted);
};

// The library reads the key of a merge as a symbol.
const isMergeKey = (key: unknown): boolean => isScalar(key) && typeof key.value === "symbol";

/** `node`, below the comments of the one whose place it takes. */
const withComments = (before: unknown, node: unknown): unknown => {
  if (!isNode(before) || !isNode(node) || before === node) return node;
  const comments = [before.commentBefore, before.comment].filter((one) => typeof one === "string");
  if (comments.length > 0) node.commentBefore = comments.join("\n");
  return node;
};

/** `node` without aliases, merge keys and anchors, which changes could reach through; `value` is what it holds. */
const inlined = (node: unknown, value: unknown, document: Document.Parsed): unknown => {
  if (isAlias(node)) return document.createNode(value, { aliasDuplicateObjects: false });
  if (isScalar(node) || isMap(node) || isSeq(node)) delete node.anchor;
  if (isSeq(node) && Array.isArray(value))
    node.items = node.items.map((item, i) => withComments(item, inlined(item, value[i], document)));
  if (isMap(node) && isMapping(value)) inlineMap(node, value, document);
  return node;
};

const inlineMap = (map: YAMLMap, value: ReadonlyMap<unknown, unknown>, document: Document.Parsed): void => {
  const own = map.items.filter(({ key }) => !isMergeKey(key));
  const keys = new Set(own.map(({ key }) => (isScalar(key) ? key.value : key)));
  for (const pair of own)
    if (isScalar(pair.key))
      pair.value = withComments(pair.value, inlined(pair.value, value.get(pair.key.value), document));
  const merged = own.length === map.items.length ? [] : [...value].filter(([key]) => !keys.has(key));
  map.items = [...merged.map(([key, item]) => document.createPair(key, item)), ...own];
};

/** What becomes of a document. */
export interface Changes {
  readonly additions: readonly Addition[];
  /** Items of lists that go, in the order of the document. */
  readonly removals: readonly (readonly string[])[];
}

const child = (node: unknown, step: string): unknown => {
  if (isSeq(node)) return node.items[Number(step)];
  return isMap(node) ? pairOf(node, step)?.value : undefined;
};

/** Writes the document anew, from its nodes: comments stay where a node has them, spacing does not. */
const writtenAnew = (document: ManifestDocument, { additions, removals }: Changes): string => {
  const parsed = parseDocument(documentText(document), READ_OPTIONS);
  inlined(parsed.contents, document.value, parsed);
  for (const { path, value } of additions) {
    const last = path.at(-1) ?? "";
    const parent = path.slice(0, -1).reduce<unknown>(child, parsed.contents);
    const node = parsed.createNode(value, { aliasDuplicateObjects: false });
    if (isSeq(parent)) parent.items.splice(last === "-" ? parent.items.length : Number(last), 0, node);
    else if (isMap(parent)) {
      withComments(pairOf(parent, last)?.value, node);
      setPair(parent, last, parsed.createPair(last, node) as ReadPair);
    }
  }
  for (const path of removals.toReversed()) {
    const list = path.slice(0, -1).reduce<unknown>(child, parsed.contents);
    if (isSeq(list)) list.items.splice(Number(path.at(-1)), 1);
  }
  const { step, indentSeq } = layoutOf(document);
  quoteBreaks(parsed);
  return escapeBreaks(parsed.toString({ indent: step, indentSeq, lineWidth: 0 }));
};

/** A document's text after additions, and how it came from the one before. */
export interface Rewritten {
  readonly text: string;
  /** In order; one for the whole where that was written anew. */
  readonly edits: readonly Edit[];
  /** Are its spacing and comments the writer's, and no longer the user's? */
  readonly isAnew: boolean;
}

/** `text` without the items that go; what was added to others before has not moved them. */
const withoutItems = (text: string, removals: Changes["removals"]): string => {
  const read = readManifest("", text);
  const [document] = read.ok ? read.file.documents : [];
  if (document === undefined) throw new NotInPlace("what is left is no document");
  return applyEdits(text, [document.start, document.end], removalEdits(document, removals));
};

/** The changes in place, as long as what they make holds `wanted`. */
const inPlace = (
  document: ManifestDocument,
  { additions, removals }: Changes,
  wanted: unknown,
): Rewritten | undefined => {
  const { file, start, end } = document;
  try {
    const edits = editsFor(document, additions);
    const added = applyEdits(file.text, [start, end], edits);
    const text = removals.length === 0 ? added : withoutItems(added, removals);
    if (!holds(text, wanted)) return undefined;
    return { text, edits: removals.length === 0 ? edits : [{ start, end, text }], isAnew: false };
  } catch (error) {
    if (error instanceof NotInPlace) return undefined;
    throw error;
  }
};

/** What the document holds after `changes`. */
export const changedValue = ({ value }: ManifestDocument, { additions, removals }: Changes): unknown => {
  const changed = withAdditions(value, additions);
  for (const path of removals.toReversed()) {
    const list = path.slice(0, -1).reduce<unknown>(childValue, changed);
    if (Array.isArray(list)) list.splice(Number(path.at(-1)), 1);
  }
  return changed;
};

/** `document` with `changes`. What is read from the text is what was there with the changes, and nothing else. */
export const rewrite = (document: ManifestDocument, changes: Changes): Rewritten => {
  const { additions, removals } = changes;
  if (additions.length + removals.length === 0) return { text: documentText(document), edits: [], isAnew: false };
  const wanted = changedValue(document, changes);
  const edited = inPlace(document, changes, wanted);
  if (edited !== undefined) return edited;
  const { file, start, end, isJson } = document;
  const text = isJson ? `${toJson(wanted, layoutOf(document).jsonUnit)}\n` : writtenAnew(document, changes);
  if (holds(text, wanted)) return { text, edits: [{ start, end, text }], isAnew: !isJson };
  throw new Error(`${file.name}: a document could not be written with its additions; please report this`);
};

/** The text of {@link rewrite} where things are only added. */
export const withText = (document: ManifestDocument, additions: readonly Addition[]): string =>
  rewrite(document, { additions, removals: [] }).text;
