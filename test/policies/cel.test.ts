import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { matchesAny, matchesPattern } from "../../src/configuration/patterns.ts";
import { valuePattern } from "../../src/configuration/value-pattern.ts";
import { matches, matchesOneOf, text, texts, wildcardPattern } from "../../src/policies/cel.ts";

const ESCAPE = /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gu;
const NAMED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'" };

/** What a literal of CEL says, after the language's definition; throws where it is none. */
const literal = (source: string): string => {
  const inside = /^'((?:[^'\\\n\r]|\\.)*)'$/u.exec(source)?.[1];
  if (inside === undefined) throw new Error(`not a literal: ${source}`);
  return inside.replace(ESCAPE, (whole, short?: string, long?: string, named?: string) => {
    if (named !== undefined) {
      const character = NAMED[named];
      if (character === undefined) throw new Error(`not an escape of CEL: ${whole}`);
      return character;
    }
    const code = Number.parseInt(short ?? long ?? "", 16);
    if (code >= 0xd800 && code <= 0xdfff) throw new Error(`half of a surrogate pair: ${whole}`);
    return String.fromCodePoint(code);
  });
};

/** What `subject.matches('…')` says of `value`, in the dialect of the API server. */
const evaluate = (expression: string, value: string): boolean => {
  const pattern = /^subject\.matches\((.*)\)$/su.exec(expression)?.[1];
  if (pattern === undefined) throw new Error(`not understood: ${expression}`);
  return RE2JS.compile(literal(pattern)).matcher(value).find();
};

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ maxLength: 20 }),
  fc.constantFrom("'", "\\", "\\u0041", "\n", "\r\n", "\t", "\u0000", "\u0085", "\u2028", "😀", "\ufeff", "\\n"),
);

describe("a text as a literal", () => {
  it("says the same to CEL, whatever is in it", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(text(value)).toMatch(/^[ -~]*$/);
        expect(literal(text(value))).toBe(value.toWellFormed());
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["a'b", "'a\\'b'"],
    ["a\\b", "'a\\\\b'"],
    ["a\nb", "'a\\nb'"],
    ["a\u0085b", "'a\\u0085b'"],
    ["😀", "'\\U0001f600'"],
    ["\ud800", "'\\ufffd'"],
    ["${x} $(y)", "'${x} $(y)'"],
  ])("%j is %s", (value, expected) => {
    expect(text(value)).toBe(expected);
  });
});

/** Few letters, so that what is generated often nearly matches; among them what means something to RE2. */
const letter = fc.constantFrom(
  "a",
  "b",
  ".",
  "+",
  "(",
  "[",
  "^",
  "$",
  "\\",
  "|",
  "?",
  "{",
  "-",
  "😀",
  "\n",
  " ",
  "]",
  "}",
);
const piece = fc.array(letter, { maxLength: 4 }).map((letters) => letters.join(""));
const wildcards = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("*"));

/** A pattern, and a value that it matches, or nearly. */
const patternAndValue = wildcards.chain((pattern) =>
  fc.tuple(
    fc.constant(pattern),
    fc.oneof(
      piece,
      fc.array(piece, { minLength: 8, maxLength: 8 }).map((fillings) => {
        let index = 0;
        return pattern.replace(/\*/g, () => fillings[index++] ?? "");
      }),
      fc.tuple(piece, piece).map(([before, after]) => `${before}${pattern.replaceAll("*", "")}${after}`),
    ),
  ),
);

describe("a pattern in which * is a wildcard", () => {
  it("means in RE2 what it means here", () => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(patternAndValue, ([pattern, value]) => {
        const expected = matchesPattern(pattern, value);
        seen[expected ? "yes" : "no"]++;
        expect(evaluate(matches("subject", wildcardPattern(pattern)), value)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(300);
  });

  it("is one of several: compared where it has no wildcard, else matched", () => {
    fc.assert(
      fc.property(fc.array(wildcards, { maxLength: 4 }), patternAndValue, (others, [pattern, value]) => {
        const patterns = [...others, pattern];
        const expression = matchesOneOf("subject", patterns);
        const exact = patterns.filter((one) => !one.includes("*"));
        const wild = patterns.filter((one) => one.includes("*"));
        expect(expression.includes("subject in [")).toBe(exact.length > 0);
        if (exact.length > 0) expect(expression).toContain(`subject in ${texts(exact)}`);
        const found =
          exact.includes(value) || wild.some((one) => evaluate(matches("subject", wildcardPattern(one)), value));
        expect(found).toBe(matchesAny(patterns, value));
      }),
    );
    expect(matchesOneOf("subject", [])).toBe("false");
  });
});

describe("a parameter's pattern", () => {
  it.each(["[a-z]+", "^a|b$", "a|b", "(?i)x.", ".", "[^\\s\\p{Z}\\p{Cf}]+", "\\x{1F600}", "a$|^b", "(?:a|b){2}", ""])(
    "%s means in CEL what it means here",
    (pattern) => {
      const compiled = valuePattern(pattern);
      const values = fc.oneof(
        fc.constantFrom("a", "b", "ab", "aa", "ba", "xA", "X\n", "\n", "😀", "", "a\n", "\nb", "\u00a0", "\ufeff"),
        fc.string({ unit: "grapheme", maxLength: 4 }),
      );
      fc.assert(
        fc.property(values, (value) => {
          expect(evaluate(matches("subject", pattern), value)).toBe(compiled.matches(value));
        }),
      );
    },
  );
});
