/** A manifest file as text and as documents: the text is what is written back, the documents are what is read. */

import { type Document, isCollection, isMap, LineCounter, type Node, parseAllDocuments, visit } from "yaml";
import { messageOf } from "../reasons/text.ts";
import { READ_OPTIONS } from "./kubernetes-yaml.ts";

/** A place for people; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
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
  /** What it holds, as `kubernetes-yaml.ts` reads it. */
  readonly value: unknown;
  /** Is it JSON, and has to stay so? */
  readonly isJson: boolean;
}

/** A file of manifests, or what came in on stdin. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
  readonly documents: readonly ManifestDocument[];
  placeOf(offset: number): Place;
}

/** A file that was read, or why it cannot be. */
export type ReadManifest =
  | { readonly ok: true; readonly file: ManifestFile }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

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

/** Where an alias without an anchor is, else where the document begins. */
const suspect = (document: Document.Parsed): number => {
  let offset = document.range[0];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = startOf(alias);
      return visit.BREAK;
    },
  });
  return offset;
};

const readValue = (
  document: Document.Parsed,
): { readonly value: unknown } | { readonly problem: string; readonly offset: number } => {
  try {
    return { value: document.toJS({ mapAsMap: true }) };
  } catch (error) {
    // Aliases without an anchor, and those that grow beyond the library's bound, are found only here.
    return { problem: messageOf(error), offset: suspect(document) };
  }
};

/** Reads the text of a file of YAML or JSON documents. */
export const readManifest = (name: string, text: string): ReadManifest => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...READ_OPTIONS, lineCounter: lines });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file: name, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const read: ManifestDocument[] = [];
  const problems: ManifestProblem[] = [];
  const file: ManifestFile = { name, text, documents: read, placeOf };
  const all = "empty" in documents ? [] : documents;
  let start = 0;
  all.forEach((parsed, index) => {
    const end = index === all.length - 1 ? text.length : parsed.range[2];
    for (const error of parsed.errors) problems.push({ ...placeOf(error.pos[0]), message: error.message });
    const value = parsed.errors.length > 0 ? { value: undefined } : readValue(parsed);
    if ("problem" in value) problems.push({ ...placeOf(value.offset), message: value.problem });
    else {
      const { contents } = parsed;
      const isJson = isMap(contents) && contents.flow === true && isJsonText(text.slice(start, end));
      const root = isCollection(contents) ? contents : undefined;
      read.push({ file, start, end, parsed, root, value: value.value, isJson });
    }
    start = end;
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, file };
};
