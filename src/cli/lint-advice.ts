/** What to do about each problem. */
import type { DecisionReason, ProblemReason, WarningReason } from "../reasons/reasons.ts";

/** What only `lint` finds. */
type OwnCode = "bad-configuration" | "bad-object" | "repeated" | "without-effect";

/** A code that `lint` prints. */
export type LintCode = OwnCode | ProblemReason | WarningReason | DecisionReason;

const ADVICE: ReadonlyMap<LintCode, string> = new Map([
  ["bad-configuration", "Correct the configuration; Podpass would not start with it, or go on with the one before."],
  ["bad-object", "Correct the object; the API server would not take it either."],
  ["repeated", "Take one of the two away, or give -f only the files of one environment."],
  ["without-effect", "Take it out, or use it."],
  ["unknown-provider", "Correct the name, or add the provider to the configuration; podpass presets lists presets."],
  ["missing-parameter", "Set it as an annotation, or in the configuration; podpass presets NAME has an example."],
  ["bad-parameter", "Correct the value; podpass presets NAME has an example."],
  ["bad-number", 'Write seconds as digits in quotes, such as "3600".'],
  ["bad-audience", "Correct the value, or take the annotation away to use the provider's own audience."],
  ["namespace-not-allowed", "Use another namespace, or add it to the provider's allowedNamespaces."],
  ["unused-key", "Correct the key, or take it away."],
  ["key-not-for-pods", "Move it to the ServiceAccount, or take it away."],
  ["bad-value", "Correct the value, or take the annotation away."],
  ["unknown-container", "Correct the container's name in the filter."],
  ["lifetime-clamped", "Ask for a lifetime inside the bounds."],
  ["lifetime-above-maximum", "Shorten expirationSeconds of the projected token."],
  ["path-taken", "Nothing, if the program reads the path from its variable; otherwise free the path."],
  ["hard-coded-path-taken", "Free the path, or tell the program where the token is; inject --explain shows it."],
  ["no-path-free", "Free one of the provider's paths in the container."],
  [
    "manages-itself",
    "Take the container's own variables away to let Podpass set them, or leave the container out with skip-containers.",
  ],
  ["variable-conflict", "Keep the two providers in different containers, with only-containers."],
  ["provider-conflict", "Keep the two providers in different containers, with only-containers."],
  ["static-key", "Take the static key out of the container's env."],
  ["hides-env-from", "Take the variable out of the envFrom source, or accept that the identity's is used."],
  ["annotation-overwritten", "Take the annotation out of the manifest."],
  ["invalid-service-account", "Correct the ServiceAccount."],
  ["audience-not-allowed", "Use an allowed audience, or ask the platform to add it to policy.tokens.audiences.allow."],
  ["lifetime-not-allowed", "Use a lifetime inside policy.tokens.expirationSeconds."],
  ["annotations-too-large", "Take annotations away; Kubernetes allows 256 KiB for all of them."],
  ["service-account-not-found", "Give -f the file with the ServiceAccount too."],
]);

/** A sentence for `code`. */
export const adviceFor = (code: LintCode): string | undefined => ADVICE.get(code);
