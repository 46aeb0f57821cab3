/** Versions of Kubernetes, and what Podpass needs of them. */

/** A version's two numbers that matter. */
export interface MinorVersion {
  readonly major: number;
  readonly minor: number;
}

/** Before it, `matchConditions` of a webhook are not in the API that is on by default. */
export const OLDEST_POSSIBLE: MinorVersion = { major: 1, minor: 30 };
/** What the tests run: `npm run test:cluster`. */
export const OLDEST_TESTED: MinorVersion = { major: 1, minor: 34 };
/** The same. */
export const NEWEST_TESTED: MinorVersion = { major: 1, minor: 37 };

/** Reads `v1.36.3`, or what a vendor makes of it; undefined where it is no version. */
export const readVersion = (text: string): MinorVersion | undefined => {
  const [, major = "", minor = ""] = /^v?(\d{1,4})\.(\d{1,4})(?:\D|$)/.exec(text) ?? [];
  return major === "" ? undefined : { major: Number(major), minor: Number(minor) };
};

/** Is `version` older than `other`? */
export const isOlder = (version: MinorVersion, other: MinorVersion): boolean =>
  version.major < other.major || (version.major === other.major && version.minor < other.minor);

/** `1.34`. */
export const showVersion = ({ major, minor }: MinorVersion): string => `${major}.${minor}`;
