/**
 * Java's properties from values: `key=value` lines, in ASCII, so that they are read alike whatever encoding a program takes
 * them for.
 * @see https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
 */
import { isTable, type Value } from "./value.ts";

/** What is no plain letter of the format: it ends a key, begins a comment, escapes, or is not ASCII. */
const SPECIAL = /[^!-~]|[=:#!\\]/g;

const unit = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

// Without the flag `u` a match is one UTF-16 unit, which is what an escape stands for.
const escaped = (text: string): string =>
  text.replace(SPECIAL, (letter) => (letter >= " " && letter <= "~" ? `\\${letter}` : unit(letter)));

/** `value`, which is keys with scalars, as a properties file. */
export const writeProperties = (value: Value): string =>
  isTable(value) ? value.entries.map(([key, one]) => `${escaped(key)}=${escaped(String(one))}\n`).join("") : "";
