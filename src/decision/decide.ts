/** The decision over one pod: a pure function of the pod, its ServiceAccount and the settings. */
import type { Settings } from "../configuration/settings.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { add, type Patch, type PatchOperation } from "../injection/patch.ts";
import { type InjectionPlan, type PlacementReport, planInjection } from "../injection/plan.ts";
import { type PodAnnotations, readPodAnnotations } from "../injection/pod-annotations.ts";
import { isMirrorPod, type Pod, podName, serviceAccountName } from "../pod/pod.ts";
import { audienceJudge, type Clamp, judgePodTokens } from "../policy/token-policy.ts";
import { isExempt, Verdicts, type Violation } from "../policy/verdict.ts";
import type { DecisionReason, FieldPath, PolicyReason, ProblemReason, Warning } from "../reasons/reasons.ts";
import { line, quote } from "../reasons/text.ts";
import { MAX_ANNOTATIONS_BYTES, tooManyBytes } from "./annotations-size.ts";
import { judgedIdentities, type Rules } from "./judged-identities.ts";
import { limitWarnings } from "./limit-warnings.ts";

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
}

/** The decision. */
export interface Decision {
  /** `patched`: something is added or set; the reason says whether that is an identity. */
  readonly outcome: "patched" | "unchanged" | "denied";
  readonly reason: DecisionReason;
  /** Why the pod is refused; only with `denied`. */
  readonly message: string | undefined;
  /** What the refusal is about, where that is a field of the pod. */
  readonly field: FieldPath | undefined;
  readonly patch: Patch;
  readonly warnings: readonly Warning[];
  /** What `enforcement: Warn` let pass. */
  readonly letPass: readonly PolicyReason[];
  /** The providers for which something is added. */
  readonly providers: readonly string[];
  /** Why the ServiceAccount could not be resolved. */
  readonly problems: readonly ProblemReason[];
  /** What was decided for each container and provider. */
  readonly reports: readonly PlacementReport[];
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

/** Why nothing is injected into the pod, before anything of the ServiceAccount's identities is looked at. */
const skipReason = (
  input: DecisionInput,
  federation: Federation | undefined,
  annotations: PodAnnotations,
): DecisionReason | undefined => {
  if (isMirrorPod(input.pod)) return "mirror-pod";
  if (serviceAccountName(input.pod) === "") return "no-service-account";
  if (federation === undefined) return "service-account-not-found";
  if (!federation.isFederated) return "not-federated";
  if (annotations.isOptedOut) return "opted-out";
  return undefined;
};

interface Injection {
  readonly plan: InjectionPlan;
  readonly warnings: readonly Warning[];
}

/** One pod's decision in the making. */
class Deciding {
  private readonly input: DecisionInput;
  private readonly rules: Rules;
  private readonly verdicts: Verdicts;
  private readonly federation: Federation | undefined;
  private readonly annotations: PodAnnotations;

  constructor(input: DecisionInput) {
    const { settings, namespace, serviceAccount, pod } = input;
    this.input = input;
    this.federation = input.federation ?? (serviceAccount && resolveFederation(serviceAccount, settings));
    this.annotations = readPodAnnotations(pod, settings, this.federation?.providers ?? []);
    const identities = this.federation?.identities ?? [];
    this.rules = isExempt(settings, namespace)
      ? NO_RULES
      : { policy: settings.policy, judgeAudience: audienceJudge(settings, namespace, identities) };
    this.verdicts = new Verdicts(this.rules.policy);
  }

  decide(): Decision {
    const { federation, annotations, verdicts, input } = this;
    const clamps = judgePodTokens(input.pod, this.rules.policy, this.rules.judgeAudience, verdicts);
    const skipped = skipReason(input, federation, annotations);
    const { serviceAccount } = input;
    const injection =
      skipped === undefined && federation !== undefined && serviceAccount !== undefined
        ? this.inject(serviceAccount, federation, clamps)
        : undefined;
    const warnings = [
      ...verdicts.warnings,
      ...(injection?.warnings ?? []),
      ...annotations.warnings,
      ...(federation?.warnings ?? []),
    ];
    const shared = {
      warnings: limitWarnings(warnings),
      letPass: verdicts.letPass,
      problems: federation?.problems.map((problem) => problem.reason) ?? [],
      reports: injection?.plan.reports ?? [],
    };
    const [denial] = verdicts.denied;
    if (denial !== undefined)
      return { ...shared, ...this.refusal(denial), outcome: "denied", patch: [], providers: [] };
    const plan = injection?.plan;
    const patch = [...clampPatch(clamps), ...(plan?.patch ?? [])];
    const reason = skipped ?? this.reasonOf(plan);
    return {
      ...shared,
      outcome: patch.length > 0 ? "patched" : "unchanged",
      reason,
      message: undefined,
      field: undefined,
      patch,
      providers: plan?.added.map((identity) => identity.provider.name) ?? [],
    };
  }

