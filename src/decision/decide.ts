/** The decision over one pod: a pure function of the pod, its ServiceAccount and the settings. */
import type { Federation } from "../federation/federation.ts";
import { add, type Patch, type PatchOperation } from "../injection/patch.ts";
import { type InjectionPlan, type PlacementReport, planInjection, TOO_LARGE } from "../injection/plan.ts";
import { isMirrorPod, podName, serviceAccountName } from "../pod/pod.ts";
import type { Clamp } from "../policy/token-policy.ts";
import type { Verdicts, Violation } from "../policy/verdict.ts";
import { beyond, POD_LIMITS } from "../reasons/limits.ts";
import type { DecisionReason, FieldPath, PolicyReason, ProblemReason, Warning } from "../reasons/reasons.ts";
import { line } from "../reasons/text.ts";
import { ANNOTATIONS, tooManyBytes } from "./annotations-size.ts";
import { type DecisionInput, type Judged, judge, judgeForAnyAccount } from "./judge.ts";
import { judgeServiceAccount } from "./judge-account.ts";
import { limitWarnings } from "./limit-warnings.ts";
import type { PreparedAccount } from "./prepared-account.ts";

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
  readonly wouldDeny: readonly PolicyReason[];
  /** The providers for which something is added. */
  readonly providers: readonly string[];
  /** Why the ServiceAccount could not be resolved. */
  readonly problems: readonly ProblemReason[];
  /** What was decided for each container and provider. */
  readonly reports: readonly PlacementReport[];
}

/** Why nothing is injected into the pod, before anything of the ServiceAccount's identities is looked at. */
const skipReason = ({ input, prepared, annotations }: Judged): DecisionReason | undefined => {
  if (isMirrorPod(input.pod)) return "mirror-pod";
  if (serviceAccountName(input.pod) === "") return "no-service-account";
  if (prepared === undefined) return "service-account-not-found";
  if (!prepared.federation.isFederated) return "not-federated";
  if (annotations.isOptedOut) return "opted-out";
  return undefined;
};

/** What the second half comes to: an injection, or why there is none. */
interface Injection {
  readonly reason: DecisionReason;
  readonly plan?: InjectionPlan;
  readonly warnings: readonly Warning[];
}

const reasonOf = (plan: InjectionPlan, federation: Federation): DecisionReason => {
  if (plan.added.length > 0) return "injected";
  if (plan.present !== "none") return plan.present;
  return federation.problems.length > 0 ? "invalid-service-account" : "left-out";
};

/** Without identity: what would be written is larger than Kubernetes takes. */
const withoutPlan = (
  reason: "annotations-too-large" | "patch-too-large",
  about: string,
  verdicts: Verdicts,
): Injection => {
  const field = reason === "annotations-too-large" ? ANNOTATIONS : undefined;
  verdicts.deny({ reason, sentence: about, warning: `no identity is injected: ${about}`, field });
  return { reason, warnings: [] };
};

/** The second half: plans the identities of a pod that is not refused, and judges the tokens that the plan makes. */
const inject = (judged: Judged, prepared: PreparedAccount): Injection => {
  const { input, annotations, verdicts, clamps } = judged;
  const { identities, judgements } = prepared.identitiesFor(annotations);
  const clamped = new Map(clamps.map(({ token, seconds }) => [token, seconds]));
  const plan = planInjection(input.pod, identities, {
    injectedKey: `${input.settings.annotationPrefix}/injected`,
    lifetimeOf: (token) => clamped.get(token) ?? token.expirationSeconds,
    keysOf: input.keysOf,
  });
  if (plan === TOO_LARGE)
    return withoutPlan("patch-too-large", `the patch has ${beyond(POD_LIMITS["patch-too-large"])}`, verdicts);
  // A token that is not made needs no judgement: what is reused was judged where it stands.
  const warnings: Warning[] = [];
  for (const { identity, warning, verdicts: ofIdentity } of judgements) {
    if (!plan.withNewVolume.has(identity)) continue;
    if (warning !== undefined) warnings.push(warning);
    verdicts.include(ofIdentity);
  }
  const bytes = tooManyBytes(input.pod.metadata?.annotations ?? {}, plan.annotations);
  if (bytes !== undefined) {
    const allowed = POD_LIMITS["annotations-too-large"].max;
    const about = `metadata.annotations would be ${bytes} bytes with Podpass' own; allowed: ${allowed}`;
    return withoutPlan("annotations-too-large", about, verdicts);
  }
  for (const warning of plan.warnings) warnings.push(warning);
  return { reason: reasonOf(plan, prepared.federation), plan, warnings };
};

