/** A manifest file as text and as documents: the text is what is written back, the documents are what is read. */

import { type Document, isCollection, isMap, type Node } from "yaml";
import { Lines, type TextPlace } from "../yaml/lines.ts";
import type { Targets } from "../yaml/nodes.ts";
import { readYaml, toldProblems } from "../yaml/read.ts";
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

/** Behind the line break after `offset`: where the last value is empty, the library's document ends in front of it. */
const endOfLine = (text: string, offset: number): number => {
  const rest = /[ \t]*\r?\n/y;
  rest.lastIndex = offset;
  return text[offset - 1] !== "\n" && rest.test(text) ? rest.lastIndex : offset;
};

/** Reads the text of a file of YAML or JSON documents. */
export const readManifest = (name: string, text: string): ReadManifest => {
  const lines = new Lines(text);
  const placeOf = (offset: number): Place => ({ file: name, ...lines.placeOf(offset) });
  const { documents, problem } = readYaml(text, READ_OPTIONS);
  const problems = toldProblems([...(problem ? [problem] : []), ...documents.flatMap((one) => one.problems)]);
  if (problems.length > 0)
    return { ok: false, problems: problems.map(({ offset, message }) => ({ ...placeOf(offset), message })) };

  const read: ManifestDocument[] = [];
  const file: ManifestFile = { name, text, lines, documents: read, placeOf };
  let start = 0;
  documents.forEach(({ parsed, value, targets }, index) => {
    const end = index === documents.length - 1 ? text.length : endOfLine(text, parsed.range[2]);
    const { contents } = parsed;
    const isJson = isMap(contents) && contents.flow === true && isJsonText(text.slice(start, end));
    const root = isCollection(contents) ? contents : undefined;
    read.push({ file, start, end, parsed, root, targets, value, isJson });
    start = end;
  });
  return { ok: true, file };
};
