/** The annotation keys of a configuration's prefix, and how their values are read. */
import { trimmed } from "../reasons/characters.ts";
import { didYouMean } from "../reasons/nearest.ts";

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

/** What a list says, up to a bound. */
export interface NameList {
  /** Each once, in the order of the list; not all of them where the bound is exceeded. */
  readonly names: ReadonlySet<string>;
  /** Are there more than the bound, repeated ones too? */
  readonly exceeded: boolean;
  /** How many there are, repeated ones too; no more than show that the bound is exceeded. */
  readonly count: number;
}

/**
 * A comma-separated list: trimmed, without empty and repeated items. Reading ends with the first name beyond `max`, so
 * that a long list costs no more than a list of that many names.
 */
export const readList = (value: string, max: number): NameList => {
  const names = new Set<string>();
  let count = 0;
  for (let start = 0; start < value.length; ) {
    const comma = value.indexOf(",", start);
    const end = comma < 0 ? value.length : comma;
    const name = end === start ? "" : trimmed(value.slice(start, end));
    start = end + 1;
    if (name === "") continue;
    if (++count > max) return { names, exceeded: true, count };
    names.add(name);
  }
  return { names, exceeded: false, count };
};

/** Above every bound of a lifetime, in seconds; a number of more digits is read as this one. */
const MAX_SECONDS = 9_999_999_999;

/** A number of decimal digits only, at most {@link MAX_SECONDS}; else undefined. Linear in the length of `value`. */
export const readSeconds = (value: string): number | undefined => {
  if (value === "") return undefined;
  let seconds = 0;
  for (let at = 0; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    seconds = Math.min(seconds * 10 + digit, MAX_SECONDS);
  }
  return seconds;
};

/** Why the key `name` is ignored, which is none of `candidates`: with the one that was probably meant. */
export const whyUnread = (name: string, candidates: Iterable<string>): string =>
  didYouMean(name, candidates).trim() || "nothing reads it";

/** Why a key of the provider `name` is ignored, which is none of `providers`. */
export const noSuchProvider = (name: string, providers: Iterable<string>): string => {
  const meant = didYouMean(name, providers);
  return `no such provider${meant === "" ? "" : `;${meant}`}`;
};
