/** The identities that a pod is to get, each with its lifetime and with what the policy says of its token. */
import { lifetimeOf } from "../configuration/lifetime.ts";
import type { Federation } from "../federation/federation.ts";
import type { Identity } from "../federation/identity.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { PodAnnotations } from "../injection/pod-annotations.ts";
import { PodIdentities, type WantedIdentity } from "../injection/pod-identities.ts";
import type { RenderedIdentity } from "../injection/rendered-identity.ts";
import { judgeLifetime } from "../policy/token-policy.ts";
import { Verdicts } from "../policy/verdict.ts";
import type { Warning } from "../reasons/reasons.ts";
import type { Rules } from "./rules.ts";

/** What is to be said of an identity's token, if one is made. */
interface Judgement {
  readonly identity: Identity;
  readonly warning: Warning | undefined;
  readonly verdicts: Verdicts;
}

/** The identities that a pod is to get, and what is said of their tokens. */
export interface JudgedIdentities {
  readonly identities: PodIdentities;
  /** Those with something to say. */
  readonly judgements: readonly Judgement[];
}

const shortName = (identity: Identity): string => `${identity.provider.name} identity`;

/** The lifetime (seconds) for an identity: pod before ServiceAccount before provider, inside the provider's bounds. */
const boundedSeconds = (
  identity: Identity,
  onPod: number | undefined,
): { seconds: number; warning: Warning | undefined } => {
  const { lifetime } = identity.provider;
  const requested = onPod ?? identity.requestedSeconds;
  const seconds = lifetimeOf(identity.provider, requested);
  if (requested === undefined || seconds === requested) return { seconds, warning: undefined };
  const text = `${shortName(identity)}: lifetime ${requested} s becomes ${seconds} s; allowed: ${lifetime.min} to ${lifetime.max}`;
  return { seconds, warning: { reason: "lifetime-clamped", text } };
};

/** Identities of one ServiceAccount, and by which rules they are judged. */
export interface Judgeable {
  readonly account: ServiceAccount;
  readonly federation: Federation;
  readonly rules: Rules;
  /** The identities of `federation`, rendered. */
  readonly rendered: readonly RenderedIdentity[];
}

/** Judges the identities for a pod with these annotations. */
export const judgeIdentities = (
  { account, federation, rules, rendered: all }: Judgeable,
  annotations: PodAnnotations,
): JudgedIdentities => {
  const { policy, judgeAudience } = rules;
  const wanted: WantedIdentity[] = [];
  const judgements: Judgement[] = [];
  for (const rendered of all) {
    const { identity } = rendered;
    const onPod = annotations.forProvider(identity.provider.name);
    const { seconds, warning } = boundedSeconds(identity, onPod.requestedSeconds);
    const field = {
      path: `ServiceAccount ${account.namespace}/${account.name}: the ${identity.provider.name} token's serviceAccountToken`,
      short: shortName(identity),
      field: undefined,
    };
    const verdicts = new Verdicts(policy);
    judgeAudience?.(identity.audience, field, verdicts);
    wanted.push({
      rendered,
      seconds: judgeLifetime(policy, seconds, field, verdicts),
      filters: [federation.filter, identity.filter, annotations.filter, onPod.filter],
    });
    if (warning !== undefined || verdicts.saysAnything()) judgements.push({ identity, warning, verdicts });
  }
  return { identities: new PodIdentities(wanted), judgements };
};
