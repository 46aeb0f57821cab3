/** The digest by which policies name their configuration. */
import { createHash } from "node:crypto";
import type { LiveConfiguration } from "../files/configuration-file.ts";
import { canonicalConfiguration } from "../policies/canonical.ts";

/** `sha256:…` of a configuration as it was written, `ReadConfiguration.written`; of none, that of `{}`. */
export const configurationDigest = (written: unknown): string =>
  `sha256:${createHash("sha256").update(canonicalConfiguration(written)).digest("hex")}`;

/** That of the configuration in use, made anew only where another one is. */
export const liveDigest = ({ written }: Pick<LiveConfiguration, "written">): (() => string) => {
  let last: { readonly written: unknown; readonly digest: string } | undefined;
  return () => {
    const now = written();
    if (last === undefined || last.written !== now) last = { written: now, digest: configurationDigest(now) };
    return last.digest;
  };
};
