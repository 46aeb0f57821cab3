import { describe, expect, it } from "vitest";
import { line, list, quote } from "../../src/reasons/text.ts";

describe("quote", () => {
  it.each([
    ["plain", "a", '"a"'],
    ["quotes and backslashes", 'a"b\\', '"a\\"b\\\\"'],
    ["control characters", "a\n\u001b[31m\u0085", '"a\\u000a\\u001b[31m\\u0085"'],
    ["what turns text around or cannot be seen", "\u202e\u200b\u2028\ufeff", '"\\u202e\\u200b\\u2028\\ufeff"'],
    ["other spaces", "a \u00a0\u2003\u3000\u3164\u2800", '"a \\u00a0\\u2003\\u3000\\u3164\\u2800"'],
    ["half a pair", "\ud83d", '"\\ud83d"'],
    ["an emoji", "😀", '"😀"'],
    ["a private-use character", "\u{10ffff}", '"\\u{10ffff}"'],
    ["40 characters", "a".repeat(40), `"${"a".repeat(40)}"`],
    ["41 characters", "a".repeat(41), `"${"a".repeat(39)}…"`],
    ["an emoji at the cut", `${"a".repeat(38)}😀a`, `"${"a".repeat(38)}…"`],
  ])("writes %s", (_, value, expected) => {
    expect(quote(value)).toBe(expected);
  });

  it("stays short where everything has to be escaped", () => {
    expect(quote("\u0000".repeat(1000), 20).length).toBeLessThanOrEqual(42);
  });
});

describe("list", () => {
  it.each([
    [["a", "b"], "a, b"],
    [["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 more"],
    [["not plain", "*"], '"not plain", *'],
    [[], ""],
  ])("%j is %s", (names, expected) => {
    expect(list(names)).toBe(expected);
  });
});

describe("line", () => {
  it("escapes and cuts", () => {
    expect(line("a\nb", 120)).toBe("a\\u000ab");
    expect(line("a".repeat(121), 120)).toBe(`${"a".repeat(119)}…`);
  });
});
