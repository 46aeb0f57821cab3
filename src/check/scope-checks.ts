/** What the webhook does not see: namespaces, and pods that a condition passes over. */

import type { Settings } from "../configuration/settings.ts";
import { rulesForOptedOut } from "../policies/rules.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { ownWebhook } from "./ours.ts";
import { valueIn } from "./read.ts";
import { NAME_LABEL, type Namespace, showSelector } from "./selectors.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import { seesNamespace } from "./webhook-checks.ts";
import type { Webhook } from "./webhooks.ts";

const SYSTEM = "kube-system";

const excludedBy = (webhook: Webhook, namespaces: readonly Namespace[]): readonly string[] =>
  namespaces.filter(({ labels }) => !seesNamespace(webhook, labels)).map(({ name }) => name);

/** With the labels that every namespace has, and no others. */
const isSeen = (webhook: Webhook, name: string, namespaces: readonly Namespace[]): boolean => {
  const known = namespaces.find((namespace) => namespace.name === name);
  return seesNamespace(webhook, known?.labels ?? new Map([[NAME_LABEL, name]]));
};

const judgeOwnNamespaces = (webhook: Webhook, namespaces: readonly Namespace[], own: string): Verdict | undefined => {
  const seen = [own, SYSTEM].filter((name) => isSeen(webhook, name, namespaces));
  if (seen.length === 0) return undefined;
  const text = `the webhook sees pods in ${seen.join(" and ")}`;
  const advice = `Exclude ${seen.join(" and ")} in its namespaceSelector; the chart does.`;
  return webhook.failurePolicy === "Fail"
    ? fail(`${text}: once no replica answers, none can be started again`, advice)
    : warn(`${text}: each pod that Podpass or the cluster itself needs waits for Podpass`, advice);
};

const judgeNamespaces = (facts: Facts): Verdict | undefined => {
  const { namespaces, installation } = facts;
  const webhook = ownWebhook(facts);
  if (webhook === undefined) return undefined;
  const known = namespaces.kind === "read" ? namespaces.value : [];
  const problem = judgeOwnNamespaces(webhook, known, installation.namespace);
  if (problem !== undefined) return problem;
  const selector = showSelector(webhook.namespaceSelector);
  if (namespaces.kind === "absent") return undefined;
  if (namespaces.kind !== "read")
    return { ...unjudged("how many namespaces are excluded", namespaces), details: [selector] };
  const excluded = excludedBy(webhook, namespaces.value);
  return pass(`${excluded.length} of ${counted(known.length, "namespace")} are excluded: pods there get no identity`, {
    details: [`selected: ${selector}`, ...excluded],
    data: { total: known.length, excluded: excluded.slice(0, 1000), excludedCount: excluded.length },
  });
};

const judgeExcludedAccounts = (facts: Facts): Verdict | undefined => {
  const { namespaces, accounts } = facts;
  const webhook = ownWebhook(facts);
  if (webhook === undefined || namespaces.kind !== "read" || accounts?.kind !== "read") return undefined;
  const excluded = new Set(excludedBy(webhook, namespaces.value));
  const found = [...accounts.value.federatedByNamespace].filter(([namespace]) => excluded.has(namespace));
  if (found.length === 0) return pass("no federated ServiceAccount is in an excluded namespace");
  const total = found.reduce((sum, [, number]) => sum + number, 0);
  return warn(
    `${counted(total, "federated ServiceAccount")} in excluded namespaces: ${total === 1 ? "its" : "their"} pods get no identity`,
    "Move them to another namespace, or change the webhook's namespaceSelector.",
    {
      details: found.map(([namespace, number]) => `${namespace}: ${counted(number, "ServiceAccount")}`),
      data: { federated: total },
    },
  );
};

/** The chart's two conditions, to the letter. */
const NOT_A_MIRROR_POD =
  "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)";
const notOptedOut = (key: string): string =>
  `!has(object.metadata.annotations) || !('${key}' in object.metadata.annotations) || object.metadata.annotations['${key}'] != 'false'`;

