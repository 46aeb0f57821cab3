/** Members of the API server's JSON, which is believed as little as any other input. */

/** An object of the API. */
export type JsonObject = { readonly [member: string]: unknown };

/** Is it one? */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at `path` below `value`; undefined where there is none. */
export const at = (value: unknown, ...path: readonly string[]): unknown => {
  let current = value;
  for (const step of path) {
    if (!isJsonObject(current) || !Object.hasOwn(current, step)) return undefined;
    current = current[step];
  }
  return current;
};

/** The text at `path`, or an empty one. */
export const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
};

/** The number at `path`, or undefined. */
export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
};

/** The list at `path`, or an empty one. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** The texts of the list at `path`. */
export const textsAt = (value: unknown, ...path: readonly string[]): readonly string[] =>
  listAt(value, ...path).filter((item) => typeof item === "string");

/** The texts of the object at `path`, by key. */
export const mapAt = (value: unknown, ...path: readonly string[]): ReadonlyMap<string, string> => {
  const found = at(value, ...path);
  const entries = isJsonObject(found) ? Object.entries(found) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
};
