import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patternProblem, valuePattern } from "../../src/configuration/value-pattern.ts";

const SYNTAX = "allowed: an RE2 regular expression (https://github.com/google/re2/wiki/Syntax)";

describe("a pattern is refused for", () => {
  it.each([
    ["a(?=b)", "a look-ahead is not RE2"],
    ["^(?!.*x)[a-z]+$", "a look-ahead is not RE2"],
    ["(?<=a)b", "a look-behind is not RE2"],
    ["(?<!a)b", "a look-behind is not RE2"],
    ["(a)\\1", "a back-reference is not RE2"],
    ["(?<n>a)\\k<n>", "a back-reference is not RE2"],
    ["(?P<n>a)(?P=n)", "invalid or unsupported Perl syntax: `(?P`"],
    ["a++", "a possessive repetition is not RE2"],
    ["a*+b", "a possessive repetition is not RE2"],
    ["a?+b", "a possessive repetition is not RE2"],
    ["a{2}+b", "a possessive repetition is not RE2"],
    ["(?>a)", "an atomic group is not RE2"],
    ["\\u0041", "a character by its number is \\x{41} in RE2, not \\u0041 or \\u{41}"],
    ["[\\u{41}]", "a character by its number is \\x{41} in RE2, not \\u0041 or \\u{41}"],
    ["\\cA", "invalid escape sequence: `\\c`"],
    ["\\Z", "invalid escape sequence: `\\Z`"],
    ["\\C", "invalid escape sequence: `\\C`"],
    ["\\p{Script=Greek}", "invalid character class range: `\\p{Script=Greek}`"],
    ["(?(1)a|b)", "invalid or unsupported Perl syntax: `(?(`"],
    ["(?x)a", "invalid or unsupported Perl syntax: `(?x`"],
    ["(?<é>a)", "invalid named capture: `(?<é>`"],
    ["(", "missing closing )"],
    ["a)(b", "unexpected )"],
    ["a)|(b", "unexpected )"],
    ["[", "missing closing ]: `[`"],
    ["[^]", "missing closing ]: `[^]`"],
    ["[z-a]", "invalid character class range: `z-a`"],
    ["*", "missing argument to repetition operator: `*`"],
    ["a**", "invalid nested repetition operator: `**`"],
    ["a{2,1}", "RE2 repeats at most 1000 times, one repetition times those inside it, and never {2,1}"],
    ["a{1001}", "RE2 repeats at most 1000 times, one repetition times those inside it, and never {2,1}"],
    ["(a{100}){100}", "RE2 repeats at most 1000 times, one repetition times those inside it, and never {2,1}"],
    ["\\", "trailing backslash at end of expression"],
    ["(".repeat(512), "missing closing )"],
  ])("%s", (text, words) => {
    expect(patternProblem(text)).toBe(`${words}; ${SYNTAX}`);
  });

  it("what it would cost, however short it is", () => {
    expect(patternProblem("(a?){1000}")).toBe(
      "its repetitions make it too large, 4002 steps; allowed: an RE2 regular expression (https://github.com/google/re2/wiki/Syntax) of at most 2048 steps",
    );
  });

  it("its error, cut where it repeats what may be long and invisible", () => {
    const problem = patternProblem(`[\u202e${"x".repeat(1000)}`) ?? "";
    expect(problem).toMatch(/^missing closing \]: `\[\\u202ex+…; allowed: /);
    expect(problem.length).toBeLessThan(300);
  });
});

describe("a pattern is a whole value's", () => {
  it.each([
    ["a|ab", ["a", "ab"], ["", "b", "abb", "aab"]],
    ["^a|b$", ["a", "b"], ["ax", "xb", "ab"]],
    ["^ab$", ["ab"], ["xab", "abx", "ab\n", "\nab"]],
    ["ab", ["ab"], ["xab", "abx", "ab\n"]],
    ["(?m)^a$", ["a"], ["a\n", "b\na", "a\nb"]],
    ["a.b", ["axb", "a\nb", "a\u2028b", "a😀b"], ["ab", "axxb"]],
    ["a*?", ["", "a", "aaa"], ["b", "aab"]],
    ["(?:a|ab)(?:c|bcd)", ["ac", "abc", "abcd", "abbcd"], ["ab", "abcdx"]],
    ["(?<year>[0-9]{4})", ["2026"], ["26", "20266"]],
    ["(?P<year>[0-9]{4})", ["2026"], ["26"]],
    ["(?i)prod", ["prod", "PrOd"], ["prods"]],
    ["\\d\\w", ["1a", "1_"], ["١a", "1é", "1ſ"]],
    ["\\S", ["a", "\u00a0"], [" ", "\t"]],
    ["\\x{1F600}+", ["😀😀"], ["😁"]],
    ["[^a]", ["é", "😀", "\ud800"], ["a", "aa", ""]],
    ["", [""], ["a"]],
    ["[a-z]{1,1000}", ["a", "a".repeat(1000)], ["", "a".repeat(1001)]],
  ])("%s", (text, good, bad) => {
    expect(patternProblem(text)).toBeUndefined();
    const pattern = valuePattern(text);
    expect(good.filter((value) => !pattern.matches(value))).toEqual([]);
    expect(bad.filter((value) => pattern.matches(value))).toEqual([]);
  });

  it("as with anchors around it, whatever it is", () => {
    const piece = fc.constantFrom("a", "b", "ab", ".", "[^a]", "\\d", "^", "$", "\\b", "a|b", "(a)", "(?:a|ab)", "b?");
    const repeated = fc
      .tuple(piece, fc.constantFrom("", "", "*", "+?", "{2}"))
      .map(([one, times]) => `(?:${one})${times}`);
    const text = fc.array(fc.oneof(piece, repeated), { maxLength: 6 }).map((pieces) => pieces.join(""));
    const value = fc
      .array(fc.constantFrom("a", "b", "1", " "), { maxLength: 8 })
      .map((characters) => characters.join(""));
    fc.assert(
      fc.property(text, value, (pattern, tried) => {
        expect(valuePattern(pattern).matches(tried)).toBe(new RegExp(`^(?:${pattern})$`, "su").test(tried));
      }),
      { numRuns: 2000 },
    );
  });
});

const SLOW_ELSEWHERE = [
  "^(?:dev|devdev)+$",
  "(?:prod|prod-?)+:x",
  "^.*team.*app.*env.*reg.*role.*$",
  "(a+)+",
  "((a*)*)*b",
  "^([a-z0-9]+-?)+$",
  "(x|x)*y",
  "^(\\w+\\s?)*$",
  "(?:a|b|ab)*c",
  `${".*a".repeat(30)}b`,
  "(a?){100}a{100}",
  "(?:a|b)*a(?:a|b){12}",
];

const UNITS = ["dev", "prod", "prod-", "teamappenvregrole", "a", "ab", "aab", "x", "a ", "😀"];

/** Values that keep a backtracking pattern busy: runs of what it may match, with an end that it does not. */
const hostile = (length: number): readonly string[] =>
  UNITS.map((unit) => `${unit.repeat(length).slice(0, length - 1)}\u2603`);

const millisecondsFor = (pattern: string, values: readonly string[]): number => {
  const compiled = valuePattern(pattern);
  const start = performance.now();
  for (const value of values) compiled.matches(value);
  return performance.now() - start;
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

describe("a match takes time in proportion to the value", () => {
  it.each(SLOW_ELSEWHERE)("and no more than moments: %s", (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
    const values = [127, 1024].flatMap(hostile);
    // Twenty values; the fastest of three, since other processes run too.
    expect(Math.min(...[1, 2, 3].map(() => millisecondsFor(pattern, values)))).toBeLessThan(250);
  });

  it.each(SLOW_ELSEWHERE)("of any length: %s", (pattern) => {
    const once = (length: number) => median([1, 2, 3, 4, 5].map(() => millisecondsFor(pattern, hostile(length))));
    once(4096);
    // Four times the length: in linear time 4 times as long, in quadratic time 16 times, backtracking for ever.
    expect(once(16_384)).toBeLessThan(10 * once(4096) + 20);
  });

  it("with the largest pattern that is taken", () => {
    const pattern = "(a?){511}";
    expect(patternProblem(pattern)).toBeUndefined();
    expect(Math.min(...[1, 2, 3].map(() => millisecondsFor(pattern, ["a".repeat(1024)])))).toBeLessThan(2000);
  });
});
