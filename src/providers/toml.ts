/**
 * TOML from values: https://toml.io/en/v1.0.0. Tables that have nothing in them are left out.
 */
import { isTable, type Table, type Value } from "./value.ts";

// A basic string escapes what a string of JSON does, and U+007F.
const quoted = (text: string): string => JSON.stringify(text.toWellFormed()).replaceAll("\u007f", "\\u007f");

const keyOf = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key));

const written = (value: number): string =>
  // Integers have 64 bits; what is no integer of ours either way is a float.
  Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);

/** `value` on one line; undefined where nothing is in it. */
const inline = (value: Value): string | undefined => {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return written(value);
  if (isTable(value)) {
    const pairs = value.entries.flatMap(([key, one]) => pair(key, one));
    return pairs.length === 0 ? undefined : `{ ${pairs.join(", ")} }`;
  }
  if (value === null || typeof value === "boolean") return value === null ? undefined : String(value);
  return `[${value.flatMap((item) => inline(item) ?? []).join(", ")}]`;
};

const pair = (key: string, value: Value): readonly string[] => {
  const text = inline(value);
  return text === undefined ? [] : [`${keyOf(key)} = ${text}`];
};

/** The table at `path` and those below it, a text each. */
const blocks = (table: Table, path: readonly string[]): readonly string[] => {
  const lines = table.entries.flatMap(([key, value]) => (isTable(value) ? [] : pair(key, value)));
  const below = table.entries.flatMap(([key, value]) => (isTable(value) ? blocks(value, [...path, keyOf(key)]) : []));
  if (lines.length === 0) return below;
  const header = path.length === 0 ? [] : [`[${path.join(".")}]`];
  return [`${[...header, ...lines].join("\n")}\n`, ...below];
};

/** `value`, which is a table, as a TOML document. */
export const writeToml = (value: Value): string => (isTable(value) ? blocks(value, []).join("\n") : "");
