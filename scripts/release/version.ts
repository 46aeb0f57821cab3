/** Versions as Semantic Versioning 2.0 has them, without build metadata, for which an image's tag has no sign. */

/** A version, taken apart. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  /** `rc`, `1` of `1.0.0-rc.1`; empty in a release. */
  readonly preRelease: readonly string[];
}

const NUMBER = "(0|[1-9]\\d*)";
const IDENTIFIER = "(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)";
const PATTERN = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?$`);

/** Reads a version; undefined where `text` is none. */
export const readVersion = (text: string): Version | undefined => {
  const [match, major, minor, patch, preRelease] = PATTERN.exec(text) ?? [];
  if (match === undefined) return undefined;
  return { numbers: [Number(major), Number(minor), Number(patch)], preRelease: preRelease?.split(".") ?? [] };
};

const compareIdentifiers = (one: string, other: string): number => {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (isNumber && isOtherNumber) return Number(one) - Number(other);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return one < other ? -1 : Number(one > other);
};

const comparePreReleases = (one: readonly string[], other: readonly string[]): number => {
  // What comes before a release is older than it.
  if (one.length === 0 || other.length === 0) return other.length - one.length;
  for (const [index, identifier] of one.entries()) {
    const opposite = other[index];
    const order = opposite === undefined ? 1 : compareIdentifiers(identifier, opposite);
    if (order !== 0) return order;
  }
  return one.length - other.length;
};

/** Is `one` newer than `other`? */
export const isNewer = (one: Version, other: Version): boolean => {
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return comparePreReleases(one.preRelease, other.preRelease) > 0;
};
