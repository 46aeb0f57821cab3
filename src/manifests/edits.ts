/** Edits of a text, and where in it nodes begin and end. */
import { isCollection, isMap, type Node } from "yaml";
import type { ReadPair } from "../yaml/nodes.ts";
import { type ManifestFile, startOf } from "./document.ts";

/** Replaces the text from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies `edits`, which are in order, to the part of `text` from `start` to `end`. */
export const applyEdits = (text: string, [start, end]: readonly [number, number], edits: readonly Edit[]): string => {
  const parts: string[] = [];
  let at = start;
  for (const edit of edits) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join("") + text.slice(at, end);
};

/** Where the text of `node` ends, without the comments behind it. */
export const endOf = (node: Node): number => {
  const last = isCollection(node) && node.flow !== true ? node.items.at(-1) : undefined;
  if (last === undefined) return node.range?.[1] ?? 0;
  return isMap(node) ? endOfPair(last as ReadPair) : endOf(last as Node);
};

/** Where the text of a pair ends. */
export const endOfPair = ({ key, value }: ReadPair): number => endOf(value ?? key);

/** Where a pair's text, or an item's, begins. */
export const startOfItem = (item: unknown, isPair: boolean): number =>
  startOf(isPair ? (item as ReadPair).key : (item as Node));

/** The column of `offset`, from 0. */
export const columnOf = ({ lines }: ManifestFile, offset: number): number => offset - lines.startOf(offset);

/** The white space with which the line of `offset` begins. */
export const indentOf = ({ lines, text }: ManifestFile, offset: number): string =>
  /^[ \t]*/.exec(text.slice(lines.startOf(offset), offset))?.[0] ?? "";
