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

/** What a sentence has in it. */
type Needles = readonly string[];

/** What is to be said of a pod, and whether it is refused for it. */
export interface Expected {
  readonly action: "Deny" | "Warn";
  readonly sentence: Needles;
  /** Other sentences that are as good: of two policies, each names the first violation of its own. */
  readonly others: readonly Needles[];
}

/** As a sentence shows it; only the beginning where it is cut or cannot be printed. */
const shown = (value: string): string => {
  if (!/^[ -~]*$/.test(value) || value.length > 4096) return `a text of ${[...value].length} characters`;
  return value.length > 40 ? JSON.stringify(value.slice(0, 40)).slice(0, -1) : JSON.stringify(value);
};

const tokensOf = (pod: Pod): readonly ServiceAccountTokenProjection[] =>
  (pod.spec.volumes ?? []).flatMap((volume) =>
    (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []),
  );

/** The pod judged by one half of the rules for tokens. */
const judgedBy = (
  { pod, account, settings }: Sent,
  half: Pick<Policy, "lifetime" | "audiences">,
  by: typeof judge = judge,
): Judged =>
  by({
    pod,
    namespace: account.namespace,
    serviceAccount: account,
    settings: { ...settings, policy: { ...settings.policy, ...half } },
  });

/** Beyond a bound: refused by whatever becomes of a violation of the rules. */
const breachOf = (sent: Sent): Expected | undefined => {
  const { breach, verdicts } = judgedBy(sent, sent.settings.policy);
  if (breach === undefined) return undefined;
  return { action: verdicts.isDenied ? "Deny" : "Warn", sentence: [beyond(POD_LIMITS[breach])], others: [] };
};

/** Where tokens are judged; else the policies leave it to the webhook. */
const bounds = (sent: Sent): Expected | undefined => {
  const { policy } = sent.settings;
  const isJudged = policy.lifetime !== undefined || policy.audiences !== undefined;
  return isJudged && !isExempt(sent.settings, sent.account.namespace) ? breachOf(sent) : undefined;
};

/** What `identity` says of a pod with a mark. */
const provenBy = (mark: string, sent: Sent): Needles | undefined => {
  const { federation } = prepareAccount(sent.account, sent.settings).forPod(sent.pod);
  const tokens = tokensOf(sent.pod);
  const unproven = mark.split(",").find((name) => {
    const found = federation.identities.find(({ provider }) => provider.name === name);
    return name !== "" && !tokens.some(({ audience }) => found !== undefined && (audience ?? "") === found.audience);
  });
  return unproven === undefined ? undefined : [`the pod has no token for ${shown(unproven)}`];
};

/** Federated, not opted out, and without the mark, or with a mark that names an identity whose token it has not. */
const identity = (sent: Sent): Expected | undefined => {
  const { pod, account, settings } = sent;
  const { federation } = prepareAccount(account, settings).forPod(pod);
  if (isExempt(settings, account.namespace) || !federation.isFederated) return undefined;
  if (readPodAnnotations(pod, settings, federation.providers).isOptedOut) return undefined;
  const key = `${settings.annotationPrefix}/injected`;
  const mark = pod.metadata?.annotations?.[key];
  const breach = mark !== undefined && /[^,]/u.test(mark) ? breachOf(sent) : undefined;
  if (breach !== undefined) return breach;
  const sentence = mark === undefined ? [`the pod does not carry ${key}`] : provenBy(mark, sent);
  return sentence && { action: settings.policy.enforcement === "Enforce" ? "Deny" : "Warn", sentence, others: [] };
};

type Member = "audience" | "expirationSeconds";

/** Where each violation of one half of the rules is, and the value; beyond a bound nothing is looked at. */
const violationsOf = ({ breach, verdicts }: Judged, pod: Pod, member: Member): readonly Needles[] => {
  if (breach !== undefined) return [];
  return (verdicts.isDenied ? verdicts.denied : verdicts.warnings).map(({ field }) => {
    const [, , volumeIndex, , , sourceIndex] = field ?? [];
    const volume = pod.spec.volumes?.[Number(volumeIndex)];
    const token = volume?.projected?.sources?.[Number(sourceIndex)]?.serviceAccountToken;
    const value = member === "audience" ? shown(token?.audience ?? "") : `${token?.expirationSeconds ?? 3600};`;
    return [`volume "${volume?.name}"`, `${member} is ${value}`];
  });
};

const expectedOf = (judged: Judged, pod: Pod, member: Member): Expected | undefined => {
  const [sentence, ...others] = violationsOf(judged, pod, member);
  return sentence && { action: judged.verdicts.isDenied ? "Deny" : "Warn", sentence, others };
};

const lifetimes = (sent: Sent): Expected | undefined => {
  const { lifetime } = sent.settings.policy;
  if (lifetime === undefined) return undefined;
  // Nothing clamps inside the API server.
  const strict = lifetime.violation === "Clamp" ? { ...lifetime, violation: "Deny" as const } : lifetime;
  const expected = expectedOf(
    judgedBy(sent, { lifetime: strict, audiences: undefined }),
    sent.pod,
    "expirationSeconds",
  );
  return expected && { ...expected, others: [] };
};

const audiencesBy = (sent: Sent, by: typeof judge): Expected | undefined => {
  const rule = sent.settings.policy.audiences;
  if (rule === undefined) return undefined;
  return expectedOf(judgedBy(sent, { lifetime: undefined, audiences: rule }, by), sent.pod, "audience");
};

const audiences = (sent: Sent): Expected | undefined => audiencesBy(sent, judge);

/** Which audience it names first depends on how much it knows of parameters' patterns. */
const audiencesForAny = (sent: Sent): Expected | undefined => {
  const expected = audiencesBy(sent, judgeForAnyAccount);
  return expected && { action: expected.action, sentence: [], others: [] };
};

/** What one or more policies together say. */
export interface Model {
  readonly policies: readonly string[];
  readonly expected: (sent: Sent) => Expected | undefined;
  /** What may be refused beyond that. */
  readonly isOpen?: (sent: Sent) => boolean;
}

const MODELS: readonly Model[] = [
  { policies: ["identity"], expected: identity },
  { policies: ["lifetimes"], expected: lifetimes },
];

/** A line for each rule. Of two policies with one rule, either may be the one that says it. */
export const KNOWN_ACCOUNT: readonly Model[] = [
  ...MODELS,
  // The policies that refuse say it, too.
  { policies: ["bounds", "lifetimes", "audiences", "own-audiences"], expected: bounds },
  { policies: ["audiences", "own-audiences"], expected: audiences },
];

/**
 * Without the policy that knows the ServiceAccount, as for one that the API server has not seen yet: nothing passes that
 * the webhook refuses whatever the account is, and nothing is refused that it lets pass knowing the account. Between the
 * two lie the parameters' patterns, which the policy looks at where they cost little.
 */
export const UNKNOWN_ACCOUNT: readonly Model[] = [
  ...MODELS,
  { policies: ["bounds", "lifetimes", "audiences"], expected: bounds },
  { policies: ["audiences"], expected: audiencesForAny, isOpen: (sent) => audiences(sent) !== undefined },
];
