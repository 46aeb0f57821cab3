/** The installation's policies in the cluster, beside those that its configuration comes to. */
import type { Settings } from "../configuration/settings.ts";
import { type Installation as For, MUTATING_SINCE } from "../policies/installation.ts";
import { POLICY_NAMES, policyName } from "../policies/names.ts";
import { type RenderedPolicies, renderPolicies } from "../policies/render.ts";
import type { Facts } from "./facts.ts";
import { mapAt, textsAt } from "./json.ts";
import { ownWebhook } from "./ours.ts";
import { valueIn } from "./read.ts";
import type { StoredPolicy } from "./stored-policy.ts";
import { readVersion } from "./versions.ts";

/** The names that an installation's policies can have. */
export const policyNames = (name: string, { annotationPrefix }: Settings): readonly string[] =>
  POLICY_NAMES.map((policy) => policyName(name, policy, annotationPrefix));

/** One policy, as much of it as is there. */
export interface PolicyState {
  /** Behind the installation's name: `identity`. */
  readonly policy: string;
  readonly isMutating: boolean;
  readonly isExpected: boolean;
  readonly stored: StoredPolicy | undefined;
  readonly binding: StoredPolicy | undefined;
}

/** What is there, and what should be. */
export interface Policies {
  readonly settings: Settings;
  readonly digest: string;
  readonly installation: For;
  readonly expected: RenderedPolicies;
  readonly stored: readonly StoredPolicy[];
  /** Namespaces that they may leave out, since the webhook never sees them. */
  readonly excluded: readonly string[];
  /** Those that are there or should be, in the order in which they are rendered. */
  readonly states: readonly PolicyState[];
  /** Is one of them a union of two configurations, one of which is this one? */
  readonly isUnion: boolean;
}

const isBinding = ({ kind }: { readonly kind: string }): boolean => kind.endsWith("Binding");

/** Kubernetes 1.`minor`, by its word, or else by what it has; without the API an API server has less than its version. */
const minorOf = ({ version, admissionResources }: Pick<Facts, "version" | "admissionResources">): number => {
  const said = readVersion(valueIn(version) ?? "")?.minor;
  const resources = valueIn(admissionResources);
  const lacks = resources !== undefined && !resources.includes("mutatingadmissionpolicies");
  if (said === undefined) return lacks ? MUTATING_SINCE - 1 : MUTATING_SINCE;
  return lacks ? Math.min(said, MUTATING_SINCE - 1) : said;
};

/** A policy is in label mode where its binding selects ServiceAccounts by labels. */
const modeOf = (stored: readonly StoredPolicy[], identity: string): For["mode"] => {
  const binding = stored.find((one) => one.kind === "ValidatingAdmissionPolicyBinding" && one.name === identity);
  return mapAt(binding?.spec, "paramRef", "selector", "matchLabels").size > 0 ? "label" : "exact";
};

const statesOf = (
  stored: readonly StoredPolicy[],
  expected: RenderedPolicies,
  nameOf: (policy: string) => string,
): readonly PolicyState[] =>
  POLICY_NAMES.flatMap((policy) => {
    const name = nameOf(policy);
    const own = stored.filter((one) => one.name === name);
    const wanted = expected.objects.find(({ metadata }) => metadata.name === name);
    const kind = wanted?.kind ?? own[0]?.kind;
    if (kind === undefined) return [];
    return [
      {
        policy,
        isMutating: kind.startsWith("Mutating"),
        isExpected: wanted !== undefined,
        stored: own.find((one) => !isBinding(one)),
        binding: own.find(isBinding),
      },
    ];
  });

/** What policies are held against. */
export interface Comparison extends Pick<Facts, "version" | "admissionResources"> {
  /** What the names of all of them begin with. */
  readonly name: string;
  readonly settings: Settings;
  readonly digest: string;
  readonly stored: readonly StoredPolicy[];
  /** Namespaces that policies may leave out beside those of the configuration: the webhook never sees them. */
  readonly excluded: readonly string[];
  /** Were those left out that serve pods and keep labels, although Kubernetes has them? */
  readonly isValidatingOnly?: boolean;
}

/** Renders the policies of the configuration, for what the cluster and the stored ones are; throws nothing. */
export const comparePolicies = (comparison: Comparison): Policies => {
  const { name, settings, digest, stored, excluded, isValidatingOnly = false } = comparison;
  const nameOf = (policy: string): string => policyName(name, policy, settings.annotationPrefix);
  const installation = { name, minor: minorOf(comparison), mode: modeOf(stored, nameOf("identity")), digest };
  const all = renderPolicies(settings, installation);
  const expected = isValidatingOnly
    ? { ...all, objects: all.objects.filter(({ kind }) => kind.startsWith("Validating")) }
    : all;
  return {
    settings,
    digest,
    installation,
    expected,
    stored,
    excluded,
    states: statesOf(stored, expected, nameOf),
    isUnion: stored.some((one) => one.unionWith !== "" && [one.digest, one.unionWith].includes(digest)),
  };
};

/** Namespaces that the webhook does not see by their names. */
const excludedNamespaces = (facts: Facts): readonly string[] =>
  (ownWebhook(facts)?.namespaceSelector ?? [])
    .filter(({ key, operator }) => key === "kubernetes.io/metadata.name" && operator === "NotIn")
    .flatMap(({ values }) => values);

const compare = (facts: Facts): Policies | undefined => {
  const { installation, policies, configuration, version, admissionResources } = facts;
  const { settings, digest = "" } = valueIn(configuration) ?? {};
  if (settings === undefined || policies?.kind !== "read") return undefined;
  const stored = policies.value;
  const excluded = excludedNamespaces(facts);
  return comparePolicies({ name: installation.name, settings, digest, stored, excluded, version, admissionResources });
};

/** The largest configuration takes a second to render, and every check asks. */
const compared = new WeakMap<Facts, Policies | undefined>();

/** Undefined where the configuration is not known, or the policies could not be read. */
export const policiesOf = (facts: Facts): Policies | undefined => {
  if (!compared.has(facts)) compared.set(facts, compare(facts));
  return compared.get(facts);
};

/** What becomes of a violation, or of a pod; of a policy without a binding nothing. */
export const effectOf = ({ stored, binding, isMutating }: PolicyState): "nothing" | "serves" | "refuses" | "warns" => {
  if (stored === undefined || binding === undefined) return "nothing";
  if (isMutating) return "serves";
  return textsAt(binding.spec, "validationActions").includes("Deny") ? "refuses" : "warns";
};

/** Does the API server itself refuse pods of federated ServiceAccounts that nobody decided on? */
export const refusesInside = (facts: Facts): boolean =>
  policiesOf(facts)?.states.some((state) => state.policy === "identity" && effectOf(state) === "refuses") === true;
