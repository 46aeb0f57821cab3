/** By which rules the pods of one ServiceAccount are judged. */
import type { Policy, Settings } from "../configuration/settings.ts";
import type { Identity } from "../federation/identity.ts";
import { type AudienceJudge, audienceJudge } from "../policy/token-policy.ts";
import { isExempt } from "../policy/verdict.ts";

/** The rules. */
export interface Rules {
  readonly policy: Policy;
  /** Undefined where every audience is allowed. */
  readonly judgeAudience: AudienceJudge | undefined;
}

/** In a namespace that is exempt. */
const NO_RULES: Rules = {
  policy: {
    enforcement: "Warn",
    exemptNamespaces: [],
    lifetime: undefined,
    audiences: undefined,
    apiServerAudiences: undefined,
    tokenRequests: "Off",
    legacySecrets: "Off",
    invalidServiceAccount: "Warn",
    podOverrides: new Set(),
  },
  judgeAudience: undefined,
};

/** The rules for pods in `namespace` whose ServiceAccount has `identities`. */
export const rulesFor = (settings: Settings, namespace: string, identities: readonly Identity[]): Rules =>
  isExempt(settings, namespace)
    ? NO_RULES
    : { policy: settings.policy, judgeAudience: audienceJudge(settings, namespace, identities) };

/**
 * The rules where the ServiceAccount is not known: an audience is allowed that is any ServiceAccount's, and a lifetime
 * that would be changed is refused.
 */
export const rulesForAnyAccount = (settings: Settings, namespace: string): Rules => {
  if (isExempt(settings, namespace)) return NO_RULES;
  const { lifetime } = settings.policy;
  const strict = lifetime?.violation === "Clamp" ? { ...lifetime, violation: "Deny" as const } : lifetime;
  return {
    policy: { ...settings.policy, lifetime: strict },
    judgeAudience: audienceJudge(settings, namespace, undefined),
  };
};
