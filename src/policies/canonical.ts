/**
 * A configuration as canonical JSON, equal to what Helm's `toJson` makes of the same values: Go's `encoding/json`. Its
 * SHA-256 is the digest that policies carry, so that a chart can compare them without a program.
 */

/** What a file has to say and values may leave out; there is one value for each. */
const HEAD: ReadonlySet<string> = new Set(["apiVersion", "kind"]);

const escaped = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/** Go escapes what would be markup in HTML, and the line breaks of JavaScript. */
const text = (value: string): string => JSON.stringify(value.toWellFormed()).replace(/[<>&\u2028\u2029]/g, escaped);

/** Go's order of keys: by code points, as UTF-8 has it; that of JavaScript is by UTF-16. */
const byCodePoints = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => {
  const left = [...one];
  const right = [...other];
  for (const [index, character] of left.entries()) {
    const opposite = right[index];
    if (opposite === undefined) return 1;
    if (character !== opposite) return (character.codePointAt(0) ?? 0) - (opposite.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
};

const json = (value: unknown): string => {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(byCodePoints);
  return `{${members.map(([key, member]) => `${text(key)}:${json(member)}`).join(",")}}`;
};

/** The canonical JSON of a configuration as it was written; of none, `{}`. Its `apiVersion` and `kind` do not count. */
export const canonicalConfiguration = (written: unknown): string => {
  if (typeof written !== "object" || written === null) return "{}";
  return json(Object.fromEntries(Object.entries(written).filter(([key]) => !HEAD.has(key))));
};