/** Where the configuration could not be read, its prefix may be any. */
const isOfChart = (expression: string, prefix: string | undefined): boolean => {
  const key = prefix === undefined ? /'([^']+\/inject)' in /.exec(expression)?.[1] : `${prefix}/inject`;
  return expression === NOT_A_MIRROR_POD || (key !== undefined && expression === notOptedOut(key));
};

/** The conditions that are not the chart's own; `prefix` is the configuration's, where it is known. */
export const foreignConditions = (
  { matchConditions }: Webhook,
  prefix: string | undefined,
): Webhook["matchConditions"] => matchConditions.filter(({ expression }) => !isOfChart(expression, prefix));

/** What an API server makes of a condition that cannot be evaluated. */
const ERRS: Readonly<Record<string, string>> = {
  Fail: "one that errs counts as a failed call, so that the pod is refused",
  Ignore: "one that errs counts as a failed call, so that the pod is passed over too",
};

const judgeForeign = (foreign: Webhook["matchConditions"], failurePolicy: string): Verdict =>
  warn(
    `${counted(foreign.length, "match condition")} of somebody's own: pods that ${foreign.length === 1 ? "it passes" : "they pass"} over get no identity, and no policy judges them; ${ERRS[failurePolicy] ?? ERRS["Fail"]}`,
    "Make sure that they are meant, and that each can be evaluated for every pod.",
    { details: foreign.map(({ name, expression }) => `${name}: ${expression}`) },
  );

const settingsOf = ({ configuration }: Facts): Settings | undefined => valueIn(configuration)?.settings;

const judgeConditions = (facts: Facts): Verdict | undefined => {
  const webhook = ownWebhook(facts);
  if (webhook === undefined) return undefined;
  const settings = settingsOf(facts);
  const { matchConditions } = webhook;
  const optOut = `${settings?.annotationPrefix ?? "podpass.dev"}/inject`;
  const ofOptOut = matchConditions.find(({ expression }) => expression.includes(optOut));
  const rules = settings === undefined ? [] : rulesForOptedOut(settings.policy);
  if (ofOptOut !== undefined && rules.length > 0)
    return fail(
      `the match condition ${ofOptOut.name} passes over pods that opt out, and every pod is to be judged by ${rules.map(({ written }) => written).join(", ")}`,
      "Take the condition away; the chart leaves it out where such a rule is written.",
    );
  const foreign = foreignConditions(webhook, settings?.annotationPrefix);
  if (foreign.length > 0) return judgeForeign(foreign, webhook.failurePolicy);
  return pass(
    matchConditions.length === 0
      ? "no match condition: every pod is seen"
      : `match conditions: ${matchConditions.map(({ name }) => name).join(", ")}`,
  );
};

/** The checks, in the order of the output. */
export const SCOPE_CHECKS: readonly Check[] = [
  {
    id: "namespaces",
    means:
      "Which namespaces the webhook does not see, and how many. Podpass' own and `kube-system` have to be among them: with `failurePolicy: Fail` nothing could start again otherwise.",
    todo: "Exclude both in the `namespaceSelector`, as the chart does.",
    judge: judgeNamespaces,
  },
  {
    id: "serviceaccounts-excluded",
    means: "Federated ServiceAccounts whose namespace the webhook does not see: their pods silently get nothing.",
    todo: "Move them, or change the `namespaceSelector`.",
    judge: judgeExcludedAccounts,
  },
  {
    id: "match-conditions",
    means:
      "The webhook's match conditions pass over mirror pods, and over pods that opted out where no rule is about them (those of `policy.tokens` are); every other condition is named: the chart's own are known to the letter.",
    todo: "Take away what is not meant. A condition that cannot be evaluated counts as a failed call: the pod is passed over under `failurePolicy: Ignore`, and refused under `Fail`.",
    judge: judgeConditions,
  },
];
