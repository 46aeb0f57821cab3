/** The table of docs/check.md, from the checks themselves. */
import { GROUPS } from "../src/check/checks.ts";
import { code, table } from "./markdown.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** A table for each group, by marker. */
export const checksTables = (): ReadonlyMap<string, string> => {
  const groups = GROUPS.map(({ title, checks }) => {
    const rows = checks.map(({ id, means, todo }) => [code(id), cell(means), cell(todo)]);
    return `### ${title}\n\n${table(["Check", "What it means", "What to do"], rows)}`;
  });
  return new Map([["checks", groups.join("\n\n")]]);
};
