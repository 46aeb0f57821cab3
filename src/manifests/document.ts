/** A manifest file as text and as documents: the text is what is written back, the documents are what is read. */

import { type Document, isCollection, isMap, type Node } from "yaml";
import { quote } from "../reasons/text.ts";
import { Lines, type TextPlace } from "../yaml/lines.ts";
import type { Targets } from "../yaml/nodes.ts";
import type { TextProblem } from "../yaml/parse.ts";
import { readYaml, toldProblems, type YamlDocument } from "../yaml/read.ts";
import { isMapping } from "../yaml/values.ts";
import { READ_OPTIONS } from "./kubernetes-yaml.ts";

/** A place for people; line and column count from 1. */
export interface Place extends TextPlace {
  readonly file: string;
}

/** What makes a file unreadable. */
export interface ManifestProblem extends Place {
  readonly message: string;
}

/** One document of a file. */
export interface ManifestDocument {
  readonly file: ManifestFile;
  /** Where its text is in the file: with the comments and separators in front of it. */
  readonly start: number;
  readonly end: number;
  readonly parsed: Document.Parsed;
  /** The top node, or undefined where the document is empty. */
  readonly root: Node | undefined;
  /** What its aliases stand for. */
  readonly targets: Targets;
  /** What it holds, as `kubernetes-yaml.ts` reads it. */
  readonly value: unknown;
  /** Is it JSON, and has to stay so? */
  readonly isJson: boolean;
}

/** A file of manifests, or what came in on stdin. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
  readonly lines: Lines;
  readonly documents: readonly ManifestDocument[];
  placeOf(offset: number): Place;
}

/** A file that was read, or why it cannot be: then `file` has the documents that nothing is wrong with. */
export type ReadManifest =
  | { readonly ok: true; readonly file: ManifestFile }
  | { readonly ok: false; readonly file: ManifestFile; readonly problems: readonly ManifestProblem[] };

/** The document's text. */
export const documentText = ({ file, start, end }: ManifestDocument): string => file.text.slice(start, end);

/** Where a node's text begins. */
export const startOf = (node: Node): number => node.range?.[0] ?? 0;

const isJsonText = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Behind the line break after `offset`: where the last value is empty, the library's document ends in front of it. */
const endOfLine = (text: string, offset: number): number => {
  const rest = /[ \t]*\r?\n/y;
  rest.lastIndex = offset;
  return text[offset - 1] !== "\n" && rest.test(text) ? rest.lastIndex : offset;
};

/** Does a document begin without a `---` or `...` in front of it? */
const isUnseparated = ({ parsed }: YamlDocument, before: YamlDocument | undefined): boolean =>
  before !== undefined && parsed.directives.docStart !== true && before.parsed.directives.docEnd !== true;

/** A line of `%YAML` or `%TAG`, behind nothing but comments. */
const DIRECTIVE = /^\uFEFF?(?:[ \t\r]*(?:#[^\n]*)?\n)*%/;

/** What has to stand between something else and `document`, where that comes behind it. */
export const separatorBefore = (document: ManifestDocument | undefined): string => {
  if (document?.parsed.directives.docStart !== true) return "---\n";
  // A directive is one only where what is before it has ended.
  return DIRECTIVE.test(document.file.text.slice(document.start, document.end)) ? "...\n" : "";
};

const NOT_JSON =
  "a second object begins here, without a line --- in front of it; allowed: that line, or nothing but JSON";

/** The document whose text is that from `start` to `end`. */
const manifestDocument = (
  { parsed, value, targets }: YamlDocument,
  file: ManifestFile,
  [start, end]: readonly [number, number],
): ManifestDocument => {
  const root = isCollection(parsed.contents) ? parsed.contents : undefined;
  const isJson = isMap(root) && root.flow === true && isJsonText(file.text.slice(startOf(root), end));
  return { file, start, end, parsed, root, targets, value, isJson };
};

const misplaced = ({ root, start }: ManifestDocument): TextProblem => ({
  offset: root ? startOf(root) : start,
  message: NOT_JSON,
});

const isObject = (value: unknown): boolean => isMapping(value) && value.has("apiVersion") && value.has("kind");

/**
 * What is wrong with a document in which there could be objects and are none, as in the answer of `jq '.items'`, or in a
 * file in another encoding. Other lists are somebody's, such as the patches of Kustomize.
 */
const wrongTop = ({ value, start, parsed }: ManifestDocument): readonly TextProblem[] => {
  const isList = Array.isArray(value);
  if (value == null || isMapping(value) || (isList && !value.some(isObject))) return [];
  const message = isList
    ? "found a list of objects; allowed: a document for each, or kind: List with them as its items"
    : `found ${quote(String(value), 30)}; allowed: an object, as YAML or JSON`;
  return [{ offset: parsed.contents?.range[0] ?? start, message }];
};

/** The documents of `file` that nothing is wrong with, and what is wrong with the others. */
const readDocuments = (
  documents: readonly YamlDocument[],
  file: ManifestFile,
): { readonly good: readonly ManifestDocument[]; readonly problems: readonly TextProblem[] } => {
  const good: ManifestDocument[] = [];
  const problems: TextProblem[] = [];
  let start = 0;
  let wasJson = true;
  for (const [index, read] of documents.entries()) {
    const end = index === documents.length - 1 ? file.text.length : endOfLine(file.text, read.parsed.range[2]);
    const document = manifestDocument(read, file, [start, end]);
    const isStray = isUnseparated(read, documents[index - 1]) && !(document.isJson && wasJson);
    const own = isStray ? [misplaced(document)] : wrongTop(document);
    const bad = read.problems.length === 0 ? own : read.problems;
    for (const one of bad) problems.push(one);
    if (bad.length === 0) good.push(document);
    // Of one with problems it is not known.
    wasJson = document.isJson || read.problems.length > 0;
    start = end;
  }
  return { good, problems };
};

/** Reads the text of a file of YAML or JSON documents. */
export const readManifest = (name: string, text: string): ReadManifest => {
  const lines = new Lines(text);
  const placeOf = (offset: number): Place => ({ file: name, ...lines.placeOf(offset) });
  const { documents, problem } = readYaml(text, READ_OPTIONS);
  const own: ManifestDocument[] = [];
  const file: ManifestFile = { name, text, lines, documents: own, placeOf };
  const { good, problems } = readDocuments(documents, file);
  for (const document of good) own.push(document);
  const all = problem === undefined ? problems : [problem, ...problems];
  if (all.length === 0) return { ok: true, file };
  return {
    ok: false,
    file,
    problems: toldProblems(all).map(({ offset, message }) => ({ ...placeOf(offset), message })),
  };
};
