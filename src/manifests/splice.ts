/** Additions as edits of the text, so that everything else stays as it is, byte for byte. */
import { isScalar, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import type { ReadPair } from "../yaml/nodes.ts";
import type { Addition } from "./add-value.ts";
import { commentColumn, endOfComments, hasComment } from "./comments.ts";
import { type ManifestDocument, type ManifestFile, startOf } from "./document.ts";
import { applyEdits, columnOf, type Edit, endOf } from "./edits.ts";
import { type FlowEntry, flowEdit } from "./flow-edits.ts";
import { toJson } from "./json-text.ts";
import { blockLines, isInline, type Layout, layoutOf } from "./layout.ts";
import { type ListItem, NotInPlace, Overlay, type SetMember } from "./overlay.ts";

const indented = (lines: readonly string[], column: number): readonly string[] =>
  lines.map((line) => (line === "" ? "" : " ".repeat(column) + line));

/** Collects the edits of one document. */
class Splicer {
  readonly edits: Edit[] = [];
  private readonly document: ManifestDocument;
  private readonly file: ManifestFile;
  private readonly text: string;
  private readonly layout: Layout;

  constructor(document: ManifestDocument) {
    this.document = document;
    this.file = document.file;
    this.text = document.file.text;
    this.layout = layoutOf(document);
  }

  /** The members set in `map`: new ones behind its last, others in their place. */
  members(map: YAMLMap, set: readonly SetMember[]): void {
    for (const { pair, value } of set) if (pair !== undefined) this.replaceValue(map, pair, value);
    const added = set.filter(({ pair }) => pair === undefined).map(({ key, value }) => [key, value] as const);
    if (added.length === 0) return;
    if (map.flow === true) {
      this.flow(map, map.items.length, added);
      return;
    }
    const first = map.items[0] as ReadPair;
    const lines = blockLines(new Map(added), this.layout);
    const column = columnOf(this.file, startOf(first.key));
    // In its own column can also stand what belongs to a list that is its last value.
    this.linesAfter(endOfComments(this.document, endOf(map), column), indented(lines, column));
  }

  /** The items that a list gets in front and behind, and those that take another's place. */
  items(list: YAMLSeq, items: readonly ListItem[]): void {
    for (const { node, written } of items)
      if (node !== undefined && written !== undefined) this.replace(node, written.value, list.flow === true);
    const isNew = ({ node }: ListItem) => node === undefined;
    const firstOld = items.findIndex((item) => !isNew(item));
    const lastOld = items.findLastIndex((item) => !isNew(item));
    if (items.slice(Math.max(firstOld, 0), lastOld + 1).some(isNew)) throw new NotInPlace("not first and not last");
    const values = (part: readonly ListItem[]) => part.map(({ written }) => written?.value);
    this.newItems(list, 0, values(items.slice(0, Math.max(firstOld, 0))));
    this.newItems(list, list.items.length, values(items.slice(lastOld + 1)));
  }

  private newItems(list: YAMLSeq, index: number, values: readonly unknown[]): void {
    if (values.length === 0) return;
    if (list.flow === true) {
      const entries = values.map((value) => [undefined, value] as const);
      this.flow(list, index, entries);
      return;
    }
    const column = columnOf(this.file, startOf(list));
    const lines = indented(blockLines(values, this.layout), column);
    if (index === 0) this.linesBefore(startOf(list), lines);
    // In its own column can also stand what belongs to the mapping around it.
    else this.linesAfter(endOfComments(this.document, endOf(list), column + 1), lines);
  }

  private flow(collection: YAMLMap | YAMLSeq, index: number, entries: readonly FlowEntry[]): void {
    this.edits.push(flowEdit(this.file, collection, { index, layout: this.layout }, entries));
  }

  private linesAfter(end: number, lines: readonly string[]): void {
    const { eol } = this.layout;
    const written = lines.join(eol);
    const newline = this.text.indexOf("\n", end);
    let edit = { start: newline, text: eol + written };
    // A block scalar ends where the next line begins.
    if (this.text[end - 1] === "\n") edit = { start: end, text: written + eol };
    else if (newline === -1) edit = { start: this.text.length, text: eol + written };
    else if (this.text[newline - 1] === "\r") edit = { start: newline - 1, text: eol + written };
    this.edits.push({ ...edit, end: edit.start });
  }

  private linesBefore(start: number, lines: readonly string[]): void {
    let at = start - columnOf(this.file, start);
    if (this.text.slice(at, start).trim() !== "") throw new NotInPlace("the list begins in the line of its key");
    // A comment above the first item stays with it.
    while (at > 0) {
      const previous = this.text.lastIndexOf("\n", at - 2) + 1;
      if (!/^[ \t]*#/.test(this.text.slice(previous, at))) break;
      at = previous;
    }
    this.edits.push({ start: at, end: at, text: lines.map((line) => line + this.layout.eol).join("") });
  }

  private replaceValue(map: YAMLMap, { key, value: old }: ReadPair, value: unknown): void {
    if (old === null) throw new NotInPlace("a key without a colon");
    const [start, end] = old.range ?? [0, 0];
    if (map.flow === true || isInline(value)) {
      this.replace(old, value, map.flow === true);
      return;
    }
    const own = columnOf(this.file, startOf(key));
    const deeper = Array.isArray(value) && !this.layout.indentSeq ? 0 : this.layout.step;
    // What is commented out below the key goes on being of one collection with what is written.
    const column = commentColumn(this.document, end, own + (Array.isArray(value) ? 0 : 1)) ?? own + deeper;
    if (start < end) this.edits.push({ start: this.endOfHead(endOf(key), start), end, text: "" });
    this.linesAfter(end, indented(blockLines(value, this.layout), column));
  }

  /** Where what is written in front of a value ends: its key, or the comments below that. */
  private endOfHead(endOfKey: number, start: number): number {
    return hasComment(this.text, endOfKey, start) ? start : this.text.slice(0, start).trimEnd().length;
  }

  /** What stands behind the `|` or `>` of a block scalar. */
  private commentInside(node: Node): string {
    if (!isScalar(node) || !(node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED")) return "";
    const [start, end] = node.range ?? [0, 0];
    return /^\S+([ \t]+#[^\r\n]*)/.exec(this.text.slice(start, end))?.[1] ?? "";
  }

  /** Where a value is. One that is not written has its comment in front of its end. */
  private placeOf({ range }: Node): { readonly start: number; readonly end: number } {
    const [start, end] = range ?? [0, 0];
    if (start < end) return { start, end };
    const at = this.text.slice(0, start).trimEnd().length;
    return { start: at, end: at };
  }

  private replace(node: Node, value: unknown, inFlow: boolean): void {
    const { start, end } = this.placeOf(node);
    // Nothing was written after the colon, or a block scalar that ended its own line.
    const lead = start === end || this.text[start - 1] === ":" ? " " : "";
    const lines = inFlow ? [] : blockLines(value, this.layout);
    const isOneLine = inFlow || (isInline(value) && lines.length > 1);
    const column = columnOf(this.file, start) + lead.length;
    const written = isOneLine ? toJson(value) : lines.join(this.layout.eol + " ".repeat(column));
    const tail = this.text[end - 1] === "\n" ? this.layout.eol : "";
    this.edits.push({ start, end, text: lead + written + this.commentInside(node) + tail });
  }
}

/** The edits that make `additions` in the text of `document`, in order; throws {@link NotInPlace} where none can. */
export const editsFor = (document: ManifestDocument, additions: readonly Addition[]): readonly Edit[] => {
  if (document.root === undefined) throw new NotInPlace("the document is empty");
  const overlay = new Overlay(document.root, document);
  for (const addition of additions) overlay.add(addition);
  const splicer = new Splicer(document);
  const writes = [
    ...[...overlay.members].map(([map, set]) => [startOf(map), () => splicer.members(map, [...set.values()])] as const),
    ...[...overlay.lists].map(([list, items]) => [startOf(list), () => splicer.items(list, items)] as const),
  ];
  // Two collections can end at one place; what goes into the inner one is written first.
  for (const [, write] of writes.toSorted(([one], [other]) => other - one)) write();
  // The sort is stable.
  return splicer.edits.toSorted((one, other) => one.start - other.start);
};

/** The text of `document` with `additions`, or throws {@link NotInPlace}. */
export const splice = (document: ManifestDocument, additions: readonly Addition[]): string =>
  applyEdits(document.file.text, [document.start, document.end], editsFor(document, additions));
