/** What to do about each problem. */
import type { DecisionReason, PolicyReason, ProblemReason, WarningReason } from "../reasons/reasons.ts";

/** What only the commands over manifests find. */
type OwnCode =
  | "bad-configuration"
  | "bad-object"
  | "misplaced-key"
  | "not-injectable"
  | "repeated"
  | "service-account-not-found"
  | "without-effect";

/** A code that `lint` prints. */
export type LintCode = OwnCode | ProblemReason | WarningReason | PolicyReason;

const ADVICE: Readonly<Record<LintCode, string>> = {
  "bad-configuration": "Correct the configuration; Podpass would not start with it, or go on with the one before.",
  "bad-object": "Correct the object; the API server would not take it either.",
  repeated: "Take one of the two away, or give -f only the files of one environment.",
  "misplaced-key": "Move it to where it is read, or take it away.",
  "not-injectable":
    "Use the webhook, which sees the pods themselves, or write volume, mounts and variables by hand; podpass presets NAME has them.",
  "without-effect": "Take it out, or use it; where it is meant, leave it.",
  "unknown-provider": "Correct the name, or add the provider to the configuration; podpass presets lists presets.",
  "missing-parameter":
    "Set it as an annotation, or, where only the platform may, in the configuration; podpass presets NAME shows how.",
  "bad-parameter": "Correct the value; podpass presets NAME has an example.",
  "bad-number": 'Write seconds as digits in quotes, such as "3600".',
  "bad-audience": "Correct the value, or take the annotation away to use the provider's own audience.",
  "namespace-not-allowed": "Use another namespace, or add it to the provider's allowedNamespaces.",
  "native-unsupported":
    "Nothing is to be done where the workload does without it; else go on with the vendor's own webhook for this workload.",
  "native-not-allowed":
    "Add the namespace to the provider's allowedNamespaces, or take the annotation away; podpass.dev/federate would refuse the pods.",
  "unused-key": "Correct the key, or take it away.",
  "key-not-for-pods": "Move it to the ServiceAccount, or take it away.",
  "bad-value": "Correct the value, or take the annotation away.",
  "unknown-container": "Correct the container's name in the filter.",
  "lifetime-clamped": "Ask for a lifetime inside the bounds.",
  "lifetime-above-maximum": "Shorten expirationSeconds of the projected token.",
  "path-taken": "Nothing, if the program reads the path from its variable; otherwise free the path.",
  "hard-coded-path-taken": "Free the path, or tell the program where the token is; inject --explain shows it.",
  "no-path-free": "Free one of the provider's paths in the container.",
  "manages-itself":
    "Take the container's own variables away to let Podpass set them, or leave the container out with skip-containers.",
  "variable-conflict": "Keep the two providers in different containers, with only-containers.",
  "provider-conflict": "Keep the two providers in different containers, with only-containers.",
  "static-key": "Take the static key out of the container's env or envFrom.",
  "hides-env-from": "Take the variable out of the envFrom source, or accept that the identity's is used.",
  "annotation-overwritten": "Take the annotation out of the manifest.",
  "invalid-service-account": "Correct the ServiceAccount.",
  "audience-not-allowed": "Use an allowed audience, or ask the platform to add it to policy.tokens.audiences.allow.",
  "lifetime-not-allowed": "Use a lifetime inside policy.tokens.expirationSeconds.",
  busy: "Create the pod again a little later.",
  "annotations-too-large": "Take annotations away; Kubernetes allows 256 KiB for all of them.",
  "service-account-not-found": "Give -f the file with the ServiceAccount too.",
  "identity-differs": "Take the variable out of the container to use the ServiceAccount's identity.",
  "identity-displaced":
    "Take one of the two identities away, or keep them in different containers with only-containers.",
  "variable-missing":
    "Set the variable in the container, or the parameter for it; podpass presets NAME has an example.",
  "too-many-providers": "Name fewer providers, or use several ServiceAccounts.",
  "too-many-keys": "Take annotations under the prefix away.",
  "too-many-names": "Name fewer containers in the list.",
  "too-large": "Make the pod smaller; the API server would not take it either.",
  "too-many-values": "Make the pod smaller.",
  "too-many-containers": "Use fewer containers in one pod.",
  "too-many-variables": "Use fewer variables, or envFrom.",
  "too-many-mounts": "Use fewer mounts in one pod.",
  "path-too-long": "Use a shorter mountPath.",
  "too-many-volumes": "Use fewer volumes in one pod.",
  "too-many-sources": "Use fewer projected sources in one pod.",
  "too-many-tokens": "Use fewer projected tokens in one pod.",
  "audience-too-long": "Use a shorter audience.",
  "patch-too-large": "Use fewer providers or containers in one pod.",
};

/** A sentence for `code`. */
export const adviceFor = (code: LintCode): string => ADVICE[code];

const isLintCode = (code: string): code is LintCode => Object.hasOwn(ADVICE, code);

/** The reason of a refusal, which is always one that a person can do something about. */
export const refusalCode = (reason: DecisionReason): LintCode => {
  if (isLintCode(reason)) return reason;
  throw new Error(`a pod is refused for ${reason}`);
};
