/**
 * Comments behind a collection. One can be an entry that is commented out, so that it has to stay where taking the `#`
 * away means what it meant: what it belongs to is told by its column.
 */
import type { ManifestDocument } from "./document.ts";

/** A line: where it ends, and the column of its comment; undefined where it is blank, -1 where it is neither. */
interface Line {
  readonly end: number;
  readonly column: number | undefined;
}

const lineAt = (text: string, start: number): Line => {
  const newline = text.indexOf("\n", start);
  const end = newline === -1 ? text.length : newline;
  const content = /[^ \t\r]/.exec(text.slice(start, end));
  if (content === null) return { end, column: undefined };
  return { end, column: content[0] === "#" ? content.index : -1 };
};

/** The first line behind the one in which `offset` is; `offset` itself where a block scalar has ended that one. */
const nextLine = (text: string, offset: number): number => {
  if (text[offset - 1] === "\n") return offset;
  const newline = text.indexOf("\n", offset);
  return newline === -1 ? text.length : newline + 1;
};

/** Is there a comment from `start` to `end`, where no text of a scalar is? */
export const hasComment = (text: string, start: number, end: number): boolean => /(^|\s)#/.test(text.slice(start, end));

/** The comments behind the line of `offset` in `column` or deeper, up to other text; a blank line is an empty one. */
function* commentLines(
  { file, end }: ManifestDocument,
  offset: number,
  column: number,
): Generator<{ readonly end: number; readonly comment: string }> {
  for (let at = nextLine(file.text, offset); at < end; ) {
    const line = lineAt(file.text, at);
    if (line.column !== undefined && line.column < column) return;
    yield { end: line.end, comment: line.column === undefined ? "" : file.text.slice(at + column, line.end) };
    at = line.end + 1;
  }
}

/**
 * Where the comments end that follow the line of `offset`, the end of a collection, in `column` or deeper: the end of the
 * last one's line; `offset` where there is none.
 */
export const endOfComments = (document: ManifestDocument, offset: number, column: number): number => {
  let last = offset;
  for (const { end, comment } of commentLines(document, offset, column)) if (comment !== "") last = end;
  return last;
};

/** The column of the first comment behind the line of `offset`, where nothing else comes before it and it is `column` or deeper. */
export const commentColumn = ({ file, end }: ManifestDocument, offset: number, column: number): number | undefined => {
  for (let at = nextLine(file.text, offset); at < end; ) {
    const line = lineAt(file.text, at);
    if (line.column !== undefined) return line.column >= column ? line.column : undefined;
    at = line.end + 1;
  }
  return undefined;
};

const ITEM = /^#([ \t]*)-[ \t]+(?:\{|["']?\w[\w.-]*["']?:(?:\s|$))/;

/**
 * Where the last mapping ends that is commented out, as an item of a list in `column`, behind the line of `offset`; comments in
 * front of it are its. `offset` where there is none.
 */
export const endOfItemsInComments = (document: ManifestDocument, offset: number, column: number): number => {
  let last = offset;
  let deeper: RegExp | undefined;
  for (const { end, comment } of commentLines(document, offset, column)) {
    const item = ITEM.exec(comment);
    if (item !== null) deeper = new RegExp(`^(?:[ \\t]|#[ \\t]{${(item[1]?.length ?? 0) + 1}})`);
    else if (deeper?.test(comment) !== true) deeper = undefined;
    if (deeper !== undefined) last = end;
  }
  return last;
};
