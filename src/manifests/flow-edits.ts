/** Edits inside flow collections (`[…]`, `{…}`), of which JSON is made: what is added is JSON too. */
import { isMap, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import type { ReadPair } from "../yaml/nodes.ts";
import { hasComment } from "./comments.ts";
import type { ManifestFile } from "./document.ts";
import { type Edit, endOf, endOfPair, indentOf, startOfItem } from "./edits.ts";
import { toJson } from "./json-text.ts";
import type { Layout } from "./layout.ts";

/** An item, or a member with its key. */
export type FlowEntry = readonly [key: string | undefined, value: unknown];

interface FlowStyle {
  /** The white space of one level; empty where all is in one line. */
  readonly unit: string;
  /** In front of an item, and of the closing bracket, where they have lines of their own. */
  readonly inner: string;
  readonly outer: string;
  readonly between: string;
}

/** The style of a collection from `start`, whose first item is at `first`. */
const styleOf = (file: ManifestFile, start: number, first: number | undefined, layout: Layout): FlowStyle => {
  const breaks = first === undefined ? layout.jsonUnit !== "" : file.text.slice(start, first).includes("\n");
  const unit = breaks ? layout.jsonUnit || " ".repeat(layout.step) : "";
  const outer = indentOf(file, start);
  const inner = first === undefined ? outer + unit : indentOf(file, first);
  return { unit, inner, outer, between: breaks ? `,${layout.eol}${inner}` : ", " };
};

const written = (entries: readonly FlowEntry[], { unit, inner, between }: FlowStyle, { eol }: Layout): string =>
  entries
    .map(([key, value]) => (key === undefined ? "" : `${JSON.stringify(key)}: `) + toJson(value, unit, inner))
    .map((json) => json.replaceAll("\n", eol))
    .join(between);

/** A collection in a document of `layout`. */
interface FlowPlace {
  readonly file: ManifestFile;
  readonly range: readonly [start: number, end: number];
  readonly layout: Layout;
}

const intoEmpty = ({ file, range: [start, end], layout }: FlowPlace, entries: readonly FlowEntry[]): Edit => {
  const style = styleOf(file, start, undefined, layout);
  const { unit, inner, outer } = style;
  const text = written(entries, style, layout);
  const { eol } = layout;
  return { start: start + 1, end: end - 1, text: unit === "" ? text : `${eol}${inner}${text}${eol}${outer}` };
};

/** Behind the comments of a collection without items: its closing bracket has a line of its own. */
const behindComments = ({ file, range: [, end], layout }: FlowPlace, entries: readonly FlowEntry[]): Edit => {
  const outer = indentOf(file, end - 1);
  const inner = outer + " ".repeat(layout.step);
  const style = { unit: "", inner, outer, between: `,${layout.eol}${inner}` };
  const at = file.lines.startOf(end - 1);
  return { start: at, end: at, text: inner + written(entries, style, layout) + layout.eol };
};

/** The edit that puts `entries` into a collection of `file`, before its item `index` or behind its last. */
export const flowEdit = (
  file: ManifestFile,
  collection: YAMLMap | YAMLSeq,
  { index, layout }: { readonly index: number; readonly layout: Layout },
  entries: readonly FlowEntry[],
): Edit => {
  const [start, end] = collection.range ?? [0, 0, 0];
  const isMapping = isMap(collection);
  const { items } = collection;
  const last = items.at(-1);
  if (last === undefined) {
    const into = hasComment(file.text, start, end) ? behindComments : intoEmpty;
    return into({ file, range: [start, end], layout }, entries);
  }
  const style = styleOf(file, start, startOfItem(items[0], isMapping), layout);
  const text = written(entries, style, layout);
  const next = items[index];
  if (next !== undefined) {
    const at = startOfItem(next, isMapping);
    return { start: at, end: at, text: text + style.between };
  }
  const at = isMapping ? endOfPair(last as ReadPair) : endOf(last as Node);
  return { start: at, end: at, text: style.between + text };
};