  private reasonOf(plan: InjectionPlan | undefined): DecisionReason {
    if (plan === undefined) return "annotations-too-large";
    if (plan.added.length > 0) return "injected";
    if (plan.present.length > 0) return "complete";
    return (this.federation?.problems.length ?? 0) > 0 ? "invalid-service-account" : "left-out";
  }

  private refusal({ reason }: Violation): Pick<Decision, "reason" | "message" | "field"> {
    const { pod, namespace } = this.input;
    const { denied } = this.verdicts;
    const sentences = denied.map((violation) => violation.sentence).join("; ");
    return {
      reason,
      message: line(`pod ${namespace}/${podName(pod)} is refused: ${sentences}`, 4000),
      field: denied.find((violation) => violation.field !== undefined)?.field,
    };
  }

  /** The injection, or undefined when it may not be: the ServiceAccount is refused, or the annotations are too large. */
  private inject(account: ServiceAccount, federation: Federation, clamps: readonly Clamp[]): Injection | undefined {
    this.judgeServiceAccount(account, federation);
    const { identities, judgements } = judgedIdentities(account, federation, this.annotations, this.rules);
    const plan = planInjection(this.input.pod, identities, {
      injectedKey: `${this.input.settings.annotationPrefix}/injected`,
      lifetimeOf: (token) => clamps.find((clamp) => clamp.token === token)?.seconds ?? token.expirationSeconds,
    });
    // A token that is not made needs no judgement: what is adopted was judged where it stands.
    const warnings: Warning[] = [];
    for (const { identity, warning, verdicts } of judgements) {
      if (!plan.withNewVolume.has(identity)) continue;
      if (warning !== undefined) warnings.push(warning);
      this.verdicts.include(verdicts);
    }
    if (!this.annotationsFit(plan)) return undefined;
    return { plan, warnings: [...warnings, ...plan.warnings] };
  }

  private judgeServiceAccount(account: ServiceAccount, federation: Federation): void {
    const { problems } = federation;
    const [first] = problems;
    if (first === undefined) return;
    const texts = problems.map((problem) => problem.text).join("; ");
    const rest = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
    const violation = {
      reason: "invalid-service-account" as const,
      sentence: `ServiceAccount ${account.namespace}/${account.name} cannot be resolved: ${texts}`,
      warning: `ServiceAccount ${quote(account.name, 25)}: ${line(first.text, 75 - rest.length)}${rest}`,
      field: undefined,
    };
    if (this.rules.policy.invalidServiceAccount === "Warn") this.verdicts.warn(violation);
    else this.verdicts.deny(violation);
  }

  private annotationsFit(plan: InjectionPlan): boolean {
    const bytes = tooManyBytes(this.input.pod.metadata?.annotations ?? {}, plan.annotations);
    if (bytes === undefined) return true;
    this.verdicts.deny({
      reason: "annotations-too-large",
      sentence: `metadata.annotations would be ${bytes} bytes with Podpass' own; allowed: ${MAX_ANNOTATIONS_BYTES}`,
      warning: `no identity is injected: metadata.annotations would be ${bytes} bytes; allowed: ${MAX_ANNOTATIONS_BYTES}`,
      field: ["metadata", "annotations"],
    });
    return false;
  }
}

const clampPatch = (clamps: readonly Clamp[]): PatchOperation[] =>
  clamps.map(({ volume, source, seconds }) =>
    add(`/spec/volumes/${volume}/projected/sources/${source}/serviceAccountToken/expirationSeconds`, seconds),
  );

/** Decides over one pod. Never throws for what users write. */
export const decide = (input: DecisionInput): Decision => new Deciding(input).decide();
