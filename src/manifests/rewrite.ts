/** A document with additions, as text: in place where that is possible, else written anew from its nodes. */
import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
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
import { editsFor } from "./splice.ts";

/** Does `text` hold `wanted`, and nothing else? */
export const holds = (text: string, wanted: unknown): boolean => {
  const read = readManifest("", text);
  const [document, second] = read.ok ? read.file.documents : [];
  return document !== undefined && second === undefined && isSameValue(document.value, wanted);
};

// The library reads the key of a merge as a symbol.
const isMergeKey = (key: unknown): boolean => isScalar(key) && typeof key.value === "symbol";

/** `node` without aliases, merge keys and anchors, which changes could reach through; `value` is what it holds. */
const inlined = (node: unknown, value: unknown, document: Document.Parsed): unknown => {
  if (isAlias(node)) return document.createNode(value, { aliasDuplicateObjects: false });
  if (isScalar(node) || isMap(node) || isSeq(node)) delete node.anchor;
  if (isSeq(node) && Array.isArray(value)) node.items = node.items.map((item, i) => inlined(item, value[i], document));
  if (isMap(node) && isMapping(value)) inlineMap(node, value, document);
  return node;
};

const inlineMap = (map: YAMLMap, value: ReadonlyMap<unknown, unknown>, document: Document.Parsed): void => {
  const own = map.items.filter(({ key }) => !isMergeKey(key));
  const keys = new Set(own.map(({ key }) => (isScalar(key) ? key.value : key)));
  for (const pair of own) if (isScalar(pair.key)) pair.value = inlined(pair.value, value.get(pair.key.value), document);
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

/** Writes the document anew, from its nodes; comments stay, spacing does not. */
const writtenAnew = (document: ManifestDocument, { additions, removals }: Changes): string => {
  const parsed = parseDocument(documentText(document), READ_OPTIONS);
  inlined(parsed.contents, document.value, parsed);
  for (const { path, value } of additions) {
    const last = path.at(-1) ?? "";
    const parent = path.slice(0, -1).reduce<unknown>(child, parsed.contents);
    const node = parsed.createNode(value, { aliasDuplicateObjects: false });
    if (isSeq(parent)) parent.items.splice(last === "-" ? parent.items.length : Number(last), 0, node);
    else if (isMap(parent)) setPair(parent, last, parsed.createPair(last, node) as ReadPair);
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
}

/** The edits in place, as long as what they make holds `wanted`. */
const inPlace = (
  document: ManifestDocument,
  additions: readonly Addition[],
  wanted: unknown,
): Rewritten | undefined => {
  try {
    const edits = editsFor(document, additions);
    const text = applyEdits(document.file.text, [document.start, document.end], edits);
    return holds(text, wanted) ? { text, edits } : undefined;
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
  if (additions.length + removals.length === 0) return { text: documentText(document), edits: [] };
  const wanted = changedValue(document, changes);
  const edited = removals.length === 0 ? inPlace(document, additions, wanted) : undefined;
  if (edited !== undefined) return edited;
  const { file, start, end, isJson } = document;
  const text = isJson ? `${toJson(wanted, layoutOf(document).jsonUnit)}\n` : writtenAnew(document, changes);
  if (holds(text, wanted)) return { text, edits: [{ start, end, text }] };
  throw new Error(`${file.name}: a document could not be written with its additions; please report this`);
};

/** The text of {@link rewrite} where things are only added. */
export const withText = (document: ManifestDocument, additions: readonly Addition[]): string =>
  rewrite(document, { additions, removals: [] }).text;
