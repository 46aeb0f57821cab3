import { describe, expect, it } from "vitest";
import { line, list, quote, quoteBoth } from "../../src/reasons/text.ts";

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

describe("quoteBoth", () => {
  const role = (account: string, name = "orders-backend-service") => `arn:aws:iam::${account}:role/${name}`;

  it.each<[string, string, string, readonly [string, string]]>([
    ["short ones", "a", "b", ['"a"', '"b"']],
    ["nothing and something", "", "b".repeat(30), ['""', `"${"b".repeat(19)}…"`]],
    [
      "the ends, where the difference is",
      role("1", "my-old-api"),
      role("1", "my-api"),
      ['"…::1:role/my-old-api"', '"…:iam::1:role/my-api"'],
    ],
    [
      "another part of long ones",
      role("111111111111"),
      role("123456789012"),
      ['"…m::111111111111:ro…"', '"…m::123456789012:ro…"'],
    ],
    ["their starts", `x${role("1")}`, role("1"), ['"xarn:aws:iam::1:rol…"', '"arn:aws:iam::1:role…"']],
    [
      "the first of two differences",
      role("1", "a".repeat(30)),
      role("2", "b"),
      ['"…am::1:role/aaaaaaa…"', '"…am::2:role/b"'],
    ],
    ["one that goes on", role("1"), `${role("1")}-of-the-other-region`, ['"…vice"', '"…vice-of-the-other-…"']],
    [
      "ends of which nothing is left when they are escaped",
      `${"\0".repeat(19)}a`,
      `${"\0".repeat(19)}b`,
      ['"…\\u0000\\u0000\\u0000\\u0000a"', '"…\\u0000\\u0000\\u0000\\u0000b"'],
    ],
  ])("shows %s", (_, one, other, expected) => {
    expect(quoteBoth(one, other, 20)).toEqual(expected);
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
