/** The installation's policies in the cluster, beside those that its configuration comes to. */
import type { Settings } from "../configuration/settings.ts";
import { type Installation as For, MUTATING_SINCE } from "../policies/installation.ts";
import { POLICY_NAMES, policyName } from "../policies/names.ts";
import { type RenderedPolicies, renderPolicies } from "../policies/render.ts";
import type { Facts } from "./facts.ts";
import { mapAt, textsAt } from "./json.ts";
import { valueIn } from "./read.ts";
import type { StoredPolicy } from "./stored-policy.ts";
import { readVersion } from "./versions.ts";

/** The names that an installation's policies can have. */
export const policyNames = ({ name }: Facts["installation"], { annotationPrefix }: Settings): readonly string[] =>
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
  /** Those that are there or should be, in the order in which they are rendered. */
  readonly states: readonly PolicyState[];
  /** Is one of them a union of two configurations, one of which is this one? */
  readonly isUnion: boolean;
}

const isBinding = ({ kind }: { readonly kind: string }): boolean => kind.endsWith("Binding");

/** Kubernetes 1.`minor`, by its word, or else by what it has; without the API an API server has less than its version. */
const minorOf = ({ version, admissionResources }: Facts): number => {
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

const compare = (facts: Facts): Policies | undefined => {
  const { installation, policies, configuration } = facts;
  const { settings, policiesDigest: digest = "" } = valueIn(configuration) ?? {};
  if (settings === undefined || policies?.kind !== "read") return undefined;
  const stored = policies.value;
  const nameOf = (policy: string): string => policyName(installation.name, policy, settings.annotationPrefix);
  const mode = modeOf(stored, nameOf("identity"));
  const rendered = { name: installation.name, minor: minorOf(facts), mode, digest };
  const expected = renderPolicies(settings, rendered);
  return {
    settings,
    digest,
    installation: rendered,
    expected,
    stored,
    states: statesOf(stored, expected, nameOf),
    isUnion: stored.some((one) => one.unionWith !== "" && [one.digest, one.unionWith].includes(digest)),
  };
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
