/**
 * The policy `bounds`: the bounds on what a pod projects are refused beyond, whatever becomes of a breach of the rules about
 * tokens. A pod that is too large to be looked through is one that nobody judged.
 */
import type { Settings } from "../configuration/settings.ts";
import type { PolicyInput } from "./installation.ts";
import type { Drafted } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";
import { BOUNDED, HAS_PROJECTED, KEEPS_BOUNDS } from "./tokens.ts";

/** Is there a rule about tokens? */
const judgesTokens = ({ policy, areTokensJudged }: Settings): boolean =>
  areTokensJudged ?? (policy.lifetime !== undefined || policy.audiences !== undefined);

/** A policy about tokens that refuses has the bounds as its first validation. */
const isCovered = ({ policy: { lifetime, audiences } }: Settings): boolean =>
  [lifetime, audiences].some((rule) => rule !== undefined && rule.violation !== "Warn");

/** Drafts it, where tokens are judged and no policy that does so refuses. */
export const boundsPolicy = ({ settings }: PolicyInput): Drafted => {
  if (!judgesTokens(settings) || isCovered(settings)) return undefined;
  return {
    kind: "validating",
    name: "bounds",
    reason: "A pod does not project more than is looked through; rules about tokens that only warn do not change that.",
    spec: {
      matchConstraints: constraints(settings, ["CREATE"], ["pods"]),
      matchConditions: [HAS_PROJECTED, ...scopeConditions(settings)],
      variables: BOUNDED,
      validations: [KEEPS_BOUNDS],
    },
    action: "Deny",
  };
};
