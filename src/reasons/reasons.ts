/**
 * The closed set of reason codes. One table feeds logs, metric labels, warnings, audit annotations and the page
 * `docs/reasons.md`, so that a code means one thing wherever a person meets it.
 */

/** Why a review ended as it did; exactly one per request. */
export const DECISION_REASONS = {
  injected: "Something was added to the pod.",
  complete: "The ServiceAccount is federated and everything was there already.",
  "left-out": "The ServiceAccount is federated, but no container takes the identity; the warnings say why.",
  "not-a-pod-create": "The request is not the creation of a pod.",
  "no-service-account": "The pod names no ServiceAccount.",
  "service-account-not-found": "The pod's ServiceAccount does not exist.",
  "not-federated": "The pod's ServiceAccount carries no federation annotation.",
  "mirror-pod": "A mirror of a static pod; Kubernetes forbids it any ServiceAccount token.",
  "opted-out": "The pod's `inject` annotation is `false`.",
  "invalid-service-account": "The federated ServiceAccount cannot be resolved with this configuration.",
  "audience-not-allowed": "A token's audience is not one that `policy.tokens.audiences` allows.",
  "lifetime-not-allowed": "A token's lifetime is outside `policy.tokens.expirationSeconds`.",
  "annotations-too-large": "The pod's annotations together would be larger than the 256 KiB that Kubernetes allows.",
  "lookup-failed": "The ServiceAccount could not be read.",
  "internal-error": "Something that should not happen happened; the log has the error.",
  "not-ready": "Not every condition of `/readyz` is met yet.",
  "not-a-review": "The body is not an AdmissionReview of `admission.k8s.io/v1`, or its object is not a pod.",
  "too-large": "The body is larger than 7 MiB.",
  "wrong-content-type": "The content type is not `application/json`.",
} as const;

/** One of {@link DECISION_REASONS}. */
export type DecisionReason = keyof typeof DECISION_REASONS;

/** Why a federated ServiceAccount cannot be resolved. */
export const PROBLEM_REASONS = {
  "unknown-provider": "The federation annotation names a provider that is not configured.",
  "missing-parameter": "A required parameter is set neither on the ServiceAccount nor by the platform.",
  "bad-parameter": "A parameter's value does not match its pattern.",
  "bad-number": "A lifetime is not a decimal number.",
  "bad-audience": "An audience is empty, too long or holds control characters.",
  "namespace-not-allowed": "The namespace is not among the provider's `allowedNamespaces`.",
} as const;

/** One of {@link PROBLEM_REASONS}. */
export type ProblemReason = keyof typeof PROBLEM_REASONS;

/** What an admission warning is about. */
export const WARNING_REASONS = {
  "unused-key": "An annotation under our prefix is read by nothing: a typo, or a provider that is not configured.",
  "key-not-for-pods": "An annotation on the pod is only read on ServiceAccounts.",
  "bad-value": "An annotation on the pod has a value that cannot be read, and is ignored.",
  "unknown-container": "A container filter names a container that the pod does not have.",
  "lifetime-clamped": "A lifetime was brought inside the bounds of the provider or of the policy.",
  "lifetime-above-maximum": "A token that was there already lives longer than the provider accepts.",
  "path-taken": "The provider's path is taken in a container; the token is at another path.",
  "hard-coded-path-taken": "As `path-taken`, but no variable tells the application where the token is.",
  "no-path-free": "No path of the provider is free in a container, which is left out.",
  "manages-itself": "A container already has its own setting for this identity; nothing is added to it.",
  "variable-conflict": "Two providers set one variable; the first in the federation annotation wins.",
  "provider-conflict": "Two providers that cannot work together are in one container.",
  "static-key": "A static key in the container's environment is used instead of the identity.",
  "hides-env-from": "A variable of ours would hide one of the container's `envFrom`.",
  "annotation-overwritten": "An annotation that holds a file of ours was written by somebody else, and was replaced.",
  "invalid-service-account": "The federated ServiceAccount cannot be resolved, and the policy lets the pod pass.",
  "audience-not-allowed": "An audience is outside the policy, which lets the pod pass.",
  "lifetime-not-allowed": "A lifetime is outside the policy, which lets the pod pass.",
  "annotations-too-large": "The annotations would be too large, and the policy lets the pod pass without identity.",
} as const;

/** One of {@link WARNING_REASONS}. */
export type WarningReason = keyof typeof WARNING_REASONS;

/** What a policy refuses; `enforcement: Warn` turns each into a warning and a count. */
export type PolicyReason = Extract<DecisionReason, WarningReason>;

/** A field of an object, a step each: `["spec", "containers", "0"]`. */
export type FieldPath = readonly string[];

/** The annotation `key` of an object. */
export const annotationField = (key: string): FieldPath => ["metadata", "annotations", key];

/** A sentence for the person who creates the pod, with the code it belongs to. */
export interface Warning {
  readonly reason: WarningReason;
  readonly text: string;
  /** What it is about, in the pod, or in the ServiceAccount where the sentence is about that. */
  readonly field?: FieldPath;
}

/** One reason why a federated ServiceAccount cannot be resolved. */
export interface Problem {
  readonly reason: ProblemReason;
  readonly text: string;
  /** The ServiceAccount's annotation that is to be corrected or, where one is missing, that asks for it. */
  readonly field: FieldPath;
}
