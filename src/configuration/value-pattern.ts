/**
 * What a parameter's values may look like: RE2, which takes time in proportion to a value's length whatever the pattern.
 * Whoever may annotate a ServiceAccount chooses the value, and the configuration's author the pattern.
 */
import { RE2JS } from "re2js";
import { line, messageOf } from "../reasons/text.ts";
import type { ValuePattern } from "./settings.ts";

/** In characters, as it is written. */
export const MAX_PATTERN_LENGTH = 1024;

/** A value's every character may cost one step an instruction, and repetitions multiply those: `(a?){500}` has 2,000. */
export const MAX_PATTERN_STEPS = 2048;

const SYNTAX = "an RE2 regular expression (https://github.com/google/re2/wiki/Syntax)";

// `.` is any character: the only ones it could leave out are not in a value.
const compile = (text: string): RE2JS => RE2JS.compile(text, RE2JS.DOTALL);

/** `text`, which {@link patternProblem} has no word against, over whole values; compiled for the first of them. */
export const valuePattern = (text: string): ValuePattern => {
  let compiled: RE2JS | undefined;
  return {
    matches: (value) => {
      compiled ??= compile(text);
      return compiled.testExact(value);
    },
  };
};

/** The steps that each character of a value may cost with `text`, which {@link patternProblem} has no word against. */
export const patternSteps = (text: string): number => compile(text).programSize();

/** What other dialects have, or allow more of, than RE2: how the library's error ends, and the words for it. */
const ELSEWHERE: readonly (readonly [error: RegExp, words: string])[] = [
  [/: `\(\?[=!]`$/, "a look-ahead is not RE2"],
  [/: `\(\?<[=!].*`$/su, "a look-behind is not RE2"],
  [/invalid escape sequence: `\\[1-9k]`$/, "a back-reference is not RE2"],
  [/: `\(\?>`$/, "an atomic group is not RE2"],
  [/invalid nested repetition operator: `[^`]*\+`$/, "a possessive repetition is not RE2"],
  [/invalid escape sequence: `\\u`$/, "a character by its number is \\x{41} in RE2, not \\u0041 or \\u{41}"],
  [
    /invalid repeat count: `.*`$/,
    "RE2 repeats at most 1000 times, one repetition times those inside it, and never {2,1}",
  ],
];

const inWords = (error: unknown, text: string): string => {
  const message = messageOf(error);
  const words = ELSEWHERE.find(([pattern]) => pattern.test(message))?.[1];
  if (words !== undefined) return words;
  // The whole pattern is told before.
  return line(message.replace("error parsing regexp: ", "").replace(`: \`(?s)${text}\``, ""), 200);
};

/**
 * What is wrong with a pattern of at most {@link MAX_PATTERN_LENGTH} characters, and what is allowed; undefined if it is
 * good.
 */
export const patternProblem = (text: string): string | undefined => {
  try {
    const size = compile(text).programSize();
    if (size <= MAX_PATTERN_STEPS) return undefined;
    return `its repetitions make it too large, ${size} steps; allowed: ${SYNTAX} of at most ${MAX_PATTERN_STEPS} steps`;
  } catch (error) {
    return `${inWords(error, text)}; allowed: ${SYNTAX}`;
  }
};
