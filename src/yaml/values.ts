/** What a document holds: texts, numbers, BigInts, booleans, null, lists, and mappings as Maps. */

/** A mapping, so that a key such as `__proto__` is a key like any other. */
export type Mapping = ReadonlyMap<unknown, unknown>;

/** Is `value` a mapping? */
export const isMapping = (value: unknown): value is Mapping => value instanceof Map;

/**
 * `value` as plain objects and numbers. Keys from users become own properties whatever they are called, and nothing is
 * shared that an alias stood for.
 */
export const toPlain = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (!isMapping(value)) return value;
  const plain = {};
  for (const [key, item] of value)
    Object.defineProperty(plain, String(key), {
      value: toPlain(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  return plain;
};
