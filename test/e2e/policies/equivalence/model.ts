/** What each policy is to say of a pod, from the functions that the webhook decides with. */
import type { Policy, Settings } from "../../../../src/configuration/settings.ts";
import { type Judged, judge, judgeForAnyAccount } from "../../../../src/decision/judge.ts";
import { prepareAccount } from "../../../../src/decision/prepared-account.ts";
import type { ServiceAccount } from "../../../../src/federation/service-account.ts";
import { readPodAnnotations } from "../../../../src/injection/pod-annotations.ts";
import type { Pod, ServiceAccountTokenProjection } from "../../../../src/pod/pod.ts";
import { isExempt } from "../../../../src/policy/verdict.ts";
import { beyond, POD_LIMITS } from "../../../../src/reasons/limits.ts";

/** A pod as it is sent, and under what. */
export interface Sent {
  readonly pod: Pod;
  readonly account: ServiceAccount;
  readonly settings: Settings;
}

/** What the sentence of a refusal has in it; undefined where nothing is refused. */
type Refusal = readonly string[] | undefined;

/** As a sentence shows it; only the beginning where it is cut or cannot be printed. */
const shown = (value: string): string => {
  if (!/^[ -~]*$/.test(value) || value.length > 4096) return `a text of ${[...value].length} characters`;
  return value.length > 40 ? JSON.stringify(value.slice(0, 40)).slice(0, -1) : JSON.stringify(value);
};

const tokensOf = (pod: Pod): readonly ServiceAccountTokenProjection[] =>
  (pod.spec.volumes ?? []).flatMap((volume) =>
    (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []),
  );

/** Federated, not opted out, and without the mark, or with a mark that names an identity whose token it has not. */
const identity = ({ pod, account, settings }: Sent): Refusal => {
  const { federation } = prepareAccount(account, settings).forPod(pod);
  if (isExempt(settings, account.namespace) || !federation.isFederated) return undefined;
  if (readPodAnnotations(pod, settings, federation.providers).isOptedOut) return undefined;
  const key = `${settings.annotationPrefix}/injected`;
  const mark = pod.metadata?.annotations?.[key];
  if (mark === undefined) return [`the pod does not carry ${key}`];
  const tokens = tokensOf(pod);
  const unproven = mark.split(",").find((name) => {
    const found = federation.identities.find(({ provider }) => provider.name === name);
    return name !== "" && !tokens.some(({ audience }) => found !== undefined && (audience ?? "") === found.audience);
  });
  return unproven === undefined ? undefined : [`the pod has no token for ${shown(unproven)}`];
};

/** The pod judged by one half of the rules for tokens, of which every breach is a refusal. */
const judgedBy = (
  { pod, account, settings }: Sent,
  half: Pick<Policy, "lifetime" | "audiences">,
  by: typeof judge = judge,
): Judged =>
  by({
    pod,
    namespace: account.namespace,
    serviceAccount: account,
    settings: { ...settings, policy: { ...settings.policy, ...half, enforcement: "Enforce" } },
  });

type Member = "audience" | "expirationSeconds";

/** The volume and the value of each breach that is told. */
const breachesOf = ({ breach, verdicts }: Judged, pod: Pod, member: Member): readonly (readonly string[])[] =>
  verdicts.denied.map(({ field }) => {
    if (breach !== undefined) return [beyond(POD_LIMITS[breach])];
    const [, , volumeIndex, , , sourceIndex] = field ?? [];
    const volume = pod.spec.volumes?.[Number(volumeIndex)];
    const token = volume?.projected?.sources?.[Number(sourceIndex)]?.serviceAccountToken;
    const value = member === "audience" ? shown(token?.audience ?? "") : `${token?.expirationSeconds ?? 3600};`;
    return [`volume "${volume?.name}"`, `${member} is ${value}`];
  });

const firstBreach = (judged: Judged, pod: Pod, member: Member): Refusal => breachesOf(judged, pod, member)[0];

const lifetimes = (sent: Sent): Refusal => {
  const { lifetime } = sent.settings.policy;
  if (lifetime === undefined) return undefined;
  const half = { lifetime: { ...lifetime, violation: "Deny" }, audiences: undefined } as const;
  return firstBreach(judgedBy(sent, half), sent.pod, "expirationSeconds");
};

const audienceBreaches = (sent: Sent, by: typeof judge): readonly (readonly string[])[] => {
  const rule = sent.settings.policy.audiences;
  if (rule === undefined) return [];
  const half = { lifetime: undefined, audiences: { ...rule, violation: "Deny" } } as const;
  return breachesOf(judgedBy(sent, half, by), sent.pod, "audience");
};

const audiencesBy = (sent: Sent, by: typeof judge): Refusal => audienceBreaches(sent, by)[0];

const audiences = (sent: Sent): Refusal => audiencesBy(sent, judge);

/** Which audience it names first depends on how much it knows of parameters' patterns. */
const audiencesForAny = (sent: Sent): Refusal => audiencesBy(sent, judgeForAnyAccount) && [];

/** What one or more policies together refuse. */
export interface Model {
  readonly policies: readonly string[];
  readonly refusal: (sent: Sent) => Refusal;
  /** Other sentences that are as good: of two policies, each names the first breach of its own. */
  readonly others?: (sent: Sent) => readonly (readonly string[])[];
  /** What may be refused beyond that. */
  readonly isOpen?: (sent: Sent) => boolean;
}

const MODELS: readonly Model[] = [
  { policies: ["identity"], refusal: identity },
  { policies: ["lifetimes"], refusal: lifetimes },
];

/** A line for each rule. Of two policies with one rule, either may be the one that says it. */
export const KNOWN_ACCOUNT: readonly Model[] = [
  ...MODELS,
  {
    policies: ["audiences", "own-audiences"],
    refusal: audiences,
    others: (sent) => audienceBreaches(sent, judge).slice(1),
  },
];

/**
 * Without the policy that knows the ServiceAccount, as for one that the API server has not seen yet: nothing passes that
 * the webhook refuses whatever the account is, and nothing is refused that it lets pass knowing the account. Between the
 * two lie the parameters' patterns, which the policy looks at where they cost little.
 */
export const UNKNOWN_ACCOUNT: readonly Model[] = [
  ...MODELS,
  { policies: ["audiences"], refusal: audiencesForAny, isOpen: (sent) => audiences(sent) !== undefined },
];
