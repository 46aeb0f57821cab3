/** The decision over one pod: a pure function of the pod, its ServiceAccount and the settings. */
import type { Settings } from "../configuration/settings.ts";
import { type Federation, type Identity, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { add, type Patch, type PatchOperation } from "../injection/patch.ts";
import { type InjectionPlan, planInjection, type WantedIdentity } from "../injection/plan.ts";
import type { PlacementReport } from "../injection/plan-container.ts";
import { type PodAnnotations, readPodAnnotations } from "../injection/pod-annotations.ts";
import { isMirrorPod, type Pod, podName, serviceAccountName } from "../pod/pod.ts";
import {
  type AudienceJudge,
  audienceJudge,
  type Clamp,
  judgeLifetime,
  judgePodTokens,
} from "../policy/token-policy.ts";
import { isExempt, Verdicts } from "../policy/verdict.ts";
import type { DecisionReason, PolicyReason, ProblemReason, Warning } from "../reasons/reasons.ts";
import { line, quote } from "../reasons/text.ts";
import { limitWarnings } from "./limit-warnings.ts";

/** What is to be decided over. */
export interface DecisionInput {
  readonly pod: Pod;
  /** The request's namespace, which is the pod's. */
  readonly namespace: string;
  /** Undefined when the pod names none, or one that does not exist. */
  readonly serviceAccount: ServiceAccount | undefined;
  readonly settings: Settings;
  /** `serviceAccount` resolved with `settings`, where that is known already. */
  readonly federation?: Federation | undefined;
}

/** The decision. */
export interface Decision {
  /** `patched`: something is added or set; the reason says whether that is an identity. */
  readonly outcome: "patched" | "unchanged" | "denied";
  readonly reason: DecisionReason;
  /** Why the pod is refused; only with `denied`. */
  readonly message: string | undefined;
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

/** Kubernetes' bound on a pod's annotations together, keys and values, in bytes. */
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

const NO_POLICY: Settings["policy"] = {
  enforcement: "Warn",
  exemptNamespaces: [],
  lifetime: undefined,
  audiences: undefined,
  invalidServiceAccount: "Warn",
  podOverrides: new Set(),
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

const shortName = (identity: Identity): string => `${identity.provider.name} identity`;

/** The lifetime (seconds) for an identity: pod before ServiceAccount before provider, inside the provider's bounds. */
const boundedSeconds = (
  identity: Identity,
  onPod: number | undefined,
): { seconds: number; warning: Warning | undefined } => {
  const { lifetime } = identity.provider;
  const requested = onPod ?? identity.requestedSeconds;
  if (requested === undefined) return { seconds: lifetime.default, warning: undefined };
  const seconds = Math.min(Math.max(requested, lifetime.min), lifetime.max);
  if (seconds === requested) return { seconds, warning: undefined };
  const text = `${shortName(identity)}: lifetime ${requested} s becomes ${seconds} s; allowed: ${lifetime.min} to ${lifetime.max}`;
  return { seconds, warning: { reason: "lifetime-clamped", text } };
};

/** An identity with what is to be said of its token, if one is made. */
interface JudgedIdentity extends WantedIdentity {
  readonly warning: Warning | undefined;
  readonly verdicts: Verdicts;
}

interface Injection {
  readonly plan: InjectionPlan;
  readonly warnings: readonly Warning[];
}

/** One pod's decision in the making. */
class Deciding {
  private readonly input: DecisionInput;
  private readonly policy: Settings["policy"];
  private readonly verdicts: Verdicts;
  private readonly federation: Federation | undefined;
  private readonly annotations: PodAnnotations;
  private readonly judgeAudience: AudienceJudge;

  constructor(input: DecisionInput) {
    const { settings, namespace, serviceAccount, pod } = input;
    this.input = input;
    const exempt = isExempt(settings, namespace);
    this.policy = exempt ? NO_POLICY : settings.policy;
    this.verdicts = new Verdicts(this.policy);
    this.federation = input.federation ?? (serviceAccount && resolveFederation(serviceAccount, settings));
    this.annotations = readPodAnnotations(pod, settings, this.federation?.providers ?? []);
    this.judgeAudience = exempt ? () => {} : audienceJudge(settings, namespace, this.federation?.identities ?? []);
  }

  decide(): Decision {
    const { federation, annotations, verdicts, input } = this;
    const clamps = judgePodTokens(input.pod, this.policy, this.judgeAudience, verdicts);
    const skipped = skipReason(input, federation, annotations);
    const injection = skipped === undefined && federation !== undefined ? this.inject(federation, clamps) : undefined;
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
      return { ...shared, outcome: "denied", reason: denial.reason, message: this.refusal(), patch: [], providers: [] };
    const plan = injection?.plan;
    const patch = [...clampPatch(clamps), ...(plan?.patch ?? [])];
    const reason = skipped ?? this.reasonOf(plan);
    return {
      ...shared,
      outcome: patch.length > 0 ? "patched" : "unchanged",
      reason,
      message: undefined,
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

  private refusal(): string {
    const { pod, namespace } = this.input;
    const sentences = this.verdicts.denied.map((violation) => violation.sentence);
    return line(`pod ${namespace}/${podName(pod)} is refused: ${sentences.join("; ")}`, 4000);
  }

  /** The injection, or undefined when it may not be: the ServiceAccount is refused, or the annotations are too large. */
  private inject(federation: Federation, clamps: readonly Clamp[]): Injection | undefined {
    this.judgeServiceAccount(federation);
    const wanted = federation.identities.map((identity): JudgedIdentity => {
      const onPod = this.annotations.forProvider(identity.provider.name);
      const { seconds, warning } = boundedSeconds(identity, onPod.requestedSeconds);
      const verdicts = new Verdicts(this.policy);
      return {
        identity,
        seconds: this.judge(identity, seconds, verdicts),
        filters: [federation.filter, identity.filter, this.annotations.filter, onPod.filter],
        warning,
        verdicts,
      };
    });
    const plan = planInjection(this.input.pod, wanted, {
      injectedKey: `${this.input.settings.annotationPrefix}/injected`,
      lifetimeOf: (token) => clamps.find((clamp) => clamp.token === token)?.seconds ?? token.expirationSeconds,
    });
    // A token that is not made needs no judgement: what is adopted was judged where it stands.
    const warnings: Warning[] = [];
    for (const { identity, warning, verdicts } of wanted) {
      if (!plan.withNewVolume.has(identity)) continue;
      if (warning !== undefined) warnings.push(warning);
      this.verdicts.include(verdicts);
    }
    if (!this.annotationsFit(plan)) return undefined;
    return { plan, warnings: [...warnings, ...plan.warnings] };
  }

  private judge(identity: Identity, seconds: number, verdicts: Verdicts): number {
    const account = this.input.serviceAccount;
    const field = {
      path: `ServiceAccount ${account?.namespace}/${account?.name}: the ${identity.provider.name} token's serviceAccountToken`,
      short: shortName(identity),
    };
    this.judgeAudience(identity.audience, field, verdicts);
    return judgeLifetime(this.policy, seconds, field, verdicts);
  }

  private judgeServiceAccount(federation: Federation): void {
    const { problems } = federation;
    const [first] = problems;
    if (first === undefined) return;
    const account = this.input.serviceAccount;
    const texts = problems.map((problem) => problem.text).join("; ");
    const rest = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
    const violation = {
      reason: "invalid-service-account" as const,
      sentence: `ServiceAccount ${account?.namespace}/${account?.name} cannot be resolved: ${texts}`,
      warning: `ServiceAccount ${quote(account?.name ?? "", 25)}: ${line(first.text, 75 - rest.length)}${rest}`,
    };
    if (this.policy.invalidServiceAccount === "Warn") this.verdicts.warn(violation);
    else this.verdicts.deny(violation);
  }

  private annotationsFit(plan: InjectionPlan): boolean {
    const existing = this.input.pod.metadata?.annotations ?? {};
    if (isSurelySmall(existing, plan.annotations)) return true;
    const bytes = annotationBytes(existing, plan.annotations);
    if (bytes <= MAX_ANNOTATIONS_BYTES) return true;
    this.verdicts.deny({
      reason: "annotations-too-large",
      sentence: `metadata.annotations would be ${bytes} bytes with Podpass' own; allowed: ${MAX_ANNOTATIONS_BYTES}`,
      warning: `no identity is injected: metadata.annotations would be ${bytes} bytes; allowed: ${MAX_ANNOTATIONS_BYTES}`,
    });
    return false;
  }
}

const utf8Length = (text: string): number => {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    const isHalfOfPair = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x800 || isHalfOfPair ? 1 : 2;
  }
  return bytes;
};

/** Cheap to know, and nearly always enough: no text has more than three bytes a UTF-16 unit. */
const isSurelySmall = (existing: { readonly [key: string]: string }, own: ReadonlyMap<string, string>): boolean => {
  let units = 0;
  for (const key in existing) units += key.length + (existing[key]?.length ?? 0);
  for (const [key, value] of own) units += key.length + value.length;
  return units * 3 <= MAX_ANNOTATIONS_BYTES;
};

const annotationBytes = (existing: { readonly [key: string]: string }, own: ReadonlyMap<string, string>): number => {
  let bytes = 0;
  for (const [key, value] of Object.entries(existing)) if (!own.has(key)) bytes += utf8Length(key) + utf8Length(value);
  for (const [key, value] of own) bytes += utf8Length(key) + utf8Length(value);
  return bytes;
};

const clampPatch = (clamps: readonly Clamp[]): PatchOperation[] =>
  clamps.map(({ volume, source, seconds }) =>
    add(`/spec/volumes/${volume}/projected/sources/${source}/serviceAccountToken/expirationSeconds`, seconds),
  );

/** Decides over one pod. Never throws for what users write. */
export const decide = (input: DecisionInput): Decision => new Deciding(input).decide();
