/** The registration: is the API server told to call Podpass, for what, and what then happens where nobody answers? */
import { judgeAddress, UPGRADE } from "./address.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { judgeFailurePolicy } from "./failure-policy.ts";
import { vendorOf } from "./identity-webhooks.ts";
import { ownWebhook } from "./ours.ts";
import { selects, showSelector } from "./selectors.ts";
import { counted, fail, pass, unjudged, type Verdict, warn } from "./verdict.ts";
import { coversPodCreation, handlesPods, isPodpass, WEBHOOK_PATH, type Webhook } from "./webhooks.ts";

/** A judgement over the installation's webhook; without one, `webhook` says so. */
const ofOwn =
  (judge: (webhook: Webhook, facts: Facts) => Verdict | undefined): Check["judge"] =>
  (facts) => {
    const webhook = ownWebhook(facts);
    return webhook && judge(webhook, facts);
  };

const elsewhere = (webhooks: readonly Webhook[]): readonly string[] =>
  webhooks
    .filter(isPodpass)
    .map(({ configuration, service }) =>
      service === undefined ? configuration : `${configuration} (Service ${service.namespace}/${service.name})`,
    );

const judgeRegistration = (facts: Facts): Verdict => {
  const { webhooks, webhookConfigurations, installation } = facts;
  const where = `MutatingWebhookConfiguration ${installation.name}`;
  if (webhooks.kind === "absent") return fail(`${where} is not there`, UPGRADE);
  if (webhooks.kind !== "read") return unjudged(where, webhooks);
  const webhook = ownWebhook(facts);
  if (webhook !== undefined) return judgeAddress({ where, webhook, path: WEBHOOK_PATH }, installation);
  const lacks = webhookConfigurations.includes(installation.name)
    ? `${where} has no webhook for pods`
    : `${where} does not exist`;
  const others = elsewhere(webhooks.value);
  if (others.length === 0)
    return fail(
      `${lacks}: the API server does not call Podpass`,
      "Install the chart; without it no pod gets an identity.",
    );
  return fail(
    `${lacks}, but Podpass is registered under another name`,
    "Name the installation with --namespace and --name.",
    { details: others },
  );
};

const judgeEndpoints = ({ endpoints, installation: { namespace, name } }: Facts): Verdict | undefined => {
  const where = `Service ${namespace}/${name}`;
  if (endpoints.kind === "absent") return fail(`${where} is not there`, UPGRADE);
  if (endpoints.kind !== "read") return unjudged(where, endpoints);
  if (endpoints.value === 0)
    return fail(
      `${where} has no ready endpoint: the API server reaches nobody`,
      "Look at deployment and pods-ready; if replicas are ready, the Service's selector is not theirs.",
    );
  return pass(`${where} has ${counted(endpoints.value, "ready endpoint")}`, { data: { ready: endpoints.value } });
};

const judgeRules = ({ rules, objectSelector, sideEffects, reviewVersions }: Webhook): Verdict => {
  if (!rules.some(coversPodCreation))
    return fail("its rules do not cover the creation of pods: no pod gets an identity", UPGRADE);
  if (!reviewVersions.includes("v1")) return fail("it does not ask for reviews of version v1", UPGRADE);
  if (sideEffects !== "None" && sideEffects !== "NoneOnDryRun")
    return warn(`its sideEffects are ${sideEffects || "unset"}, so that dry runs are refused`, UPGRADE);
  if (objectSelector.length > 0)
    return warn(
      `it sees only pods with labels that users choose: ${showSelector(objectSelector)}`,
      "Take the objectSelector away: whoever sets labels decides whether a policy applies.",
    );
  return pass("its rules cover the creation of every pod");
};

const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 10;

const judgeTimeout = ({ timeoutSeconds }: Webhook): Verdict => {
  const more = { data: { timeoutSeconds } };
  if (timeoutSeconds < SHORTEST_SECONDS)
    return warn(
      `timeoutSeconds is ${timeoutSeconds}: a replica that starts is not asked a second time`,
      `Use ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} seconds.`,
      more,
    );
  if (timeoutSeconds > LONGEST_SECONDS)
    return warn(
      `timeoutSeconds is ${timeoutSeconds}: while nobody answers, each pod waits for so long`,
      `Use ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} seconds.`,
      more,
    );
  return pass(`timeoutSeconds is ${timeoutSeconds}`, more);
};

