import { describe, expect, it } from "vitest";
import { readBudgetMs, readGoDuration } from "../../src/admission/budget.ts";

describe("readGoDuration", () => {
  it.each([
    ["5s", 5000],
    ["1m30s", 90_000],
    ["1.5s", 1500],
    ["500ms", 500],
    ["250us", 0.25],
    ["0s", 0],
  ])("%s is %d ms", (text, expected) => expect(readGoDuration(text)).toBe(expected));

  it.each(["", "5", "s", "-5s", "5 s", "5x", `${"1".repeat(50)}s`])("%j is none", (text) =>
    expect(readGoDuration(text)).toBeUndefined(),
  );
});

describe("readBudgetMs", () => {
  it.each<[unknown, number]>([
    ["5s", 4500],
    ["10h", 27_000],
    ["0s", 9000],
    ["soon", 9000],
    [undefined, 9000],
    [["5s", "6s"], 9000],
  ])("%j leaves %d ms", (timeout, expected) => expect(readBudgetMs(timeout)).toBe(expected));
});
