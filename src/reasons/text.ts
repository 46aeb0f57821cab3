/**
 * Text for people that carries values from users: quoted, cut and with nothing invisible in it, so that neither a
 * terminal nor a log line can be made to say something else.
 */

// Control, format (bidirectional, zero-width), surrogate, private-use and unassigned characters, line separators, every
// space but the usual one, and letters that are drawn as nothing (Braille blank, Hangul fillers).
const INVISIBLE = /(?! )[\p{C}\p{Z}\u2800\u3164\u115f\u1160\uffa0]/gu;

/** Most texts are; looking for what is invisible in the whole of Unicode costs more than deciding over a pod. */
const PLAIN = /^[ -~]*$/;

/** Plain, and without what is escaped in quotes: as it is nearly always. */
const NEEDS_NOTHING = /^[ !#-[\]-~]*$/;

const escapeCharacter = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

const escapeInvisible = (text: string): string => (PLAIN.test(text) ? text : text.replace(INVISIBLE, escapeCharacter));

// Control characters but tabs and line breaks, and what turns the direction of all that follows.
const CONTROL = /\r(?!\n)|(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** A text of any length for a terminal: all that it would act on is written as `\uXXXX`. */
export const escapeControls = (text: string): string => text.replace(CONTROL, escapeCharacter);

const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const end = max - 1;
  const last = text.charCodeAt(end - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, splitsPair ? end - 1 : end)}…`;
};

/**
 * A value from a user in double quotes: quotes and backslashes escaped, invisible characters written as `\uXXXX`, cut
 * with `…` after `max` characters (40 unless told).
 */
export const quote = (value: string, max = 40): string => {
  if (value.length <= max && NEEDS_NOTHING.test(value)) return `"${value}"`;
  const escaped = escapeInvisible(cut(value, max).replace(/["\\]/g, "\\$&"));
  return `"${escaped.length > max * 2 ? cut(escaped, max * 2) : escaped}"`;
};

/** As {@link quote}, with the end of a value that is longer: of two that differ, that is mostly where. */
export const quoteEnd = (value: string, max: number): string =>
  quote(value.length <= max ? value : `…${value.slice(1 - max)}`, max);

/** How many characters before the first difference are shown. */
const BEFORE_DIFFERENCE = 4;

const firstDifference = (one: string, other: string): number => {
  const end = Math.min(one.length, other.length);
  let index = 0;
  while (index < end && one.charCodeAt(index) === other.charCodeAt(index)) index++;
  return index;
};

/**
 * Two values that differ, each as {@link quote} writes it and cut so that both show where: at the start where the ends
 * have the first difference, as of most names, else around it.
 */
export const quoteBoth = (one: string, other: string, max: number): readonly [string, string] => {
  const difference = firstDifference(one, other);
  const isInEnd = (value: string): boolean => value.length <= max || value.length + 1 - max <= difference;
  const ends = [quoteEnd(one, max), quoteEnd(other, max)] as const;
  // What is escaped may be cut once more.
  if (isInEnd(one) && isInEnd(other) && ends[0] !== ends[1]) return ends;
  const start = difference - BEFORE_DIFFERENCE;
  const around = (value: string): string => quote(start > 1 ? `…${value.slice(start)}` : value, max);
  return [around(one), around(other)];
};

/** A list of names, quoted where they are not plain, cut after `max` names (4 unless told). */
export const list = (names: readonly string[], max = 4): string => {
  const shown = names.slice(0, max).map((name) => (/^[\w.*:/@-]{1,60}$/.test(name) ? name : quote(name)));
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
};

/** `text` with invisible characters escaped and at most `max` characters long. */
export const line = (text: string, max: number): string =>
  // What is cut off anyway is not looked at: it can be megabytes.
  cut(escapeInvisible(text.length > max ? text.slice(0, max + 1) : text), max);

/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How many bytes `text` has in UTF-8. */
export const utf8Length = (text: string): number => {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    const isHalfOfPair = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x800 || isHalfOfPair ? 1 : 2;
  }
  return bytes;
};

/** A field's path as people write it: `spec.containers[0]`; what is no plain name is quoted. */
export const showField = (path: readonly string[]): string =>
  path
    .map((step) => {
      if (/^[0-9]{1,9}$/.test(step)) return `[${step}]`;
      return /^[A-Za-z0-9_-]{1,60}$/.test(step) ? `.${step}` : `[${quote(step, 100)}]`;
    })
    .join("")
    .replace(/^\./, "");
