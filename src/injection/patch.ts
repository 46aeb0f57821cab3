/**
 * JSON Patch (RFC 6902) by hand: only `add`, parents first, so that it applies to whatever the API server holds and
 * leaves every field alone that it does not name.
 */

import { POD_LIMITS } from "../reasons/limits.ts";
import { utf8Length } from "../reasons/text.ts";

/** An `add`: sets a member, inserts before an index, or appends (`-`). */
export interface PatchOperation {
  readonly op: "add";
  /** An RFC 6901 pointer. */
  readonly path: string;
  readonly value: unknown;
}

/** A JSON Patch. */
export type Patch = readonly PatchOperation[];

/** One step of a pointer, as it is written: https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export const step = (name: string): string =>
  (name.includes("~") ? name.replaceAll("~", "~0") : name).replaceAll("/", "~1");

/** The operation. */
export const add = (path: string, value: unknown): PatchOperation => ({ op: "add", path, value });

const JSON_TEXT = Symbol("JSON");

const knownJson = (value: unknown): string | undefined =>
  typeof value === "object" && value !== null ? (value as { readonly [JSON_TEXT]?: string })[JSON_TEXT] : undefined;

/** Is `value` one of {@link shared}? */
export const isShared = (value: unknown): boolean => knownJson(value) !== undefined;

/** A value that goes into the patches of many pods, and is never changed: its JSON is written here, once. */
export const shared = <Value extends object>(value: Value): Value => {
  Object.defineProperty(value, JSON_TEXT, { value: JSON.stringify(value) });
  return value;
};

/** Adds to `patch` what appends `values` to the list at `path`, which is made where it is not there. */
export const append = (patch: PatchOperation[], path: string, isThere: boolean, values: readonly unknown[]): void => {
  if (values.length === 0) return;
  if (!isThere) patch.push(add(path, []));
  for (const value of values) patch.push(add(`${path}/-`, value));
};

/** Adds to `patch` what puts `values` in front of the list at `path`, in their order; made where it is not there. */
export const prepend = (patch: PatchOperation[], path: string, isThere: boolean, values: readonly unknown[]): void => {
  if (values.length === 0) return;
  if (!isThere) patch.push(add(path, []));
  values.forEach((value, index) => {
    patch.push(add(`${path}/${index}`, value));
  });
};

/** What needs no escaping in JSON, as paths are: such a text is not worth a call. */
const PLAIN = /^[ !#-[\]-~]*$/;

const textJson = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

const valueJson = (value: unknown): string => knownJson(value) ?? JSON.stringify(value);

/** `patch` as `JSON.stringify` writes it, which takes about twice as long: most of a patch is {@link shared}. */
export const patchJson = (patch: Patch): string => {
  let json = "[";
  for (const { op, path, value } of patch)
    json += `${json === "[" ? "" : ","}{"op":"${op}","path":${textJson(path)},"value":${valueJson(value)}}`;
  return `${json}]`;
};

/** An operation's own characters around its path and value, and the comma behind it. */
const FRAME = '{"op":"add","path":"","value":},'.length;

const { max: MAX_BYTES } = POD_LIMITS["patch-too-large"];

/** The most UTF-16 units that `value` has as JSON: a character of a text is six at most (`\\u001b`). */
const mostUnits = (value: unknown): number => {
  if (typeof value === "string") return value.length * 6 + 2;
  return valueJson(value).length;
};

/** The fewest that it has. */
const fewestUnits = (value: unknown): number =>
  typeof value === "string" ? value.length + 2 : valueJson(value).length;

/** How large a patch is already while it grows. */
export class GrowingPatch {
  readonly operations: PatchOperation[] = [];
  private counted = 0;
  // The brackets, without the comma that does not follow the last operation.
  private units = 1;

  /** Is what is there larger, as JSON, than etcd takes an object, whatever it is encoded as? */
  isTooLarge(): boolean {
    for (; this.counted < this.operations.length; this.counted++) {
      const operation = this.operations[this.counted];
      if (operation !== undefined) this.units += FRAME + operation.path.length + fewestUnits(operation.value);
    }
    return this.units > MAX_BYTES;
  }
}

/** Is `patch` larger, as JSON, than etcd takes an object? */
export const isTooLarge = (patch: Patch): boolean => {
  let units = 2;
  for (const { path, value } of patch) units += FRAME + path.length + mostUnits(value);
  // No text has more than three bytes a unit: nearly every patch is surely small.
  if (units * 3 <= MAX_BYTES) return false;
  return utf8Length(patchJson(patch)) > MAX_BYTES;
};
