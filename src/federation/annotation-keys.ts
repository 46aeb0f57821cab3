/** The annotation keys of a configuration's prefix. */

/** A key under the prefix: one for all providers (`podpass.dev/x`), or a provider's (`aws.podpass.dev/x`). */
export interface OwnKey {
  /** Undefined: for all providers. Otherwise what stands before the prefix, a provider's name or not. */
  readonly provider: string | undefined;
  /** What stands after the slash. */
  readonly name: string;
}

/** Reads `key`, or returns undefined where it is not under `prefix`. */
export const readKey = (key: string, prefix: string): OwnKey | undefined => {
  const slash = key.indexOf("/");
  if (slash < prefix.length || !key.startsWith(prefix, slash - prefix.length)) return undefined;
  const name = key.slice(slash + 1);
  const before = slash - prefix.length;
  if (before === 0) return { provider: undefined, name };
  if (key[before - 1] !== ".") return undefined;
  return { provider: key.slice(0, before - 1), name };
};

/** A comma-separated list: trimmed, without empty and repeated items. */
export const readList = (value: string): readonly string[] => [
  ...new Set(
    value
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  ),
];

/** A number of decimal digits only, or undefined. */
export const readSeconds = (value: string): number | undefined => (/^[0-9]+$/.test(value) ? Number(value) : undefined);
