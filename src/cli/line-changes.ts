/** Which lines of a text its edits change. In time that is linear in both, as a search for differences is not. */
import { diffArrays } from "diff";
import { applyEdits, type Edit } from "../manifests/edits.ts";

/** A run of lines that become others. */
export interface LineChange {
  /** The first of them, or the line in front of which others are added; from 0. */
  readonly at: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Beyond so many differences in one edit, all its lines are removed and added. */
const MAX_EDIT_LENGTH = 500;

/** The lines of `text`, each with its line break. */
export const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Lines from `first` up to `end`, and the edits in them. */
interface Touched {
  readonly first: number;
  end: number;
  readonly edits: Edit[];
}

/** The edits, those that share a line together. `starts` says where each line begins, and where the last ends. */
const touchedLines = (starts: readonly number[], edits: readonly Edit[]): readonly Touched[] => {
  const groups: Touched[] = [];
  const count = starts.length - 1;
  let at = 0;
  const lineOf = (offset: number): number => {
    while (at < count && (starts[at + 1] ?? 0) <= offset) at++;
    return at;
  };
  for (const edit of edits) {
    const line = lineOf(edit.start);
    // At the end of a text without a line break stands its last line.
    const first = Math.max(Math.min(line, count - 1), 0);
    const end = Math.min(lineOf(edit.end) + 1, count);
    const group = groups.at(-1);
    if (group !== undefined && first < group.end) {
      group.end = Math.max(group.end, end);
      group.edits.push(edit);
    } else groups.push({ first, end, edits: [edit] });
  }
  return groups;
};

/** The change from `old` to `now` that begins at line `at`, without the lines that both begin and end with. */
const trimmed = (old: readonly string[], now: readonly string[], at: number): LineChange => {
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  return {
    at: at + head,
    removed: old.slice(head, old.length - tail),
    added: now.slice(head, now.length - tail),
  };
};

/** `change` in as many parts as it has lines in the middle that stay. */
const parted = (change: LineChange): readonly LineChange[] => {
  const { removed, added } = change;
  if (removed.length === 0 && added.length === 0) return [];
  if (removed.length === 0 || added.length === 0) return [change];
  // Its types forget that the answer is missing beyond `maxEditLength`.
  const parts = diffArrays([...removed], [...added], { maxEditLength: MAX_EDIT_LENGTH }) as
    | ReturnType<typeof diffArrays<string>>
    | undefined;
  if (parts === undefined) return [change];
  let at = change.at;
  return parts.flatMap(({ value, removed: isRemoved, added: isAdded }): LineChange[] => {
    const here = { at, removed: isRemoved ? value : [], added: isAdded ? value : [] };
    if (!isAdded) at += value.length;
    return isRemoved || isAdded ? [here] : [];
  });
};

/** `changes`, with those that meet as one: what is removed stands in front of what is added. */
const joined = (changes: readonly LineChange[]): readonly LineChange[] => {
  const runs: LineChange[][] = [];
  let end = -1;
  for (const change of changes) {
    if (change.at === end) runs.at(-1)?.push(change);
    else runs.push([change]);
    end = change.at + change.removed.length;
  }
  return runs.map((run) => ({
    at: run[0]?.at ?? 0,
    removed: run.flatMap(({ removed }) => removed),
    added: run.flatMap(({ added }) => added),
  }));
};

/** What `edits`, which are in order and count from the beginning of `text`, change in its lines. */
export const lineChanges = (text: string, edits: readonly Edit[]): readonly LineChange[] => {
  const lines = linesOf(text);
  const starts = [0];
  for (const one of lines) starts.push((starts.at(-1) ?? 0) + one.length);
  const changes = touchedLines(starts, edits).map((touched) => {
    const now = applyEdits(text, [starts[touched.first] ?? 0, starts[touched.end] ?? text.length], touched.edits);
    return trimmed(lines.slice(touched.first, touched.end), linesOf(now), touched.first);
  });
  return joined(joined(changes).flatMap(parted));
};