const NOTHING_ADDED = { patch: [], providers: [] } as const;

const refusal = (
  { input, verdicts }: Judged,
  { reason }: Violation,
): Pick<Decision, "reason" | "message" | "field"> => {
  const { denied, deniedCount } = verdicts;
  const more = deniedCount > denied.length ? ` (and ${deniedCount - denied.length} more)` : "";
  const sentences = denied.map((violation) => violation.sentence).join("; ");
  return {
    reason,
    message: line(`pod ${input.namespace}/${podName(input.pod)} is refused: ${sentences}${more}`, 4000),
    field: denied.find((violation) => violation.field !== undefined)?.field,
  };
};

/** The decision, with everything that was said on the way to it. */
const conclude = (judged: Judged, injection: Injection): Decision => {
  const { prepared, annotations, verdicts, clamps } = judged;
  const federation = prepared?.federation;
  const { plan, reason } = injection;
  const said = {
    warnings: limitWarnings([
      ...verdicts.warnings,
      ...injection.warnings,
      ...annotations.warnings,
      ...(federation?.warnings ?? []),
    ]),
    wouldDeny: verdicts.wouldDeny,
    problems: federation?.problems.map((problem) => problem.reason) ?? [],
    reports: plan?.reports ?? [],
  };
  const [denial] = verdicts.denied;
  if (denial !== undefined) return { ...said, ...NOTHING_ADDED, ...refusal(judged, denial), outcome: "denied" };
  const patch = plan === undefined ? clampPatch(clamps) : [...clampPatch(clamps), ...plan.patch];
  return {
    ...said,
    outcome: patch.length > 0 ? "patched" : "unchanged",
    reason,
    message: undefined,
    field: undefined,
    patch,
    providers: plan?.added.map((identity) => identity.provider.name) ?? [],
  };
};

const clampPatch = (clamps: readonly Clamp[]): PatchOperation[] =>
  clamps.map(({ volume, source, seconds }) =>
    add(`/spec/volumes/${volume}/projected/sources/${source}/serviceAccountToken/expirationSeconds`, seconds),
  );

/** Decides over one pod. Never throws for what users write. A pod that is refused is not planned. */
export const decide = (input: DecisionInput): Decision => {
  const judged = judge(input);
  const { prepared, breach, verdicts } = judged;
  const nothing = (reason: DecisionReason): Decision => conclude(judged, { reason, warnings: [] });
  if (breach !== undefined) return nothing(breach);
  const skipped = skipReason(judged);
  if (skipped !== undefined || prepared === undefined) return nothing(skipped ?? "service-account-not-found");
  judgeServiceAccount(prepared, verdicts);
  if (verdicts.isDenied) return nothing("invalid-service-account");
  return conclude(judged, inject(judged, prepared));
};

/**
 * The refusal of a pod over which no decision could be had, since its ServiceAccount could not be read or a fault ended
 * it: a pod that breaks the policy whatever its ServiceAccount is. Undefined for every other: then the webhook's
 * `failurePolicy` decides. `why` is for the person who is refused.
 */
export const refuseDespiteFault = (
  input: Pick<DecisionInput, "pod" | "namespace" | "settings">,
  why: string,
): Decision | undefined => {
  const judged = judgeForAnyAccount({ ...input, serviceAccount: undefined });
  if (!judged.verdicts.isDenied) return undefined;
  const decision = conclude(judged, { reason: "internal-error", warnings: [] });
  return { ...decision, message: line(`${decision.message} (${why})`, 4000) };
};
