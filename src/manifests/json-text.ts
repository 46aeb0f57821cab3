/** JSON from values as manifests are read, with integers of any size. */
import { isMapping } from "../yaml/values.ts";
import { escapeBreaks } from "./line-breaks.ts";

/** Thrown for what JSON has no word for. */
export class NotJson extends Error {
  override readonly name = "NotJson";
}

const scalar = (value: unknown): string => {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new NotJson(`JSON has no number ${value}`);
  return escapeBreaks(JSON.stringify(value ?? null));
};

const block = (open: string, parts: readonly string[], close: string, unit: string, indent: string): string => {
  if (parts.length === 0) return open + close;
  if (unit === "") return `${open}${parts.join(", ")}${close}`;
  return `${open}\n${parts.map((part) => `${indent}${unit}${part}`).join(",\n")}\n${indent}${close}`;
};

/**
 * `value` as JSON. With a `unit` of indentation every item has a line of its own, each but the first `indent` deep;
 * without one all is in a line.
 */
export const toJson = (value: unknown, unit = "", indent = ""): string => {
  const inner = indent + unit;
  if (Array.isArray(value))
    return block(
      "[",
      value.map((item) => toJson(item, unit, inner)),
      "]",
      unit,
      indent,
    );
  if (isMapping(value)) {
    const members = [...value].map(([key, item]) => `${scalar(String(key))}: ${toJson(item, unit, inner)}`);
    return block("{", members, "}", unit, indent);
  }
  return scalar(value);
};