const judgeReinvocation = ({ reinvocationPolicy }: Webhook): Verdict =>
  reinvocationPolicy === "IfNeeded"
    ? pass("reinvocationPolicy is IfNeeded: containers that later webhooks add get their identities")
    : warn(`reinvocationPolicy is ${reinvocationPolicy}: containers that later webhooks add get no identity`, UPGRADE);

const judgeOthers = (own: Webhook, { webhooks, othersUnread }: Facts): Verdict | undefined => {
  if (webhooks.kind !== "read") return undefined;
  if (othersUnread !== undefined) return unjudged("other webhooks", othersUnread);
  const others = webhooks.value.filter(
    (webhook) => handlesPods(webhook) && webhook.configuration !== own.configuration,
  );
  const ownAt = webhooks.value.indexOf(own);
  const details = others.map((webhook) => {
    const vendor = vendorOf(webhook);
    const what = isPodpass(webhook) ? ", another Podpass" : vendor === undefined ? "" : `, ${vendor}'s identities`;
    const place = webhooks.value.indexOf(webhook) < ownAt ? "before" : "after";
    return `${place}: ${webhook.name} of ${webhook.configuration} (failurePolicy ${webhook.failurePolicy})${what}`;
  });
  const vendors = [...new Set(others.flatMap((webhook) => vendorOf(webhook) ?? []))];
  const data = { vendors, webhooks: others.map(({ configuration, name }) => ({ configuration, name })) };
  if (others.length === 0) return pass("no other mutating webhook handles pods", { data });
  const count = `${counted(others.length, "other mutating webhook")} ${others.length === 1 ? "handles" : "handle"} pods`;
  if (vendors.length === 0) return pass(count, { details, data });
  return pass(`${count}, identities of ${vendors.join(", ")} among them; what is there already is adopted`, {
    details,
    data,
  });
};

/** Does the webhook see pods in a namespace with these labels? */
export const seesNamespace = ({ namespaceSelector }: Webhook, labels: ReadonlyMap<string, string>): boolean =>
  selects(namespaceSelector, labels);

/** The checks, in the order of the output. */
export const WEBHOOK_CHECKS: readonly Check[] = [
  {
    id: "webhook",
    means: "The MutatingWebhookConfiguration is there, and calls this installation's Service at the right path.",
    todo: "Install the chart, or name the installation with `--namespace` and `--name`.",
    judge: judgeRegistration,
  },
  {
    id: "service",
    means: "The Service has ready endpoints: somebody whom the API server can call.",
    todo: "Where replicas are ready and there is no endpoint, compare the Service's selector with the pods' labels.",
    judge: judgeEndpoints,
  },
  {
    id: "webhook-rules",
    means: "The webhook is called for the creation of every pod, whatever its labels, and dry runs are let through.",
    todo: "Install the chart again. An `objectSelector` leaves it to the pods' authors whether a policy applies.",
    judge: ofOwn(judgeRules),
  },
  {
    id: "failure-policy",
    means: "What the API server does with pods while no replica answers, in words.",
    todo: "Choose with `webhook.failurePolicy` in the chart's values. `Fail` needs two replicas at least.",
    judge: ofOwn(judgeFailurePolicy),
  },
  {
    id: "webhook-timeout",
    means: `The API server waits ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} seconds for an answer. It asks a replica that is not ready again each second within that time.`,
    todo: "Set `webhook.timeoutSeconds` in the chart's values.",
    judge: ofOwn(judgeTimeout),
  },
  {
    id: "webhook-reinvocation",
    means: "Podpass is called again where a later webhook changed the pod, for the containers that were added.",
    todo: "Install the chart again: `reinvocationPolicy: IfNeeded`.",
    judge: ofOwn(judgeReinvocation),
  },
  {
    id: "other-webhooks",
    means:
      "Which other mutating webhooks handle pods, and whether the API server calls them before Podpass or after it; those of vendors that give identities are named.",
    todo: "Nothing. Where a vendor's webhook gives the same identity, Podpass uses what is there; its annotations can be moved over one ServiceAccount at a time.",
    judge: ofOwn(judgeOthers),
  },
];
