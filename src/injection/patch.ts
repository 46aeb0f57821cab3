/**
 * JSON Patch (RFC 6902) by hand: only `add`, parents first, so that it applies to whatever the API server holds and
 * leaves every field alone that it does not name.
 */

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
