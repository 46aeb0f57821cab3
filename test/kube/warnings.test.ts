import { describe, expect, it } from "vitest";
import { readWarnings } from "../../src/kube/warnings.ts";

describe("Warning headers", () => {
  it.each([
    [undefined, []],
    ['299 - "plain"', ["plain"]],
    [
      ['299 - "one"', '299 - "two"'],
      ["one", "two"],
    ],
    ['299 - "one, 299 - two", 299 kube "three"', ["one, 299 - two", "three"]],
    [String.raw`299 - "a \"quoted\" \\ text"`, [String.raw`a "quoted" \ text`]],
    ['299 - "without an end', []],
    ["nothing", []],
    [`299 - "${"\\".repeat(100_001)}`, []],
  ])("%j", (headers, expected) => {
    expect(readWarnings(headers)).toEqual(expected);
  });
});
