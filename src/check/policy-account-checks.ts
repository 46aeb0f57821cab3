/** What policies cost and leave out: ServiceAccounts, what they cannot express, what a newer Kubernetes brings. */
import { federatedLabel, MUTATING_SINCE } from "../policies/installation.ts";
import type { AccountSurvey } from "./accounts.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { at, listAt, textsAt } from "./json.ts";
import { effectOf, type Policies } from "./policies.ts";
import { ofPolicies } from "./policy-checks.ts";
import { canLabel, inMode, installAdvice, installCommands, labelAllCommand, labelCommand } from "./policy-commands.ts";
import { valueIn } from "./read.ts";
import { counted, pass, type Verdict, warn } from "./verdict.ts";

/** What a policy that is given every ServiceAccount of a namespace takes for each of them, measured; microseconds. */
const EXACT_US = 80;
/** The same of one that injects, which is why that one is always in label mode. */
const INJECT_US = 340;
/** From so many ServiceAccounts in a namespace on, label mode is worth its change. */
const MANY = 100;

const ms = (microseconds: number): string => `${Math.round(microseconds / 100) / 10} ms`;

/** How many policies are given the ServiceAccounts of a pod's namespace when it is created. */
const countExact = ({ stored }: Policies): number =>
  stored.filter(
    ({ kind, spec }) =>
      kind === "ValidatingAdmissionPolicy" &&
      at(spec, "paramKind") !== undefined &&
      listAt(spec, "matchConstraints", "resourceRules").some((rule) => textsAt(rule, "resources").includes("pods")),
  ).length;

const judgeExact = (policies: Policies, facts: Facts, { largest }: AccountSurvey): Verdict => {
  const { namespace = "", total = 0 } = largest ?? {};
  const count = countExact(policies);
  const microseconds = total * EXACT_US * count;
  const cost = `exact mode: in ${namespace}, the namespace with the most ServiceAccounts (${total}), ${counted(count, "policy", "policies")} that ${count === 1 ? "is" : "are"} given all of them ${count === 1 ? "takes" : "take"} each pod some ${ms(microseconds)}`;
  const data = { mode: "exact", namespace, serviceAccounts: total, policies: count, microseconds };
  if (total < MANY) return pass(`${cost}; label mode is worth it from ${MANY} on`, { data });
  const inject = `Label mode takes a flat 2 ms, 7.7 ms with injection (which would take ${ms(total * INJECT_US)} in exact mode, and never is).`;
  return warn(
    cost,
    canLabel(policies)
      ? `${inject} First label what policies-unlabelled names; then run: ${installCommands(facts, inMode(policies, "label"))}`
      : `${inject} It takes Kubernetes 1.${MUTATING_SINCE}; until then spread the ServiceAccounts over more namespaces.`,
    { data },
  );
};

const judgeMode = (policies: Policies, facts: Facts): Verdict | undefined => {
  const survey = valueIn(facts.accounts ?? { kind: "absent" });
  if (policies.installation.mode === "exact") return survey && judgeExact(policies, facts, survey);
  const label = policies.states.find(({ policy }) => policy === "label");
  if (label !== undefined && effectOf(label) === "serves")
    return pass("label mode: policies take each pod some milliseconds, whatever the number of ServiceAccounts", {
      data: { mode: "label" },
    });
  return warn(
    "label mode, and nothing keeps the label: pods of ServiceAccounts that are written from now on pass",
    canLabel(policies)
      ? installAdvice(facts, policies)
      : `Go back to exact mode: ${installCommands(facts, inMode(policies, "exact"))}`,
    { data: { mode: "label" } },
  );
};

const judgeUnlabelled = (policies: Policies, facts: Facts): Verdict | undefined => {
  const survey = valueIn(facts.accounts ?? { kind: "absent" });
  const { mode } = policies.installation;
  // Below 1.36 nothing in exact mode asks for the label.
  if (survey === undefined || (mode === "exact" && !canLabel(policies))) return undefined;
  const { unlabelled, unlabelledNames } = survey;
  const label = federatedLabel(policies.settings);
  const data = { label, unlabelled, serviceAccounts: unlabelledNames };
  if (unlabelled === 0) return pass(`every federated ServiceAccount has the label ${label}`, { data });
  const effect =
    mode === "label"
      ? "while no replica answers, their pods start without their identity"
      : "while no replica answers, their pods are refused, where the API server could serve them";
  const { annotationPrefix, hasImplied } = policies.settings;
  // What federates an account without our annotation, no short command can tell.
  const all = hasImplied ? "" : `, or for all of them: ${labelAllCommand(label, `${annotationPrefix}/federate`)}`;
  return warn(
    `${counted(unlabelled, "federated ServiceAccount")} ${unlabelled === 1 ? "lacks" : "lack"} the label ${label}: ${effect}`,
    `Run the commands above${all === "" ? ", and check again" : all}`,
    {
      details: [
        ...unlabelledNames.map((account) => labelCommand(account, label)),
        ...(unlabelled > unlabelledNames.length ? [`and ${unlabelled - unlabelledNames.length} more`] : []),
      ],
      data,
    },
  );
};

const judgeExpressed = ({ expected: { notExpressed } }: Policies): Verdict =>
  pass(
    notExpressed.length === 0
      ? "the policies express all of the configuration"
      : `${counted(notExpressed.length, "thing")} that the webhook does ${notExpressed.length === 1 ? "is" : "are"} not in the policies`,
    {
      details: notExpressed.map(({ policy, text }) => `${policy}: ${text}`),
      data: { notExpressed },
    },
  );

const judgeKubernetes = (policies: Policies): Verdict => {
  const { minor } = policies.installation;
  const data = { minor, mutating: canLabel(policies) };
  return canLabel(policies)
    ? pass(`Kubernetes 1.${minor} has both halves: it refuses, and serves plain pods in an outage`, { data })
    : pass(
        `Kubernetes here has the refusing half; 1.${MUTATING_SINCE} or later, with MutatingAdmissionPolicy, would also serve plain pods in an outage, and keep the label of label mode`,
        { data },
      );
};

/** The checks that follow the first ones. */
export const POLICY_ACCOUNT_CHECKS: readonly Check[] = [
  {
    id: "policies-mode",
    means: `What it costs that policies know ServiceAccounts: in exact mode some ${EXACT_US} µs for each one in the pod's namespace and each policy that needs them, in label mode a flat 2 ms.`,
    todo: `Change to label mode where a namespace has ${MANY} ServiceAccounts or more, from Kubernetes 1.${MUTATING_SINCE} on, and after \`policies-unlabelled\` passes. [enforcement.md](enforcement.md#exact-and-label-mode) has the numbers.`,
    judge: ofPolicies(judgeMode),
  },
  {
    id: "policies-unlabelled",
    means:
      "Federated ServiceAccounts without the label, which they have had since before the policy that keeps it: injection inside the API server, and in label mode all policies, do not know them.",
    todo: "Run the commands that are said. Whoever writes such a ServiceAccount in any other way gives it the label too.",
    judge: ofPolicies(judgeUnlabelled),
  },
  {
    id: "policies-expressed",
    means: "What of the configuration no policy can express, and why: only the webhook does it.",
    todo: "Nothing, where it is meant; `podpass lint` says the same before a configuration is installed.",
    judge: ofPolicies(judgeExpressed),
  },
  {
    id: "policies-kubernetes",
    means: "Which halves this version of Kubernetes has, and what a newer one would bring.",
    todo: `Upgrade to 1.${MUTATING_SINCE} or later to serve plain pods in an outage.`,
    judge: ofPolicies(judgeKubernetes),
  },
];
