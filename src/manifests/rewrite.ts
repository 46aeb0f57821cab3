/** A document with additions, as text: in place where that is possible, else written anew from its nodes. */
import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { type Addition, isSameValue, withAdditions } from "./add-value.ts";
import { documentText, type ManifestDocument, readManifest } from "./document.ts";
import { isMapping, READ_OPTIONS } from "./kubernetes-yaml.ts";
import { layoutOf } from "./layout.ts";
import { NotInPlace } from "./overlay.ts";
import { splice } from "./splice.ts";

/** Does `text` hold `wanted`, and nothing else? */
const holds = (text: string, wanted: unknown): boolean => {
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

const child = (node: unknown, step: string): unknown => {
  if (isSeq(node)) return node.items[Number(step)];
  if (!isMap(node)) return undefined;
  return node.items.find(({ key }) => isScalar(key) && String(key.value) === step)?.value;
};

/** Writes the document anew, from its nodes; comments stay, spacing does not. */
const rewrite = (document: ManifestDocument, additions: readonly Addition[]): string => {
  const parsed = parseDocument(documentText(document), READ_OPTIONS);
  inlined(parsed.contents, document.value, parsed);
  for (const { path, value } of additions) {
    const last = path.at(-1) ?? "";
    const parent = path.slice(0, -1).reduce<unknown>(child, parsed.contents);
    const node = parsed.createNode(value, { aliasDuplicateObjects: false });
    if (isSeq(parent)) parent.items.splice(last === "-" ? parent.items.length : Number(last), 0, node);
    else if (isMap(parent)) parent.add(parsed.createPair(last, node), true);
  }
  const { step, indentSeq } = layoutOf(document);
  return parsed.toString({ indent: step, indentSeq, lineWidth: 0 });
};

/** The document's text with `additions`. What is read from it is what was there with the additions, and nothing else. */
export const withText = (document: ManifestDocument, additions: readonly Addition[]): string => {
  if (additions.length === 0) return documentText(document);
  const wanted = withAdditions(document.value, additions);
  try {
    const text = splice(document, additions);
    if (holds(text, wanted)) return text;
  } catch (error) {
    if (!(error instanceof NotInPlace)) throw error;
  }
  const text = rewrite(document, additions);
  if (holds(text, wanted)) return text;
  throw new Error(`${document.file.name}: a document could not be written with its additions; please report this`);
};
