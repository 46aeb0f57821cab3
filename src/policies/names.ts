/** What policies are called. */

/** Behind the installation's name, every policy that a configuration can come to. */
export const POLICY_NAMES = [
  "identity",
  "bounds",
  "lifetimes",
  "audiences",
  "own-audiences",
  "token-requests",
  "own-token-requests",
  "legacy-secrets",
  "annotations",
  "annotations-bindings",
  "label",
  "inject",
] as const;

/** One of them. */
export type PolicyName = (typeof POLICY_NAMES)[number];

/** Those among them that are MutatingAdmissionPolicies. */
export const MUTATING_POLICY_NAMES: ReadonlySet<string> = new Set(["label", "inject"]);

/** The name of an installation's policy and of its binding; the prefix tells two installations of one release name apart. */
export const policyName = (installation: string, policy: string, annotationPrefix: string): string =>
  `${installation}-${policy}.${annotationPrefix}`;
