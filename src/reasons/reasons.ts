/**
 * The closed set of reason codes. One table feeds logs, metric labels, warnings, audit annotations and the page
 * `docs/reasons.md`, so that a code means one thing wherever a person meets it.
 */

/** Why a review ended as it did; exactly one per request. */
export const DECISION_REASONS = {
  injected: "Something was added to the pod.",
  "already-present": "The ServiceAccount is federated and everything was there already.",
  "identity-differs": "Nothing had to be added, but a container names another identity than its ServiceAccount does.",
  "left-out": "The ServiceAccount is federated, but no container takes the identity; the warnings say why.",
  "not-a-pod-create": "The request is not the creation of a pod.",
  "not-a-service-account-write": "The request neither creates nor updates a ServiceAccount.",
  resolved: "The federated ServiceAccount that is written can be resolved.",
  "no-service-account": "The pod names no ServiceAccount.",
  "service-account-not-found": "The pod's ServiceAccount does not exist.",
  "not-federated": "The ServiceAccount that is written, or the pod's, carries no federation annotation.",
  "mirror-pod": "A mirror of a static pod; Kubernetes forbids it any ServiceAccount token.",
  "opted-out": "The pod's `inject` annotation is `false`.",
  "invalid-service-account": "The federated ServiceAccount cannot be resolved with this configuration.",
  "audience-not-allowed": "A token's audience is not one that `policy.tokens.audiences` allows.",
  "lifetime-not-allowed": "A token's lifetime is outside `policy.tokens.expirationSeconds`.",
  "annotations-too-large": "The annotations together are, or would be, larger than Kubernetes allows.",
  "too-large": "The review is larger than any real pod's.",
  "too-many-values": "The review has more JSON values than any real pod's.",
  "too-many-containers": "The pod has more containers than Podpass reads.",
  "too-many-variables": "The pod's containers have more environment variables than Podpass reads.",
  "too-many-mounts": "The pod's containers have more mounts than Podpass reads.",
  "path-too-long": "A container's `mountPath` is longer than any path that Linux opens.",
  "too-many-volumes": "The pod has more volumes than Podpass reads.",
  "too-many-sources": "The pod's projected volumes have more sources than Podpass reads.",
  "too-many-tokens": "The pod has more projected ServiceAccount tokens than Podpass judges.",
  "audience-too-long": "The audience of a projected token is longer than Podpass judges.",
  "too-many-keys": "The pod has more annotations under our prefix than Podpass reads.",
  "too-many-names": "A list in an annotation of the pod has more names than Podpass reads.",
  "patch-too-large": "What would be added to the pod is more than etcd stores.",
  "lookup-failed": "The ServiceAccount could not be read.",
  "internal-error": "Something that should not happen happened; the log has the error.",
  "not-ready": "Not every condition of `/readyz` is met yet.",
  busy: "Too many large reviews came at once, or this one too slowly; asked again, the pod is refused.",
  "not-a-review": "The body is not an AdmissionReview of `admission.k8s.io/v1`, or its object is not a pod.",
  "body-too-large": "The body is larger than any real pod's, and does not begin as an AdmissionReview does.",
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
  "too-many-providers": "The federation annotation names more providers than Podpass reads.",
  "too-many-keys": "The ServiceAccount has more annotations under our prefix than Podpass reads.",
  "too-many-names": "A list in an annotation has more names than Podpass reads.",
} as const;

/** One of {@link PROBLEM_REASONS}. */
export type ProblemReason = keyof typeof PROBLEM_REASONS;

/** What an admission warning is about. */
export const WARNING_REASONS = {
  "unused-key": "An annotation under our prefix is read by nothing: a typo, or a provider that is not configured.",
  "key-not-for-pods": "An annotation on the pod is only read on ServiceAccounts.",
  "native-unsupported": "A vendor's annotation asks for something that Podpass does not do, and is ignored.",
  "native-not-allowed":
    "A vendor's annotation asks for a provider whose `allowedNamespaces` leave this namespace out: it federates nothing.",
  "bad-value":
    "An annotation on the pod, or of a vendor's on the ServiceAccount, has a value that cannot be read, and is ignored.",
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
  "identity-differs":
    "A container's own variable names another identity than the ServiceAccount does, or makes the program choose another; it is kept.",
  "identity-displaced": "Another identity that works in a container is no longer used once this one is there.",
  "variable-missing": "A variable that the program needs is set neither by the container nor by the provider.",
  "hides-env-from": "A variable of ours would hide one of the container's `envFrom`.",
  "annotation-overwritten": "An annotation that holds a file of ours was written by somebody else, and was replaced.",
  "invalid-service-account": "The federated ServiceAccount cannot be resolved, and the policy lets the pod pass.",
  "audience-not-allowed": "An audience is outside the policy, which lets the pod pass.",
  "lifetime-not-allowed": "A lifetime is outside the policy, which lets the pod pass.",
  "annotations-too-large": "The annotations are too large, and the policy lets the pod pass without identity.",
  busy: "Too many large reviews came at once, and the policy lets the pod pass as it is.",
  "too-large": "The review is too large, and the policy lets the pod pass as it is.",
  "too-many-values": "The review has too many values, and the policy lets the pod pass as it is.",
  "too-many-containers": "There are too many containers, and the policy lets the pod pass as it is.",
  "too-many-variables": "There are too many variables, and the policy lets the pod pass as it is.",
  "too-many-mounts": "There are too many mounts, and the policy lets the pod pass as it is.",
  "path-too-long": "A mountPath is too long, and the policy lets the pod pass as it is.",
  "too-many-volumes": "There are too many volumes, and the policy lets the pod pass as it is.",
  "too-many-sources": "There are too many projected sources, and the policy lets the pod pass as it is.",
  "too-many-tokens": "There are too many projected tokens, and the policy lets the pod pass as it is.",
  "audience-too-long": "An audience is too long, and the policy lets the pod pass as it is.",
  "too-many-keys": "There are too many annotations under our prefix, and the policy lets the pod pass as it is.",
  "too-many-names": "A list in an annotation is too long, and the policy lets the pod pass as it is.",
  "patch-too-large": "The patch would be too large, and the policy lets the pod pass without identity.",
} as const;

/** One of {@link WARNING_REASONS}. */
export type WarningReason = keyof typeof WARNING_REASONS;

/** What a policy refuses; `enforcement: Warn` turns each into a warning and a count. */
export type PolicyReason = Exclude<Extract<DecisionReason, WarningReason>, "identity-differs">;

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
