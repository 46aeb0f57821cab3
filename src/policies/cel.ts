/**
 * CEL as text. Every expression is one line: an API server that cannot evaluate one quotes it in its answer, and a line
 * break there loses the whole warning.
 * @see https://kubernetes.io/docs/reference/using-api/cel/
 */
import { MAX_VALUE_LENGTH } from "../configuration/names.ts";
import type { Parameter } from "../configuration/settings.ts";
import { INI_BAD } from "../providers/ini.ts";

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["'", "\\'"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

const escaped = (character: string): string => {
  const named = NAMED_ESCAPES.get(character);
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** `value` as a literal, in ASCII. Half of a surrogate pair, which no text of Kubernetes has, becomes U+FFFD. */
export const text = (value: string): string => `'${value.toWellFormed().replace(/['\\]|[^ -~]/gu, escaped)}'`;

/** A list of literals. */
export const texts = (values: Iterable<string>): string => `[${[...values].map(text).join(", ")}]`;

/** A map from literals to expressions; all of one type. Of none, an empty map of texts. */
export const map = (entries: Iterable<readonly [key: string, expression: string]>): string =>
  `{${[...entries].map(([key, expression]) => `${text(key)}: ${expression}`).join(", ")}}`;

/** All of `conditions`, each in brackets; `true` of none. */
export const all = (conditions: readonly string[]): string =>
  conditions.length === 0 ? "true" : conditions.map((one) => (conditions.length === 1 ? one : `(${one})`)).join(" && ");

/** One of `conditions`, each in brackets; `false` of none. */
export const any = (conditions: readonly string[]): string =>
  conditions.length === 0
    ? "false"
    : conditions.map((one) => (conditions.length === 1 ? one : `(${one})`)).join(" || ");

/** Texts joined, as an expression: literals that follow each other become one. */
export const joined = (parts: readonly ({ readonly literal: string } | { readonly expression: string })[]): string => {
  const written: string[] = [];
  let literal = "";
  const flush = () => {
    if (literal !== "") written.push(text(literal));
    literal = "";
  };
  for (const part of parts) {
    if ("literal" in part) literal += part.literal;
    else {
      flush();
      written.push(part.expression);
    }
  }
  flush();
  return written.length === 0 ? "''" : written.join(" + ");
};

/** Does the whole of the text `subject` match the RE2 pattern `pattern`, as `value-pattern.ts` means it? */
export const matches = (subject: string, pattern: string): string =>
  `${subject}.matches(${text(`(?s)^(?:${pattern})$`)})`;

/** The RE2 pattern for one in which `*` stands for any run of characters. */
export const wildcardPattern = (pattern: string): string =>
  pattern
    .split("*")
    .map((piece) => piece.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&"))
    .join(".*");

/** Is the text `subject` one of `patterns`, in which `*` is a wildcard? Those without one are compared, which costs next to nothing. */
export const matchesOneOf = (subject: string, patterns: readonly string[]): string => {
  const exact = patterns.filter((pattern) => !pattern.includes("*"));
  const wild = patterns.filter((pattern) => pattern.includes("*"));
  return any([
    ...(exact.length === 0 ? [] : [`${subject} in ${texts(exact)}`]),
    ...wild.map((pattern) => matches(subject, wildcardPattern(pattern))),
  ]);
};

/**
 * The text `subject` for a sentence: in quotes and cut after `max` characters; one that is not printable ASCII is only
 * described, since CEL has no way to escape a terminal's control characters.
 */
export const shown = (subject: string, max = 100): string =>
  `(${subject}.size() > 4096 || !${subject}.matches('^[ -~]*$') ? 'a text of ' + string(${subject}.size()) + ' characters that cannot be shown' : strings.quote(${subject}.size() > ${max} ? ${subject}.substring(0, ${max}) + '...' : ${subject}))`;

/** A character of a name in a list: neither a comma nor white space, as `trim` has it. */
export const OF_A_NAME = "[^,\\s\\v\\x85\\pZ]";

/**
 * The names in the comma-separated list `subject`, trimmed, without empty ones; at most `max`. Taken out with a pattern, in
 * time proportional to the text: CEL's loops take time that grows with the square of what they go through, so that
 * 256 KiB of commas, split, keep an API server busy until the request times out.
 */
export const namesIn = (subject: string, max: number): string =>
  `${subject}.findAll(${text(`[^,]*${OF_A_NAME}[^,]*`)}, ${max}).map(p, p.trim())`;

/** Has the text `subject` nothing but white space in it? */
export const isBlank = (subject: string): string => `(${subject}.trim() == '')`;

/** Is the text `subject` one that an audience, or a parameter but for its pattern, may be? As `isPlainValue`. */
export const isPlain = (subject: string, max: number = MAX_VALUE_LENGTH): string =>
  `${subject}.size() <= ${max} && !${subject}.matches('\\\\p{Cc}')`;

/** What the text `subject` has to fulfil to be a value of `parameter`. */
export const isGoodValue = (subject: string, { patternText, maxLength, isInIni }: Parameter): readonly string[] => [
  isPlain(subject, maxLength),
  ...(patternText === undefined ? [] : [matches(subject, patternText)]),
  ...(isInIni ? [`!${subject}.matches(${text(INI_BAD)})`] : []),
];

/** The annotation `key` of the object `object`; an empty text where there is none. */
export const annotation = (object: string, key: string): string =>
  `${object}.metadata.?annotations[?${text(key)}].orValue('')`;
