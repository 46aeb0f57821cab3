/**
 * Text as CEL reads it inside the API server, where the same rules hold as here: what is white space, and how long a text
 * is. JavaScript's own answers differ: its `trim` takes U+FEFF and leaves U+0085, its `length` counts halves of characters.
 */

/**
 * Is the UTF-16 unit `unit` white space as Go's `unicode.IsSpace` has it, which CEL's `trim()` goes by: Unicode's property
 * White_Space?
 */
const isSpace = (unit: number): boolean => {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x2000) return unit === 0x85 || unit === 0xa0 || unit === 0x1680;
  return unit <= 0x200a || (unit >= 0x2028 && isRareSpace(unit));
};

const isRareSpace = (unit: number): boolean => unit <= 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000;

const isPlain = (unit: number): boolean => unit > 0x20 && unit < 0x7f;

/** `text` without the white space at both ends. */
export const trimmed = (text: string): string => {
  let start = 0;
  let end = text.length;
  if (isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(end - 1))) return text;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
};

/** Has `text` nothing but white space in it? */
export const isBlank = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (!isSpace(text.charCodeAt(at))) return false;
  return true;
};

/** Has `text` more than `max` characters (code points)? Of a long one no more than that is counted. */
export const isLongerThan = (text: string, max: number): boolean => {
  // No text has more code points than units, nor less than half as many.
  if (text.length <= max) return false;
  if (text.length > 2 * max) return true;
  let count = 0;
  for (const _ of text) if (++count > max) return true;
  return false;
};
