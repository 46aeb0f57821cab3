/** The first half of a decision: what the pod brings is judged, its size before its tokens. Nothing is planned yet. */
import type { Settings } from "../configuration/settings.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { KeysOf } from "../injection/container-facts.ts";
import { type PodAnnotations, readPodAnnotations } from "../injection/pod-annotations.ts";
import type { Pod } from "../pod/pod.ts";
import { type Breach, breachOf } from "../pod/size.ts";
import { audienceJudge, type Clamp, judgePodTokens } from "../policy/token-policy.ts";
import { isExempt, Verdicts } from "../policy/verdict.ts";
import { beyond, POD_LIMITS, type PodLimit } from "../reasons/limits.ts";
import { showField } from "../reasons/text.ts";
import { annotationsBreach } from "./annotations-size.ts";
import type { Rules } from "./judged-identities.ts";

/** What is to be decided over. */
export interface DecisionInput {
  readonly pod: Pod;
  /** The request's namespace, which is the pod's. */
  readonly namespace: string;
  /** Undefined when the pod names none, or one that does not exist. */
  readonly serviceAccount: ServiceAccount | undefined;
  readonly settings: Settings;
  /** `serviceAccount` resolved with `settings`, where that is known already; what is found out about it is kept. */
  readonly federation?: Federation | undefined;
  /** What ConfigMaps and Secrets hold, where that is at hand: then `envFrom` is known. */
  readonly keysOf?: KeysOf | undefined;
}

/** In a namespace that is exempt. */
const NO_RULES: Rules = {
  policy: {
    enforcement: "Warn",
    exemptNamespaces: [],
    lifetime: undefined,
    audiences: undefined,
    invalidServiceAccount: "Warn",
    podOverrides: new Set(),
  },
  judgeAudience: undefined,
};

/** The pod as far as it is judged. */
export interface Judged {
  readonly input: DecisionInput;
  readonly federation: Federation | undefined;
  readonly annotations: PodAnnotations;
  readonly rules: Rules;
  readonly verdicts: Verdicts;
  /** Lifetimes to change in tokens that the pod has. */
  readonly clamps: readonly Clamp[];
  /** The bound that the pod does not keep: it is not read any further. */
  readonly breach: PodLimit | undefined;
}

const rulesFor = ({ settings, namespace }: DecisionInput, federation: Federation | undefined): Rules => {
  if (isExempt(settings, namespace)) return NO_RULES;
  return { policy: settings.policy, judgeAudience: audienceJudge(settings, namespace, federation?.identities ?? []) };
};

/**
 * The rules where the ServiceAccount is not known: an audience is allowed that is any ServiceAccount's, and a lifetime
 * that would be changed is refused.
 */
const rulesForAnyAccount = ({ settings, namespace }: DecisionInput): Rules => {
  if (isExempt(settings, namespace)) return NO_RULES;
  const { lifetime } = settings.policy;
  const strict = lifetime?.violation === "Clamp" ? { ...lifetime, violation: "Deny" as const } : lifetime;
  return {
    policy: { ...settings.policy, lifetime: strict },
    judgeAudience: audienceJudge(settings, namespace, undefined),
  };
};

/** Says that the pod does not keep a bound: a refusal, or a warning where nothing is enforced. */
const tellBreach = ({ limit, field }: Breach, verdicts: Verdicts): void => {
  const sentence = `${showField(field)} has ${beyond(POD_LIMITS[limit])}`;
  verdicts.deny({ reason: limit, sentence, warning: `${sentence}; Podpass leaves it as it is`, field });
};

const judgeWith = (input: DecisionInput, federation: Federation | undefined, rules: Rules): Judged => {
  const { pod, settings } = input;
  const annotations = readPodAnnotations(pod, settings, federation?.providers ?? []);
  const verdicts = new Verdicts(rules.policy);
  const judged = { input, federation, annotations, rules, verdicts };
  const breach = breachOf(pod) ?? annotationsBreach(pod) ?? annotations.breach;
  if (breach !== undefined) {
    tellBreach(breach, verdicts);
    return { ...judged, clamps: [], breach: breach.limit };
  }
  const clamps = judgePodTokens(pod, rules.policy, rules.judgeAudience, verdicts);
  return { ...judged, clamps, breach: undefined };
};

/** Judges a pod. */
export const judge = (input: DecisionInput): Judged => {
  const { settings, serviceAccount } = input;
  const federation = input.federation ?? (serviceAccount && resolveFederation(serviceAccount, settings));
  return judgeWith(input, federation, rulesFor(input, federation));
};

/** Judges a pod of which the ServiceAccount is not known: what is refused here, is refused whatever account it has. */
export const judgeForAnyAccount = (input: DecisionInput): Judged =>
  judgeWith(input, undefined, rulesForAnyAccount(input));
