/** The policies that the API server enforces by itself: are they there, the right ones, and what do they leave out? */
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { effectOf, type Policies, type PolicyState, policiesOf } from "./policies.ts";
import { deleteAdvice, installAdvice } from "./policy-commands.ts";
import { differences, leftovers } from "./policy-differences.ts";
import { valueIn } from "./read.ts";
import { outdatedReplicas } from "./replica-configuration.ts";
import { shortDigest } from "./stored-policy.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";

/** A judgement over the policies; where there is none, `policies` says so. */
export const ofPolicies =
  (judge: (policies: Policies, facts: Facts) => Verdict | undefined): Check["judge"] =>
  (facts) => {
    const policies = policiesOf(facts);
    return policies === undefined || policies.stored.length === 0 ? undefined : judge(policies, facts);
  };

const names = (states: readonly PolicyState[]): string => states.map(({ policy }) => policy).join(", ");

const EFFECTS = {
  nothing: "without a binding, so that it does nothing",
  serves: "changes what it matches",
  refuses: "refuses",
  warns: "warns, and refuses nothing",
} as const;

const judgeNone = (facts: Facts, policies: Policies): Verdict =>
  warn(
    "there are no policies: while no replica answers, nothing is enforced, and pods of federated ServiceAccounts start without their identity",
    installAdvice(facts, policies),
    { data: { policies: {}, missing: names(policies.states.filter(({ isExpected }) => isExpected)).split(", ") } },
  );

const judgeThere = (facts: Facts, policies: Policies): Verdict => {
  const { states, isUnion, settings } = policies;
  const there = states.filter(({ stored }) => stored !== undefined);
  // The union of two configurations has only what both have.
  const missing = isUnion ? [] : states.filter(({ stored, isExpected }) => isExpected && stored === undefined);
  const effects = there.map((state) => [state.policy, effectOf(state)] as const);
  const count = (wanted: string): number => effects.filter(([, effect]) => effect === wanted).length;
  const more = {
    details: effects.map(([policy, effect]) => `${policy}: ${EFFECTS[effect]}`),
    data: { policies: Object.fromEntries(effects), missing: missing.map(({ policy }) => policy) },
  };
  if (missing.length > 0)
    return warn(
      `${counted(missing.length, "policy", "policies")} of the configuration ${missing.length === 1 ? "is" : "are"} missing: ${names(missing)}`,
      installAdvice(facts, policies),
      more,
    );
  const why = settings.policy.enforcement === "Warn" ? " (policy.enforcement: Warn)" : "";
  return pass(
    `${counted(there.length, "policy", "policies")}: ${count("refuses")} refuse, ${count("warns")} warn${why}, ${count("serves")} change what they match`,
    more,
  );
};

const judgePresence = (facts: Facts): Verdict | undefined => {
  const { policies: read, admissionResources, configuration } = facts;
  if (read === undefined || valueIn(configuration)?.settings === undefined) return undefined;
  const lacksApi = valueIn(admissionResources)?.includes("validatingadmissionpolicies") === false;
  if (read.kind === "absent" || (lacksApi && read.kind === "read"))
    return warn(
      "the API server has no ValidatingAdmissionPolicy: while no replica answers, nothing is enforced",
      "Upgrade Kubernetes to 1.30 or later.",
    );
  if (read.kind !== "read") return unjudged("the policies inside the API server", read);
  const policies = policiesOf(facts);
  if (policies === undefined) return undefined;
  return policies.stored.length === 0 ? judgeNone(facts, policies) : judgeThere(facts, policies);
};

const judgeBindings = (policies: Policies, facts: Facts): Verdict => {
  const unbound = policies.states.filter(({ stored, binding }) => stored !== undefined && binding === undefined);
  const bare = policies.states.filter(({ stored, binding }) => stored === undefined && binding !== undefined);
  const data = { withoutBinding: unbound.map(({ policy }) => policy), withoutPolicy: bare.map(({ policy }) => policy) };
  if (unbound.length > 0)
    return fail(`without a binding a policy does nothing: ${names(unbound)}`, installAdvice(facts, policies), { data });
  if (bare.length > 0)
    return fail(`a binding without its policy does nothing: ${names(bare)}`, installAdvice(facts, policies), { data });
  return pass("every policy has its binding", { data });
};

const short = (digest: string): string => (digest === "" ? "one that they do not name" : shortDigest(digest));

const END_CHANGE =
  "end it with the policies of the new configuration alone: docs/enforcement.md#changing-a-configuration.";

const judgeUnion = ({ stored, digest }: Policies, facts: Facts): Verdict => {
  const others = [...new Set(stored.flatMap((one) => [one.digest, one.unionWith]))].filter(
    (one) => one !== digest && one !== "",
  );
  return warn(
    `a change is under way: the policies are the union of this configuration, ${short(digest)}, and ${others.map(short).join(", ")}`,
    outdatedReplicas(facts).length > 0
      ? `Wait for the replicas that pods-configuration names; then ${END_CHANGE}`
      : `Go on with the change, and ${END_CHANGE}`,
    { data: { union: true, drifted: [] } },
  );
};

const judgeDrift = (policies: Policies, facts: Facts): Verdict => {
  const { stored, digest, isUnion } = policies;
  if (isUnion) return judgeUnion(policies, facts);
  const changed = differences(policies).map(
    ({ object: { kind, metadata }, path }) => `${kind} ${metadata.name}: ${path} differs`,
  );
  const left = leftovers(policies);
  const drifted = [...changed, ...left.map(({ kind, name }) => `${kind} ${name}: the configuration has none`)];
  const others = [...new Set(stored.map((one) => one.digest))].filter((one) => one !== digest);
  const more = { details: drifted, data: { digest, others, drifted } };
  const of = `of another configuration: ${others.map(short).join(", ")}, and this one is ${short(digest)}`;
  if (others.length > 0)
    return warn(
      drifted.length > 0 ? `policies are ${of}` : `policies are ${of}; they say the same`,
      installAdvice(facts, policies),
      more,
    );
  if (changed.length > 0)
    return warn(
      `somebody changed ${counted(changed.length, "object")}: they are not what the configuration comes to`,
      installAdvice(facts, policies),
      more,
    );
  if (left.length > 0)
    return warn(
      `${counted(left.length, "object")} ${left.length === 1 ? "is" : "are"} left over from another configuration`,
      deleteAdvice(left),
      more,
    );
  return pass(`${counted(stored.length, "object")} are what the configuration comes to, ${short(digest)}`, more);
};

/** The first checks, in the order of the output. */
export const POLICY_CHECKS: readonly Check[] = [
  {
    id: "policies",
    means:
      "The policies of the configuration are inside the API server, where they hold while Podpass is down; and what each of them does: refuse, warn, or change what it matches.",
    todo: "Run the commands that are said. The chart leaves policies out where `configuration` or `existingConfigMap` is set and `policies.rendered` is empty. How they are rolled out: [enforcement.md](enforcement.md#rolling-out).",
    judge: judgePresence,
  },
  {
    id: "policies-bindings",
    means: "Every policy has its binding, without which it does nothing.",
    todo: "Run the commands that are said; the binding has the policy's name.",
    judge: ofPolicies(judgeBindings),
  },
  {
    id: "policies-configuration",
    means:
      "The policies are those that `podpass policies` renders from the configuration, by their digest and member by member; what the API server fills in does not count.",
    todo: "Run the commands that are said. During a [change](enforcement.md#changing-a-configuration) they are the union of two configurations, which is a warning until it has ended. A policy that is left over is taken away with `kubectl delete`.",
    judge: ofPolicies(judgeDrift),
  },
];
