import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { isBlank, isLongerThan, trimmed } from "../../src/reasons/characters.ts";

/** Go's `unicode.White_Space`, of Unicode 15: the ranges of `_White_Space` in its `unicode/tables.go`. */
const WHITE_SPACE: ReadonlySet<number> = new Set([
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680],
  ...Array.from({ length: 11 }, (_, index) => 0x2000 + index),
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
]);

const CASES: readonly (readonly [what: string, character: string, isSpace: boolean])[] = [
  ["a blank", " ", true],
  ["a tab", "\t", true],
  ["a vertical tab", "\v", true],
  ["NEL, which JavaScript keeps", "\u0085", true],
  ["NBSP", "\u00a0", true],
  ["an em space", "\u2003", true],
  ["a line separator", "\u2028", true],
  ["a narrow NBSP", "\u202f", true],
  ["an ideographic space", "\u3000", true],
  ["U+FEFF, which JavaScript trims", "\ufeff", false],
  ["a Mongolian vowel separator", "\u180e", false],
  ["a zero-width space", "\u200b", false],
  ["an information separator", "\u001c", false],
  ["NUL", "\u0000", false],
  ["half of a surrogate pair", "\ud800", false],
  ["an emoji", "😀", false],
];

describe("white space", () => {
  it.each(CASES)("%s", (_, character, isSpace) => {
    expect(isBlank(character)).toBe(isSpace);
    expect(isBlank(` ${character}\n`)).toBe(isSpace);
    expect(trimmed(`${character}a${character}b${character}`)).toBe(
      isSpace ? `a${character}b` : `${character}a${character}b${character}`,
    );
  });

  it("is Go's, in every unit of UTF-16", () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      if (isBlank(character) !== WHITE_SPACE.has(unit)) expect(`U+${unit.toString(16)}`).toBe("as Go has it");
    }
  });

  it("is the same to both questions", () => {
    const texts = fc.array(fc.constantFrom(...CASES.map(([, character]) => character), "a", ","), { maxLength: 8 });
    fc.assert(fc.property(texts, (parts) => isBlank(parts.join("")) === (trimmed(parts.join("")) === "")));
  });

  it.each(["", " ", "a", " a", "a "])("of %j is at its ends", (text) => {
    expect(trimmed(text)).toBe(text.trim());
    expect(isBlank(text)).toBe(text.trim() === "");
  });
});

describe("a text's length", () => {
  it.each([
    ["abc", 3, false],
    ["abcd", 3, true],
    ["😀".repeat(3), 3, false],
    ["😀".repeat(4), 3, true],
    ["😀😀a", 3, false],
    ["😀😀aa", 3, true],
    ["\ud800".repeat(3), 3, false],
    ["\ud800".repeat(4), 3, true],
    ["e\u0301", 1, true],
    ["", 0, false],
    ["a", 0, true],
  ])("%j is longer than %i characters: %s", (text, max, expected) => {
    expect(isLongerThan(text, max)).toBe(expected);
  });

  it("is in code points, as CEL's size() is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.nat({ max: 40 }), (text, max) => {
        expect(isLongerThan(text, max)).toBe([...text].length > max);
      }),
    );
  });
});

describe("control characters", () => {
  it("are those of RE2's \\p{Cc}", () => {
    const re2 = RE2JS.compile("\\p{Cc}");
    for (let unit = 0; unit <= 0xffff; unit++) {
      const character = String.fromCharCode(unit);
      if (/\p{Cc}/u.test(character) !== re2.matches(character)) expect(`U+${unit.toString(16)}`).toBe("as RE2 has it");
    }
  });
});
