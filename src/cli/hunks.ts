/** The hunks of a unified diff, from the lines that change. */
import type { LineChange } from "./line-changes.ts";

/** Lines of context around a change. */
export const CONTEXT = 3;

/** A hunk: its heading, and its lines with ` `, `-` or `+` in front. */
export interface Hunk {
  readonly heading: string;
  readonly lines: readonly string[];
}

const NO_LINE_BREAK = "\\ No newline at end of file";

const shown = (sign: string, lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => (line.endsWith("\n") ? [sign + line.slice(0, -1)] : [sign + line, NO_LINE_BREAK]));

/** Changes with no more lines between them than their contexts have. */
const grouped = (changes: readonly LineChange[]): readonly (readonly LineChange[])[] => {
  const groups: LineChange[][] = [];
  let end = 0;
  for (const change of changes) {
    const group = groups.at(-1);
    if (group !== undefined && change.at - end <= 2 * CONTEXT) group.push(change);
    else groups.push([change]);
    end = change.at + change.removed.length;
  }
  return groups;
};

const range = (start: number, count: number): string => (count === 1 ? `${start}` : `${start},${count}`);

/**
 * The hunks that bring `changes` to `lines`. `shift` lines stand above the first of them; the context that changes before
 * it is given by is already as they left it.
 */
export const hunksOf = (lines: readonly string[], changes: readonly LineChange[], shift: number): readonly Hunk[] => {
  let grown = 0;
  return grouped(changes).map((group) => {
    const start = Math.max((group[0]?.at ?? 0) - CONTEXT, 0);
    const parts: (readonly string[])[] = [];
    let at = start;
    let difference = 0;
    for (const { at: next, removed, added } of group) {
      parts.push(shown(" ", lines.slice(at, next)), shown("-", removed), shown("+", added));
      at = next + removed.length;
      difference += added.length - removed.length;
    }
    const end = Math.min(at + CONTEXT, lines.length);
    parts.push(shown(" ", lines.slice(at, end)));
    const count = end - start;
    const old = range(start + 1 + shift, count);
    const now = range(start + 1 + shift + grown, count + difference);
    grown += difference;
    return { heading: `@@ -${old} +${now} @@`, lines: parts.flat() };
  });
};
