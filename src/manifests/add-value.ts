/** JSON Patch's `add` on values as manifests are read: Maps and lists. */
import { isMapping } from "../yaml/values.ts";

/** One `add`: a place from the document's top, and what goes there. */
export interface Addition {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The steps of an RFC 6901 pointer. */
export const readPointer = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

/** A copy that shares nothing with `value`; objects become Maps. */
export const copyValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copyValue);
  if (isMapping(value)) return new Map([...value].map(([key, item]) => [key, copyValue(item)]));
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, copyValue(item)]));
};

/** The key under which a mapping holds `step`: usually itself, but `8080: x` has a number for a key. */
const keyOf = (map: ReadonlyMap<unknown, unknown>, step: string): unknown => {
  if (map.has(step)) return step;
  for (const key of map.keys()) if (String(key) === step) return key;
  return step;
};

/** What is at `step` of a container. */
export const childValue = (container: unknown, step: string): unknown => {
  if (Array.isArray(container)) return container[Number(step)];
  return isMapping(container) ? container.get(keyOf(container, step)) : undefined;
};

/** Adds `value` to a container, which is changed: a member is set, an item is inserted, `-` appends. */
export const addChild = (container: unknown, step: string, value: unknown): void => {
  if (Array.isArray(container)) container.splice(step === "-" ? container.length : Number(step), 0, value);
  else if (container instanceof Map) container.set(keyOf(container, step), value);
  else throw new TypeError(`cannot add ${step} to what is neither a mapping nor a list`);
};

/** A copy of `root` with all `additions`. */
export const withAdditions = (root: unknown, additions: readonly Addition[]): unknown => {
  const result = copyValue(root);
  for (const { path, value } of additions) {
    const parent = path.slice(0, -1).reduce(childValue, result);
    addChild(parent, path.at(-1) ?? "", copyValue(value));
  }
  return result;
};

/** Do the two hold the same, in the same order of keys or another? */
export const isSameValue = (one: unknown, other: unknown): boolean => {
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((item, index) => isSameValue(item, other[index]))
    );
  if (isMapping(one))
    return (
      isMapping(other) &&
      one.size === other.size &&
      [...one].every(([key, item]) => other.has(key) && isSameValue(item, other.get(key)))
    );
  // Numbers of ours are read back as BigInts.
  if (typeof one === "bigint" || typeof other === "bigint")
    return String(one) === String(other) && typeof one !== "string" && typeof other !== "string";
  return Object.is(one, other);
};
