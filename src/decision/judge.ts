/** The first half of a decision: what the pod brings is judged, its size before its tokens. Nothing is planned yet. */
import type { Settings } from "../configuration/settings.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { KeysOf } from "../injection/env-facts.ts";
import { type PodAnnotations, readPodAnnotations } from "../injection/pod-annotations.ts";
import type { Pod } from "../pod/pod.ts";
import { type Breach, breachOf } from "../pod/size.ts";
import { type Clamp, judgePodTokens } from "../policy/token-policy.ts";
import { Verdicts } from "../policy/verdict.ts";
import { beyond, POD_LIMITS, type PodLimit } from "../reasons/limits.ts";
import { showField } from "../reasons/text.ts";
import { annotationsBreach } from "./annotations-size.ts";
import { type PreparedAccount, prepareAccount } from "./prepared-account.ts";
import { type Rules, rulesFor, rulesForAnyAccount } from "./rules.ts";

/** What is to be decided over. */
export interface DecisionInput {
  readonly pod: Pod;
  /** The request's namespace, which is the pod's. */
  readonly namespace: string;
  /** Undefined when the pod names none, or one that does not exist. */
  readonly serviceAccount: ServiceAccount | undefined;
  readonly settings: Settings;
  /** What is known of `serviceAccount` under `settings` already. */
  readonly prepared?: PreparedAccount | undefined;
  /** What ConfigMaps and Secrets hold, where that is at hand: then `envFrom` is known. */
  readonly keysOf?: KeysOf | undefined;
}

/** The pod as far as it is judged. */
export interface Judged {
  readonly input: DecisionInput;
  readonly prepared: PreparedAccount | undefined;
  readonly annotations: PodAnnotations;
  readonly rules: Rules;
  readonly verdicts: Verdicts;
  /** Lifetimes to change in tokens that the pod has. */
  readonly clamps: readonly Clamp[];
  /** The bound that the pod does not keep: it is not read any further. */
  readonly breach: PodLimit | undefined;
}

/** Says that the pod does not keep a bound: a refusal, or a warning where nothing is enforced. */
const tellBreach = ({ limit, field }: Breach, verdicts: Verdicts): void => {
  const sentence = `${showField(field)} has ${beyond(POD_LIMITS[limit])}`;
  verdicts.deny({ reason: limit, sentence, warning: `${sentence}; Podpass leaves it as it is`, field });
};

const judgeWith = (input: DecisionInput, prepared: PreparedAccount | undefined, rules: Rules): Judged => {
  const { pod, settings } = input;
  const annotations = readPodAnnotations(pod, settings, prepared?.federation.providers ?? []);
  const verdicts = new Verdicts(rules.policy);
  const judged = { input, prepared, annotations, rules, verdicts };
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
  const { settings, serviceAccount, namespace } = input;
  const ofAny = input.prepared ?? (serviceAccount && prepareAccount(serviceAccount, settings));
  const prepared = ofAny?.forPod(input.pod);
  return judgeWith(input, prepared, prepared?.rules ?? rulesFor(settings, namespace, []));
};

/** Judges a pod of which the ServiceAccount is not known: what is refused here, is refused whatever account it has. */
export const judgeForAnyAccount = (input: DecisionInput): Judged =>
  judgeWith(input, undefined, rulesForAnyAccount(input.settings, input.namespace));
