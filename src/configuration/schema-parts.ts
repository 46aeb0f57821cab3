/** What several parts of the schema are made of. */
import * as z from "zod";
import type { NameRule } from "./names.ts";

/** Kubernetes' own bounds of a projected token's lifetime, in seconds (validation of `expirationSeconds`). */
export const KUBERNETES_LIFETIME = { min: 600, max: 2 ** 32 } as const;

/** A text that follows `rule`. */
export const named = (rule: NameRule) => z.string().regex(rule.pattern, { error: `allowed: ${rule.allowed}` });

/** A token's lifetime, in seconds. */
export const seconds = () =>
  z
    .int({ error: "allowed: a whole number of seconds" })
    .min(KUBERNETES_LIFETIME.min, { error: "allowed: 600 or more, the least that Kubernetes gives" })
    .max(KUBERNETES_LIFETIME.max, { error: "allowed: 4294967296 or less, the most that Kubernetes gives" });
