/** Edits of a text, and where in it nodes begin and end. */
import { isCollection, isMap, type Node, type Pair } from "yaml";
import { startOf } from "./document.ts";

/** Replaces the text from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies `edits` to the part of `text` from `start` to `end`. Of two at one place the first comes first. */
export const applyEdits = (text: string, [start, end]: readonly [number, number], edits: readonly Edit[]): string => {
  const parts: string[] = [];
  let at = start;
  // The sort is stable.
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join("") + text.slice(at, end);
};

/** A pair as the library reads it from text. */
export type ReadPair = Pair<Node, Node | null>;

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
export const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf("\n", offset - 1) + 1);

/** The white space with which the line of `offset` begins. */
export const indentOf = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(offset - columnOf(text, offset), offset))?.[0] ?? "";
