/** The digest by which policies name their configuration. */
import { createHash } from "node:crypto";
import { canonicalConfiguration } from "../policies/canonical.ts";

/** `sha256:…` of a configuration as it was written, `ReadConfiguration.written`; of none, that of `{}`. */
export const configurationDigest = (written: unknown): string =>
  `sha256:${createHash("sha256").update(canonicalConfiguration(written)).digest("hex")}`;
