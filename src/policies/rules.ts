/** What becomes of each field of the platform's policy inside the API server: one that has no line here does not compile. */
import type { Policy } from "../configuration/settings.ts";
import type { PolicyName } from "./names.ts";

/** Something that is refused, changed or warned about. */
export interface Rule {
  /** As people write it. */
  readonly written: string;
  readonly isInForce: (policy: Policy) => boolean;
  /** Which pods it is about: all, or those that did not opt out, or none. */
  readonly pods: "all" | "not opted out" | "none";
  /** The policies that say it; or why none can, in a sentence: that is told, and no pods are served in an outage. */
  readonly inside: readonly PolicyName[] | string;
}

/** No rule by itself: what it does to the others, whose policies have it. */
interface Setting {
  readonly changes: string;
}

const RULES: { readonly [Field in keyof Policy]: Rule | Setting } = {
  enforcement: { changes: "what every binding does with a violation" },
  exemptNamespaces: { changes: "where every policy but label holds" },
  lifetime: {
    written: "policy.tokens.expirationSeconds",
    isInForce: ({ lifetime }) => lifetime !== undefined,
    pods: "all",
    inside: ["bounds", "lifetimes", "token-requests"],
  },
  audiences: {
    written: "policy.tokens.audiences",
    isInForce: ({ audiences }) => audiences !== undefined,
    pods: "all",
    inside: ["bounds", "audiences", "own-audiences", "token-requests", "own-token-requests"],
  },
  apiServerAudiences: { changes: "whether TokenRequests are judged by audience" },
  tokenRequests: {
    written: "policy.tokens.requests",
    isInForce: ({ tokenRequests }) => tokenRequests !== "Off",
    pods: "none",
    inside: ["token-requests", "own-token-requests"],
  },
  legacySecrets: {
    written: "policy.tokens.legacySecrets",
    isInForce: ({ legacySecrets }) => legacySecrets !== "Off",
    pods: "none",
    inside: ["legacy-secrets"],
  },
  invalidServiceAccount: {
    written: "policy.invalidServiceAccount",
    isInForce: () => true,
    pods: "not opted out",
    inside: ["identity"],
  },
  podOverrides: { changes: "what a pod may ask for; inject leaves those that ask to the webhook" },
};

/** Every rule there is. */
export const ALL_RULES: readonly Rule[] = Object.values(RULES).filter((one): one is Rule => "written" in one);

/** Those that are asked about pods that opted out, too. */
export const rulesForOptedOut = (policy: Policy): readonly Rule[] =>
  ALL_RULES.filter(({ pods, isInForce }) => pods === "all" && isInForce(policy));

/** A rule that no policy says. */
export interface WebhookOnly extends Pick<Rule, "written" | "pods"> {
  readonly why: string;
}

/** The rules of `policy` that hold only while the webhook is asked. */
export const webhookOnlyRules = (policy: Policy): readonly WebhookOnly[] =>
  ALL_RULES.flatMap(({ written, pods, inside, isInForce }) =>
    typeof inside === "string" && isInForce(policy) ? [{ written, pods, why: inside }] : [],
  );
