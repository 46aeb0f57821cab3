/** How each policy stands, as a closed set of states: what a running Podpass reports of drift. */

import { textsAt } from "./json.ts";
import { effectOf, type Policies, type PolicyState } from "./policies.ts";
import { differences } from "./policy-differences.ts";

/** Every state, and what it means: the label `state`. */
export const POLICY_STATES = {
  "as-configured": "What the configuration comes to.",
  changing: "A change is under way: the union of this configuration and another one.",
  "other-configuration": "Of another configuration.",
  changed: "It names this configuration, but somebody changed it.",
  warning: "It only warns, where the configuration says that it refuses.",
  "without-binding": "The policy or its binding is alone, so that it does nothing.",
  missing: "Not there.",
  "left-over": "There, but the configuration has none of it.",
} as const;

/** One of them. */
export type PolicyStateName = keyof typeof POLICY_STATES;

/** Nothing has to be done about these. */
const CALM: ReadonlySet<PolicyStateName> = new Set(["as-configured", "changing"]);

/** The state of each policy that is there or should be, by its name behind the release's. */
export type PolicyStates = ReadonlyMap<string, PolicyStateName>;

/** Does somebody have to do something? */
export const hasDrifted = (states: PolicyStates): boolean => [...states.values()].some((state) => !CALM.has(state));

/** Is a change under way? */
export const isChanging = (states: PolicyStates): boolean => [...states.values()].includes("changing");

const refusesByConfiguration = ({ expected }: Policies, name: string): boolean =>
  expected.objects.some(
    ({ kind, metadata, spec }) =>
      kind === "ValidatingAdmissionPolicyBinding" &&
      metadata.name === name &&
      textsAt(spec, "validationActions").includes("Deny"),
  );

type Known = Policies & { readonly drifted: ReadonlySet<string> };

/** Of one that is there, with its binding. */
const stateOfWhole = (state: PolicyState, name: string, policies: Known): PolicyStateName => {
  const { digest, isUnion, drifted } = policies;
  if (isUnion) return "changing";
  if (!state.isExpected) return "left-over";
  if ([state.stored, state.binding].some((one) => one?.digest !== digest)) return "other-configuration";
  if (effectOf(state) === "warns" && refusesByConfiguration(policies, name)) return "warning";
  return drifted.has(name) ? "changed" : "as-configured";
};

const stateOf = (state: PolicyState, policies: Known): PolicyStateName => {
  const { stored, binding } = state;
  // The union of two configurations has only what both have.
  if (stored === undefined && binding === undefined) return policies.isUnion ? "changing" : "missing";
  if (stored === undefined || binding === undefined) return "without-binding";
  return stateOfWhole(state, stored.name, policies);
};

/** Judges each of `policies`. */
export const statesOfPolicies = (policies: Policies): PolicyStates => {
  const drifted = new Set(differences(policies).map(({ object }) => object.metadata.name));
  return new Map(policies.states.map((state) => [state.policy, stateOf(state, { ...policies, drifted })]));
};

/** What a reading of all of them comes to. */
export interface JudgedPolicies {
  readonly states: PolicyStates;
  /** Kubernetes 1.`minor`. */
  readonly minor: number;
}
