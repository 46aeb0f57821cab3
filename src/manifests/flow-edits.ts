/** Edits inside flow collections (`[…]`, `{…}`), of which JSON is made: what is added is JSON too. */
import { isMap, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import type { ReadPair } from "../yaml/nodes.ts";
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

const styleOf = (file: ManifestFile, start: number, first: number | undefined, layout: Layout): FlowStyle => {
  const breaks = first === undefined ? layout.jsonUnit !== "" : file.text.slice(start, first).includes("\n");
  const unit = breaks ? layout.jsonUnit || " ".repeat(layout.step) : "";
  const outer = indentOf(file, start);
  const inner = first === undefined ? outer + unit : indentOf(file, first);
  return { unit, inner, outer, between: breaks ? `,${layout.eol}${inner}` : ", " };
};

/** The edit that puts `entries` into a collection of `file`, before its item `index` or behind its last. */
export const flowEdit = (
  file: ManifestFile,
  collection: YAMLMap | YAMLSeq,
  place: { readonly index: number; readonly layout: Layout },
  entries: readonly FlowEntry[],
): Edit => {
  const [start, end] = collection.range ?? [0, 0, 0];
  const isMapping = isMap(collection);
  const { items } = collection;
  const first = items.length === 0 ? undefined : startOfItem(items[0], isMapping);
  const { unit, inner, outer, between } = styleOf(file, start, first, place.layout);
  const { eol } = place.layout;
  const written = entries
    .map(([key, value]) => (key === undefined ? "" : `${JSON.stringify(key)}: `) + toJson(value, unit, inner))
    .map((json) => json.replaceAll("\n", eol))
    .join(between);
  const next = items[place.index];
  if (next !== undefined) {
    const at = startOfItem(next, isMapping);
    return { start: at, end: at, text: written + between };
  }
  const last = items.at(-1);
  if (last === undefined) {
    const inside = unit === "" ? written : `${eol}${inner}${written}${eol}${outer}`;
    return { start: start + 1, end: end - 1, text: inside };
  }
  const at = isMapping ? endOfPair(last as ReadPair) : endOf(last as Node);
  return { start: at, end: at, text: between + written };
};
