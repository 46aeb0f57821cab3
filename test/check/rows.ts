/** Tables of changes to a healthy installation, and what a check says of each. */
import { expect, it } from "vitest";
import { type Finding, judgeAll } from "../../src/check/checks.ts";
import type { Facts } from "../../src/check/facts.ts";
import type { Level } from "../../src/check/verdict.ts";
import { factsWith } from "./facts.ts";

/** What is changed, the check that says so, how, and a part of the sentence. */
export type Row = readonly [change: Partial<Facts>, id: string, level: Level, text: string | RegExp];

/** What the check `id` says. */
export const find = (facts: Facts, id: string): Finding | undefined =>
  judgeAll(facts).find((finding) => finding.id === id);

/** A test for each row. */
export const itSays = (rows: readonly Row[]): void => {
  it.each(rows.map(([change, id, level, text]) => ({ change, id, level, text })))(
    "$id: $level: $text",
    ({ change, id, level, text }) => {
      const finding = find(factsWith(change), id);
      expect(finding?.text).toMatch(text);
      expect(finding?.level).toBe(level);
      expect(finding?.advice === undefined).toBe(level === "pass");
    },
  );
};
