/** Removals as edits of the text: an entry goes with its line's comment and those right above it, and nothing else does. */
import { isCollection, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { pairOf, type ReadPair } from "../yaml/nodes.ts";
import { endOfComments, endOfItemsInComments, hasComment } from "./comments.ts";
import { type ManifestDocument, startOf } from "./document.ts";
import { columnOf, type Edit, endOf, endOfPair, startOfItem } from "./edits.ts";
import { NotInPlace } from "./overlay.ts";
import { byParent, type Rename, type ValuePath } from "./remove-value.ts";

type Collection = YAMLMap | YAMLSeq;

const nodeAt = (document: ManifestDocument, path: ValuePath): unknown =>
  path.reduce<unknown>((node, step) => {
    if (isSeq(node)) return node.items[Number(step)];
    return isMap(node) ? pairOf(node, step)?.value : undefined;
  }, document.root);

/** Entries of a collection that follow each other: the first, and the one behind the last. */
interface Run {
  readonly from: number;
  readonly to: number;
}

const runsOf = (indexes: readonly number[]): readonly Run[] => {
  const runs: { from: number; to: number }[] = [];
  for (const index of indexes.toSorted((one, other) => one - other)) {
    const last = runs.at(-1);
    if (last?.to === index) last.to++;
    else runs.push({ from: index, to: index + 1 });
  }
  return runs;
};

/** The entries of one collection. */
class Remover {
  private readonly document: ManifestDocument;
  private readonly text: string;
  private readonly collection: Collection;
  /** Of its keys or dashes. */
  private readonly column: number;

  constructor(document: ManifestDocument, collection: Collection) {
    this.document = document;
    this.text = document.file.text;
    this.collection = collection;
    this.column = columnOf(document.file, collection.range?.[0] ?? 0);
  }

  edit(run: Run): Edit {
    if (this.collection.flow === true) return this.inFlow(run);
    if (run.from === 0 && run.to === this.collection.items.length) throw new NotInPlace("nothing would be left");
    return this.isInLineOfItsOwn(run.from) ? this.lines(run) : this.headOfLine(run);
  }

  private get count(): number {
    return this.collection.items.length;
  }

  private contentStart(index: number): number {
    return startOfItem(this.collection.items[index], isMap(this.collection));
  }

  private contentEnd(index: number): number {
    const item = this.collection.items[index];
    return isMap(this.collection) ? endOfPair(item as ReadPair) : endOf(item as Node);
  }

  /** Where the key or the dash of an entry is. */
  private startOf(index: number): number {
    if (index === 0) return this.collection.range?.[0] ?? 0;
    let line = this.document.file.lines.startOf(this.contentStart(index));
    const end = this.contentEnd(index - 1);
    for (;;) {
      const start = line + this.column;
      const isHere = isMap(this.collection) ? start === this.contentStart(index) : this.text[start] === "-";
      if (isHere && this.text.slice(line, start).trim() === "") return start;
      if (line <= end) throw new NotInPlace("an entry does not begin where the others do");
      line = this.text.lastIndexOf("\n", line - 2) + 1;
    }
  }

  private isInLineOfItsOwn(index: number): boolean {
    const start = this.startOf(index);
    return this.text.slice(this.document.file.lines.startOf(start), start).trim() === "";
  }

  /** May items of an entry's list stand in its own column, if only in comments? */
  private isListHere(index: number): boolean {
    if (!isMap(this.collection)) return false;
    const { value } = this.collection.items[index] as ReadPair;
    if (!isSeq(value)) return isScalar(value) && value.value === null;
    return value.items.length === 0 || (!value.flow && columnOf(this.document.file, startOf(value)) === this.column);
  }

  /** The end of the line in which an entry ends, or of the comments behind it that are its. */
  private endOfLines(index: number): number {
    const content = this.contentEnd(index);
    const items = this.isListHere(index) ? endOfItemsInComments(this.document, content, this.column) : content;
    const end = endOfComments(this.document, items, this.column + 1);
    // A block scalar ends where the next line begins.
    if (this.text[end - 1] === "\n") return end;
    const newline = this.text.indexOf("\n", end);
    return newline === -1 ? this.text.length : newline + 1;
  }

  /** Where the comments begin that stand right above an entry, in its column. */
  private startOfComments(index: number): number {
    let start = this.document.file.lines.startOf(this.startOf(index));
    const least = index === 0 ? this.document.start : this.endOfLines(index - 1);
    while (start > least) {
      const above = this.text.lastIndexOf("\n", start - 2) + 1;
      const comment = /^[ \t]*#/.exec(this.text.slice(above, start));
      if (above < least || comment === null || comment[0].length - 1 !== this.column) break;
      start = above;
    }
    return start;
  }

  private lines({ from, to }: Run): Edit {
    const start = this.startOfComments(from);
    const end = this.endOfLines(to - 1);
    // The last line of the file goes with the break in front of it where it has none behind.
    const isOpen = this.text[end - 1] !== "\n" && start > this.document.start;
    const before = this.text[start - 2] === "\r" ? 2 : 1;
    return { start: isOpen ? start - before : start, end, text: "" };
  }

  /** The first entries, behind a dash: what follows them moves up to it. */
  private headOfLine({ from, to }: Run): Edit {
    const start = this.startOf(from);
    const next = this.startOf(to);
    const end = this.endOfLines(to - 1);
    if (!this.text.slice(end, next).includes("#")) return { start, end: next, text: "" };
    const eol = this.text[end - 2] === "\r" ? "\r\n" : "\n";
    return { start: this.text.slice(0, start).trimEnd().length, end, text: eol };
  }

  private inFlow({ from, to }: Run): Edit {
    const [first = 0, last = 0] = this.collection.range ?? [];
    let edit = { start: this.contentStart(from), end: to < this.count ? this.contentStart(to) : 0 };
    if (from === 0 && to === this.count) edit = { start: first + 1, end: last - 1 };
    else if (to === this.count) edit = { start: this.contentEnd(from - 1), end: this.contentEnd(to - 1) };
    if (hasComment(this.text, edit.start, edit.end)) throw new NotInPlace("there is a comment between");
    return { ...edit, text: "" };
  }
}

const indexesOf = (collection: Collection, steps: ReadonlySet<string>): readonly number[] =>
  [...steps].map((step) => {
    const index = isSeq(collection)
      ? Number(step)
      : collection.items.indexOf(pairOf(collection, step) as (typeof collection.items)[number]);
    if (collection.items[index] === undefined) throw new NotInPlace(`there is no ${step} of its own`);
    return index;
  });

/** The edits that take away what is at `paths`; throws {@link NotInPlace} where none can. */
export const removalEdits = (document: ManifestDocument, paths: readonly ValuePath[]): readonly Edit[] =>
  [...byParent(paths).values()].flatMap(({ parent, steps }) => {
    const collection = nodeAt(document, parent);
    if (!isCollection(collection) || !(isMap(collection) || isSeq(collection)))
      throw new NotInPlace("it is written elsewhere");
    const remover = new Remover(document, collection);
    return runsOf(indexesOf(collection, steps)).map((run) => remover.edit(run));
  });

/** The edit that gives a member another key; throws {@link NotInPlace} where none can. */
export const renameEdit = (document: ManifestDocument, { path, key }: Rename): Edit => {
  const map = nodeAt(document, path.slice(0, -1));
  const pair = isMap(map) ? pairOf(map, path.at(-1) ?? "") : undefined;
  if (pair === undefined) throw new NotInPlace("it is written elsewhere");
  const start = startOf(pair.key);
  const end = pair.key.range?.[1] ?? start;
  const isQuoted = document.isJson || !/^[a-z0-9][\w./-]*$/.test(key);
  return { start, end, text: isQuoted ? JSON.stringify(key) : key };
};
