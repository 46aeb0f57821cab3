/**
 * INI from values, as AWS' SDKs read their configuration: `[section]`, `key = value` to the end of the line, and below a
 * key without a value keys of its own, indented. Nothing is quoted, since nothing of it is read as a quote. Sections that
 * have nothing in them are left out.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
import { isTable, type Table, type Value } from "./value.ts";

/**
 * An RE2 pattern that is found in each text without control characters that is not read back as it was written: at its
 * ends white space is lost, of which JavaScript takes U+FEFF for some, and behind white space a comment begins. Python
 * takes U+2028 and U+2029 for the end of a line, and what follows for another key.
 */
export const INI_BAD = "^[\\pZ\\x{FEFF}#;]|[\\pZ\\x{FEFF}][#;]|[\\pZ\\x{FEFF}]$|[\\x{2028}\\x{2029}]";

const BAD = /^[\p{Z}\u{FEFF}#;]|[\p{Z}\u{FEFF}][#;]|[\p{Z}\u{FEFF}]$|[\p{Cc}\p{Zl}\p{Zp}]|^$/u;

/** Is `text` read back as it was written? An empty one is taken for none. */
export const isIniValue = (text: string): boolean => !BAD.test(text);

/** What {@link isIniValue} allows. */
export const INI_ALLOWED =
  "for an INI file a text of one line without white space at its ends, and without '#' or ';' at its start or behind white space";

const lines = (key: string, value: Value, indent: string): readonly string[] => {
  if (!isTable(value)) return value === "" ? [] : [`${indent}${key} = ${value}`];
  const below = value.entries.flatMap(([name, one]) => lines(name, one, `${indent}  `));
  return below.length === 0 ? [] : [`${indent}${key} =`, ...below];
};

const section = (name: string, { entries }: Table): readonly string[] => {
  const body = entries.flatMap(([key, value]) => lines(key, value, ""));
  return body.length === 0 ? [] : [`${[`[${name}]`, ...body].join("\n")}\n`];
};

/** `value`, sections with keys, as an INI file. */
export const writeIni = (value: Value): string =>
  isTable(value) ? value.entries.flatMap(([name, one]) => (isTable(one) ? section(name, one) : [])).join("\n") : "";
