import { describe, expect, it } from "vitest";
import { readNamespace } from "../../src/check/selectors.ts";
import { readWebhooks } from "../../src/check/webhooks.ts";
import type { Pod } from "../../src/pod/pod.ts";
import { PodJudge } from "../../src/status/judge-pod.ts";
import { readRunningPod } from "../../src/status/running-pod.ts";
import { needsLabels, WebhookScope } from "../../src/status/webhook-scope.ts";
import { inject, pod, serviceAccount, settingsOf, tokenVolume } from "../support/pods.ts";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": ROLE };
const OTHER_ROLE = { ...AWS, "aws.podpass.dev/role-arn": `${ROLE}-2` };

const excluding = (...names: readonly string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: names }] },
});
const BY_LABEL = { namespaceSelector: { matchLabels: { team: "a" } } };
const BY_BOTH = {
  namespaceSelector: { ...BY_LABEL.namespaceSelector, ...excluding("production").namespaceSelector },
};
const BY_OBJECT = { objectSelector: { matchLabels: { identity: "yes" } } };

const scopeOf = (webhook: object, labels?: Readonly<Record<string, string>>): WebhookScope => {
  const [read] = readWebhooks({ metadata: { name: "podpass" }, webhooks: [webhook] });
  if (read === undefined) return expect.unreachable("there is a webhook");
  const namespaces = labels === undefined ? [] : [readNamespace({ metadata: { name: "production", labels } })];
  return new WebhookScope(read, new Map(namespaces.map((one) => [one.name, one.labels])));
};

interface Case {
  readonly webhook: object;
  /** Of the namespace; undefined: they could not be read. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly runs?: Pod;
  readonly account?: Readonly<Record<string, string>>;
}

const judge = ({ webhook, labels, runs = pod(), account = AWS }: Case, config?: string) => {
  const running = readRunningPod({ ...runs, metadata: { ...runs.metadata, namespace: "production" } });
  if (running === undefined) return expect.unreachable("the pod is over");
  return new PodJudge(settingsOf(config), scopeOf(webhook, labels)).judge(running, serviceAccount(account));
};

const injected = inject({ pod: pod(), account: AWS });
const labelled = { ...pod(), metadata: { ...pod().metadata, labels: { identity: "yes" } } };

const CASES: Readonly<Record<string, readonly [Case, string]>> = {
  "in a namespace that is seen": [{ webhook: excluding("kube-system") }, "missing"],
  "in a namespace that is left out by its name": [{ webhook: excluding("production") }, "not-seen"],
  "that has what a new one would not": [{ webhook: excluding("production"), runs: injected }, "not-seen"],
  "that has an older identity": [{ webhook: excluding("production"), runs: injected, account: OTHER_ROLE }, "not-seen"],
  "in a namespace without the label": [{ webhook: BY_LABEL, labels: {} }, "not-seen"],
  "in a namespace with the label": [{ webhook: BY_LABEL, labels: { team: "a" } }, "missing"],
  "where labels cannot be read": [{ webhook: BY_LABEL }, "missing"],
  "where labels cannot be read, and the name says enough": [{ webhook: BY_BOTH }, "not-seen"],
  "with labels that are left out": [{ webhook: BY_OBJECT }, "not-seen"],
  "with labels that are seen": [{ webhook: BY_OBJECT, runs: labelled }, "missing"],
  "that opted out": [
    { webhook: excluding("production"), runs: pod({}, { "podpass.dev/inject": "false" }) },
    "opted-out",
  ],
  "whose account cannot be resolved": [
    { webhook: excluding("production"), account: { ...AWS, "aws.podpass.dev/role-arn": "no ARN" } },
    "invalid",
  ],
  "whose account asks for it no more": [
    { webhook: excluding("production"), runs: injected, account: { "podpass.dev/federate": "" } },
    "stale",
  ],
};

describe("a pod", () => {
  it.each(Object.entries(CASES))("%s", (_, [given, state]) => {
    expect(judge(given).providers).toMatchObject([{ provider: "aws", state }]);
  });

  it("says by what it is left out, and what a new one would lack", () => {
    expect(judge({ webhook: excluding("production"), runs: injected }).providers[0]?.why).toBe(
      "the webhook's namespaceSelector leaves the namespace out: kubernetes.io/metadata.name NotIn (production); the pod has the identity, and a new one would not",
    );
    expect(judge({ webhook: BY_OBJECT }).providers[0]?.why).toBe(
      "the webhook's objectSelector leaves such pods out: identity In (yes)",
    );
  });

  it("that the webhook is not asked about is not refused by it", () => {
    const config = "policy: { tokens: { audiences: { allow: [], violation: Deny } } }";
    const own = tokenVolume("own", { audience: "https://forbidden.example.com", path: "token" });
    const runs = { ...pod(), spec: { ...pod().spec, volumes: [own as never] } };
    expect(judge({ webhook: excluding("other"), runs }, config).refusal).toContain("forbidden.example.com");
    expect(judge({ webhook: excluding("production"), runs }, config).refusal).toBeUndefined();
  });
});

it("takes labels only where the selector looks at more than names", () => {
  const [byName, byLabel] = readWebhooks({ webhooks: [excluding("a"), BY_LABEL] });
  expect(needsLabels(byName?.namespaceSelector ?? [])).toBe(false);
  expect(needsLabels(byLabel?.namespaceSelector ?? [])).toBe(true);
});
