/** The identities that a pod is to get, each with its lifetime and with what the policy says of its token. */
import { lifetimeOf } from "../configuration/lifetime.ts";
import type { Policy } from "../configuration/settings.ts";
import type { Federation } from "../federation/federation.ts";
import type { Identity } from "../federation/identity.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { PodAnnotations } from "../injection/pod-annotations.ts";
import { PodIdentities, type WantedIdentity } from "../injection/pod-identities.ts";
import { type AudienceJudge, judgeLifetime } from "../policy/token-policy.ts";
import { Verdicts } from "../policy/verdict.ts";
import type { Warning } from "../reasons/reasons.ts";

/** What is to be said of an identity's token, if one is made. */
interface Judgement {
  readonly identity: Identity;
  readonly warning: Warning | undefined;
  readonly verdicts: Verdicts;
}

/** See above. */
export interface JudgedIdentities {
  readonly identities: PodIdentities;
  /** Those with something to say. */
  readonly judgements: readonly Judgement[];
}

/** By what identities are judged. */
export interface Rules {
  readonly policy: Policy;
  readonly judgeAudience: AudienceJudge | undefined;
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

const judge = (
  account: ServiceAccount,
  federation: Federation,
  annotations: PodAnnotations,
  { policy, judgeAudience }: Rules,
): JudgedIdentities => {
  const wanted: WantedIdentity[] = [];
  const judgements: Judgement[] = [];
  for (const identity of federation.identities) {
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
      identity,
      seconds: judgeLifetime(policy, seconds, field, verdicts),
      filters: [federation.filter, identity.filter, annotations.filter, onPod.filter],
    });
    if (warning !== undefined || verdicts.saysAnything()) judgements.push({ identity, warning, verdicts });
  }
  return { identities: new PodIdentities(wanted), judgements };
};

const judged = new WeakMap<Federation, JudgedIdentities>();

/**
 * The identities of `federation`, which is `account`'s. For pods that ask for nothing of their own they are judged once:
 * a federation is of one ServiceAccount and one configuration, and so are the rules.
 */
export const judgedIdentities = (
  account: ServiceAccount,
  federation: Federation,
  annotations: PodAnnotations,
  rules: Rules,
): JudgedIdentities => {
  if (!annotations.isEmpty) return judge(account, federation, annotations, rules);
  let found = judged.get(federation);
  if (found === undefined) {
    found = judge(account, federation, annotations, rules);
    judged.set(federation, found);
  }
  return found;
};
