import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AccountCounter } from "../../src/check/accounts.ts";
import { CHECK_IDS, judgeAll } from "../../src/check/checks.ts";
import type { Call, Facts } from "../../src/check/facts.ts";
import { EXCESS_RIGHTS, showPermission } from "../../src/check/permissions.ts";
import { readDeployment } from "../../src/check/workload.ts";
import {
  ABSENT,
  accountsWebhookObject,
  certificate,
  configurationOf,
  DIGEST,
  deploymentObject,
  FAILED,
  FORBIDDEN,
  factsWith,
  NOT_A_MIRROR_POD,
  notOptedOut,
  read,
  settingsOf,
  webhookObject,
  webhooksOf,
} from "./facts.ts";
import { find, itSays, type Row } from "./rows.ts";

const webhook = (change: object): Partial<Facts> => ({ webhooks: read(webhooksOf("podpass", webhookObject(change))) });

const deployment = (change: object): Partial<Facts> => ({
  deployment: read({ ...readDeployment(deploymentObject()), ...change }),
});

const configuration = (text: string): Partial<Facts> => ({
  configuration: read(configurationOf(text, { origin: "FILE" })),
});

const OTHER = `sha256:${"2".repeat(64)}`;
const using = (digest: string) => ({
  name: "a",
  page: read({ isReady: true, lines: [`[+]configuration ok: ${digest}`, "ready"] }),
});

const answered = (answer: Partial<Extract<Call["answer"], { kind: "answered" }>>): Partial<Facts> => {
  const { call } = factsWith();
  if (call === undefined || call.answer.kind !== "answered") return expect.unreachable();
  return { call: { ...call, answer: { ...call.answer, ...answer } } };
};

const accountsWebhook = (change: object): Partial<Facts> => ({
  accountsWebhooks: read(webhooksOf("podpass", accountsWebhookObject(change))),
});

const accountAnswered = (change: object): Partial<Facts> => {
  const { accountCall } = factsWith();
  if (accountCall === undefined || accountCall.answer.kind !== "answered") return expect.unreachable();
  return { accountCall: { ...accountCall, answer: { ...accountCall.answer, ...change } } };
};

const accountRefused = (message: string, status = 500): Partial<Facts> =>
  accountAnswered({ status, message, warnings: [] });

/** Arguments of an installation without the webhook for ServiceAccounts. */
const WITHOUT_IT: Partial<Facts> = {
  deployment: read({ ...readDeployment(deploymentObject()), args: ["serve", "--ca-secret=podpass-ca"] }),
};

const refused = (message: string, status = 500): Partial<Facts> =>
  answered({ status, message, warnings: [], injected: undefined });

const bundle = (...certificates: readonly ReturnType<typeof certificate>[]) => ({ certificates });

const accounts = (annotations: Readonly<Record<string, string>>, namespace = "production"): Partial<Facts> => {
  const counter = new AccountCounter(settingsOf());
  counter.add({ namespace, name: "x", annotations: new Map(Object.entries(annotations)) }, true);
  return { accounts: read(counter.finish()) };
};

const FILES = { args: ["serve", "--tls-cert=/tls/tls.crt"] };
const leaf = { secret: "podpass-tls", bundle: bundle(certificate(-30, 60)), isForService: true, isTrusted: true };

const NOT_READY = {
  name: "a",
  page: read({ isReady: false, lines: ["[-]certificate failed: expired", "not ready"] }),
};

/** As API servers write it. */
const failedAt = (host: string): string =>
  `Internal error occurred: failed calling webhook "pods.podpass.dev": failed to call webhook: Post "https://${host}:443/mutate/pods?timeout=10s": no such host`;

const TWO_RELEASES: Partial<Facts> = {
  webhooks: read([
    ...webhooksOf("podpass", webhookObject()),
    ...webhooksOf(
      "team-b-podpass",
      webhookObject({
        clientConfig: { service: { namespace: "podpass-b", name: "team-b-podpass", path: "/mutate/pods" } },
      }),
    ),
  ]),
};

const RULE = { apiGroups: [""], apiVersions: ["v1"], resources: ["serviceaccounts"], scope: "Namespaced" };

const ROWS: readonly Row[] = [
  [{ version: read("v1.29.9-eks-1") }, "kubernetes-version", "fail", "older than 1.30"],
  [{ version: read("v1.31.0") }, "kubernetes-version", "warn", "older than what Podpass is tested with"],
  [{ version: read("v1.99.0") }, "kubernetes-version", "warn", "newer"],
  [{ version: read("tip") }, "kubernetes-version", "warn", "no version"],
  [{ admissionResources: read([]) }, "kubernetes-features", "pass", "no MutatingAdmissionPolicy"],
  [{ admissionResources: ABSENT }, "kubernetes-features", "fail", "does not serve"],

  [{ configuration: ABSENT }, "configuration", "fail", "is not there"],
  [{ configuration: FAILED }, "configuration", "warn", "500"],
  [
    configuration("policy: { tokens: { expirationSeconds: { min: 600, max: 900 } } }"),
    "configuration",
    "warn",
    "adjusted or is without effect",
  ],
  [
    configuration("providers: { one: { preset: aws }, two: { preset: aws } }"),
    "configuration",
    "pass",
    "is valid: 2 providers",
  ],

  [{ deployment: ABSENT }, "deployment", "fail", "Deployment podpass-system/podpass is not there"],
  [deployment({ replicas: 0 }), "deployment", "fail", "scaled to 0"],
  [
    { states: [using(DIGEST), using(DIGEST)] },
    "pods-configuration",
    "pass",
    "2 replicas use ConfigMap podpass-system/",
  ],
  [
    { states: [using(OTHER), using(DIGEST)] },
    "pods-configuration",
    "warn",
    "1 of 2 replicas still has another configuration than ConfigMap podpass-system/podpass, sha256:111111111111",
  ],
  [
    { states: [using(`${OTHER}, but: x`), { ...using(""), page: FAILED }] },
    "pods-configuration",
    "warn",
    "1 of 1 replica still has",
  ],
  [deployment({ ready: 0 }), "deployment", "fail", "none of the 2 replicas"],
  [deployment({ ready: 1 }), "deployment", "warn", "1 of 2 replicas"],
  [deployment({ updated: 1 }), "deployment", "warn", "being rolled out"],
  [deployment({ isObserved: false }), "deployment", "warn", "being rolled out"],
  [deployment({ replicas: 1, ready: 1, updated: 1 }), "deployment", "warn", "one replica"],
  [deployment({ image: "registry:5000/podpass" }), "image", "warn", "names no version"],
  [deployment({ image: "podpass:latest" }), "image", "warn", "names no version"],
  [deployment({ image: "podpass@sha256:aa" }), "image", "pass", "sha256"],
  [
    { pods: read(["a", "b"].map((imageId) => ({ name: imageId, isTerminating: false, imageId }))) },
    "image",
    "warn",
    "2 different images",
  ],
  [{ budgets: read([]) }, "disruption-budget", "warn", "no PodDisruptionBudget"],
  [
    { budgets: read([{ name: "b", selector: [], disruptionsAllowed: 0, healthy: 2, desired: 2 }]) },
    "disruption-budget",
    "warn",
    "no PodDisruptionBudget",
  ],
  [{ states: [{ name: "a", page: FORBIDDEN }] }, "pods-ready", "warn", "may not get it"],
  [{ states: [{ name: "a", page: FAILED }] }, "pods-ready", "pass", "by the kubelet's word"],
  [{ states: [{ name: "a", page: read({ isReady: true, lines: [] }) }] }, "pods-ready", "pass", "1 replica says that"],
  [{ ...deployment({ ready: 1 }), states: [{ name: "a", page: FAILED }] }, "pods-ready", "warn", "no replica could"],
  [{ ...deployment({ ready: 0 }), states: [NOT_READY] }, "pods-ready", "fail", "1 of 1 replica not ready"],
  [{ states: [NOT_READY, { ...NOT_READY, page: read({ isReady: true, lines: [] }) }] }, "pods-ready", "warn", "1 of 2"],

  [{ webhooks: read([]) }, "webhook", "fail", "podpass has no webhook for pods: the API server does not call Podpass"],
  [
    { webhooks: read([]), webhookConfigurations: ["other"] },
    "webhook",
    "fail",
    "podpass does not exist: the API server does not call Podpass",
  ],
  [{ webhooks: read(webhooksOf("other", webhookObject())) }, "webhook", "fail", "under another name"],
  [
    webhook({ clientConfig: { url: "https://a.example.com/mutate/pods" } }),
    "webhook",
    "warn",
    "calls https://a.example",
  ],
  [
    webhook({ clientConfig: { service: { namespace: "a", name: "b", path: "/mutate/pods" } } }),
    "webhook",
    "fail",
    "a/b",
  ],
  [
    webhook({ clientConfig: { service: { namespace: "podpass-system", name: "podpass" } } }),
    "webhook",
    "fail",
    "path /;",
  ],
  [{ endpoints: read(0) }, "service", "fail", "no ready endpoint"],
  [{ endpoints: ABSENT }, "service", "fail", "is not there"],
  [webhook({ rules: [] }), "webhook-rules", "fail", "do not cover"],
  [webhook({ objectSelector: { matchLabels: { a: "b" } } }), "webhook-rules", "warn", "a In (b)"],
  [webhook({ sideEffects: "Some" }), "webhook-rules", "warn", "dry runs are refused"],
  [webhook({ admissionReviewVersions: ["v1beta1"] }), "webhook-rules", "fail", "version v1"],
  [webhook({ failurePolicy: "Fail" }), "failure-policy", "pass", "no pod is created"],
  [{ ...webhook({ failurePolicy: "Fail" }), ...deployment({ replicas: 1 }) }, "failure-policy", "warn", "one replica"],
  [webhook({ timeoutSeconds: 1 }), "webhook-timeout", "warn", "not asked a second time"],
  [webhook({ timeoutSeconds: 30 }), "webhook-timeout", "warn", "each pod waits"],
  [webhook({ reinvocationPolicy: undefined }), "webhook-reinvocation", "warn", "Never"],
  [{ othersUnread: FORBIDDEN }, "other-webhooks", "warn", "other webhooks: not judged"],

  [answered({ warnings: [], injected: undefined }), "webhook-called", "fail", "did not see it"],
  [answered({ warnings: [] }), "webhook-called", "warn", "did not come through"],
  [
    { ...answered({ warnings: [], injected: undefined }), configuration: FORBIDDEN },
    "webhook-called",
    "warn",
    "whether Podpass saw it is not known",
  ],
  [answered({ injected: "" }), "webhook-called", "warn", "does not get aws"],
  [
    refused('failed calling webhook "pods.podpass.dev": x509: certificate signed by unknown authority'),
    "webhook-called",
    "fail",
    "x509",
  ],
  [
    refused('failed calling webhook "pods.podpass.dev": context deadline exceeded'),
    "webhook-called",
    "fail",
    "deadline",
  ],
  [refused('failed calling webhook "other"'), "webhook-called", "warn", "another webhook"],
  [
    refused('admission webhook "pods.podpass.dev" denied the request: no', 403),
    "webhook-called",
    "warn",
    "which refuses",
  ],
  [refused(failedAt("podpass.podpass-system.svc")), "webhook-called", "fail", "cannot call Podpass"],
  [refused(failedAt("team-b-podpass.podpass-b.svc")), "webhook-called", "warn", "another webhook fails"],
  [refused(failedAt("podpass.podpass-system.svc.podpass-b.svc")), "webhook-called", "warn", "another webhook fails"],
  [
    { ...TWO_RELEASES, ...refused(failedAt("team-b-podpass.podpass-b.svc")) },
    "webhook-called",
    "warn",
    "another webhook fails",
  ],
  [{ ...TWO_RELEASES, ...refused(failedAt("podpass.podpass-system.svc")) }, "webhook-called", "fail", "no such host"],
  [
    { ...TWO_RELEASES, ...refused('failed calling webhook "pods.podpass.dev": expected response.uid') },
    "webhook-called",
    "warn",
    "this one or that of team-b-podpass",
  ],
  [
    { ...TWO_RELEASES, ...refused('admission webhook "pods.podpass.dev" denied the request: no', 403) },
    "webhook-called",
    "warn",
    "refuses a pod of ServiceAccount production/my-api, this one or that of team-b-podpass",
  ],
  [
    {
      ...webhook({ clientConfig: { url: "https://10.0.0.1:8443/mutate/pods" } }),
      ...refused(failedAt("10.0.0.1")),
    },
    "webhook-called",
    "fail",
    "cannot call Podpass",
  ],
  [refused('cannot create resource "pods" in API group ""', 403), "webhook-called", "warn", "may not create pods"],
  [refused("exceeded quota", 403), "webhook-called", "warn", "something else refuses"],

  [webhook({ namespaceSelector: {} }), "namespaces", "warn", "sees pods in podpass-system and kube-system"],
  [webhook({ namespaceSelector: {}, failurePolicy: "Fail" }), "namespaces", "fail", "none can be started again"],
  [{ namespaces: FORBIDDEN }, "namespaces", "warn", "may not get it"],
  [
    accounts({ "podpass.dev/federate": "openai" }, "kube-system"),
    "serviceaccounts-excluded",
    "warn",
    "its pods get no",
  ],
  [
    {
      ...webhook({ matchConditions: [{ name: "opt-out", expression: "… != 'podpass.dev/inject' …" }] }),
      ...configuration("policy: { tokens: { audiences: { allow: [a] } } }"),
    },
    "match-conditions",
    "fail",
    "every pod is to be judged by policy.tokens.audiences",
  ],
  [
    webhook({ matchConditions: [{ name: "opt-out", expression: notOptedOut("podpass.dev/inject") }] }),
    "match-conditions",
    "pass",
    "opt-out",
  ],
  [
    {
      ...webhook({ matchConditions: [{ name: "opt-out", expression: notOptedOut("id.example.com/inject") }] }),
      ...configuration("annotationPrefix: id.example.com"),
    },
    "match-conditions",
    "pass",
    "opt-out",
  ],
  [
    webhook({ matchConditions: [{ name: "opt-out", expression: notOptedOut("id.example.com/inject") }] }),
    "match-conditions",
    "warn",
    "somebody's own",
  ],
  [
    {
      ...webhook({ matchConditions: [{ name: "opt-out", expression: notOptedOut("id.example.com/inject") }] }),
      configuration: FORBIDDEN,
    },
    "match-conditions",
    "pass",
    "opt-out",
  ],
  [
    webhook({ matchConditions: [{ name: "mine", expression: "'podpass.dev/inject' == ''" }] }),
    "match-conditions",
    "warn",
    "counts as a failed call, so that the pod is passed over too",
  ],
  [
    webhook({
      failurePolicy: "Fail",
      matchConditions: [{ name: "not-a-mirror-pod", expression: `false && (${NOT_A_MIRROR_POD})` }],
    }),
    "match-conditions",
    "warn",
    "counts as a failed call, so that the pod is refused",
  ],
  [webhook({ matchConditions: [{ name: "mine", expression: "false" }] }), "match-conditions", "warn", "somebody's own"],

  [deployment({ args: ["serve"] }), "certificate-source", "fail", "no certificate to serve"],
  [webhook({ clientConfig: { service: {}, path: "/mutate/pods" } }), "ca-bundle", "fail", "is empty"],
  [{ caBundle: { problem: "it is no PEM" } }, "ca-bundle", "fail", "it is no PEM"],
  [
    { accountsWebhooks: ABSENT },
    "serviceaccounts-webhook",
    "fail",
    "ValidatingWebhookConfiguration podpass is not there",
  ],
  [{ ...WITHOUT_IT, accountsWebhooks: ABSENT }, "serviceaccounts-webhook", "warn", "their pods are told instead"],
  [{ accountsWebhooks: FORBIDDEN }, "serviceaccounts-webhook", "warn", "may not get it"],
  [{ accountsWebhooks: read([]) }, "serviceaccounts-webhook", "fail", "has no webhook for ServiceAccounts"],
  [accountsWebhook({ rules: [] }), "serviceaccounts-webhook", "fail", "do not cover the creation and update"],
  [
    accountsWebhook({ rules: [{ ...RULE, operations: ["CREATE"] }] }),
    "serviceaccounts-webhook",
    "fail",
    "do not cover the creation and update",
  ],
  [accountsWebhook({ failurePolicy: "Fail" }), "serviceaccounts-webhook", "warn", "nobody can write a federated"],
  [
    accountsWebhook({ clientConfig: { service: { namespace: "a", name: "b", path: "/validate/serviceaccounts" } } }),
    "serviceaccounts-webhook",
    "fail",
    "calls Service a/b",
  ],
  [
    accountsWebhook({ clientConfig: { url: "https://a.example.com/validate/serviceaccounts" } }),
    "serviceaccounts-webhook",
    "warn",
    "calls https://a.example",
  ],
  [
    accountsWebhook({
      clientConfig: { service: { namespace: "podpass-system", name: "podpass", path: "/mutate/pods" } },
    }),
    "serviceaccounts-webhook",
    "fail",
    "calls the path /mutate/pods; Podpass answers /validate/serviceaccounts",
  ],
  [accountAnswered({ warnings: [] }), "serviceaccounts-called", "fail", "Podpass did not see it"],
  [
    { ...accountAnswered({ warnings: [] }), configuration: FORBIDDEN },
    "serviceaccounts-called",
    "warn",
    "whether Podpass saw it is not known",
  ],
  [
    accountRefused(
      'failed calling webhook "serviceaccounts.podpass.dev": x509: certificate signed by unknown authority',
    ),
    "serviceaccounts-called",
    "fail",
    "cannot call Podpass for ServiceAccounts",
  ],
  [
    accountRefused('cannot create resource "serviceaccounts" in API group ""', 403),
    "serviceaccounts-called",
    "warn",
    "may not create ServiceAccounts in production",
  ],
  [accountRefused("exceeded quota", 403), "serviceaccounts-called", "warn", "something else refuses"],

  [{ caBundle: bundle(certificate(-300, 65)) }, "ca-bundle", "warn", "last quarter"],
  [
    { accountsBundle: bundle(certificate(-300, 65)) },
    "ca-bundle",
    "warn",
    "of ValidatingWebhookConfiguration podpass is in",
  ],
  [
    { caBundle: bundle(certificate(-300, 65)), accountsBundle: bundle(certificate(-300, -1)) },
    "ca-bundle",
    "fail",
    "of ValidatingWebhookConfiguration podpass is expired",
  ],
  [
    accountsWebhook({ clientConfig: { service: { namespace: "podpass-system", name: "podpass" } } }),
    "ca-bundle",
    "fail",
    "the caBundle of ValidatingWebhookConfiguration podpass is empty",
  ],
  [
    { accountsBundle: bundle(certificate(-1, 9, "BB")) },
    "ca-secret",
    "fail",
    "the caBundle of ValidatingWebhookConfiguration podpass does not hold the CA in Secret podpass-system/podpass-ca",
  ],
  [{ caBundle: bundle(certificate(-300, -1)) }, "ca-bundle", "fail", "expired"],
  [{ caBundle: bundle(certificate(1, 30)) }, "ca-bundle", "fail", "not valid yet"],
  [{ caBundle: bundle(certificate(-300, -1), certificate(-1, 300)) }, "ca-bundle", "warn", "beside a good one"],
  [{ caBundle: bundle(certificate(-10, 20), certificate(-1, 300)) }, "ca-bundle", "pass", "the first ends in 20 days"],
  [{ caSecret: ABSENT }, "ca-secret", "fail", "is not there"],
  [{ caSecret: FORBIDDEN }, "ca-secret", "warn", "may not get it"],
  [{ caSecret: read({ current: undefined, previous: undefined }) }, "ca-secret", "fail", "no CA yet"],
  [
    { caSecret: read({ current: bundle(certificate(-1, 9, "BB")), previous: undefined }) },
    "ca-secret",
    "fail",
    "does not hold",
  ],
  [
    { caSecret: read({ current: bundle(certificate(-65, 300)), previous: bundle(certificate(-1, 9, "BB")) }) },
    "ca-secret",
    "pass",
    "a rotation is under way",
  ],
  [{ ...deployment(FILES), leaf: read(leaf) }, "serving-certificate", "pass", "60 days left"],
  [{ ...deployment(FILES), leaf: ABSENT }, "serving-certificate", "fail", "is not there"],
  [
    { ...deployment(FILES), leaf: read({ ...leaf, isForService: false }) },
    "serving-certificate",
    "fail",
    "is not for podpass.podpass-system.svc",
  ],
  [{ ...deployment(FILES), leaf: read({ ...leaf, isTrusted: false }) }, "serving-certificate", "fail", "is not issued"],

  [{ rights: FORBIDDEN }, "permissions-needed", "warn", "what Podpass may do: not judged"],
  [{ deployment: FORBIDDEN }, "permissions-needed", "pass", "it is not known what else"],
  [{ rights: read(new Map()) }, "permissions-needed", "fail", "lacks 9 rights"],
  [
    { rights: read(new Map(EXCESS_RIGHTS.map(({ permission }) => [showPermission(permission), true]))) },
    "permissions-excess",
    "warn",
    "may do more",
  ],

  [{ accounts: FORBIDDEN }, "serviceaccounts", "warn", "may not get it"],
  [accounts({ "podpass.dev/federate": "nobody" }), "serviceaccounts-unresolved", "warn", "their pods are refused"],
  [
    { ...accounts({ "podpass.dev/federate": "nobody" }), ...configuration("policy: { invalidServiceAccount: Warn }") },
    "serviceaccounts-unresolved",
    "warn",
    "go without",
  ],
  [accounts({ "podpass.dev/federat": "aws" }), "serviceaccounts-unread-keys", "warn", "1 ServiceAccount has"],

  [
    { discovery: read({ issuer: "http://a.example.com", jwksUri: undefined }) },
    "issuer",
    "fail",
    "cannot be an issuer",
  ],
  [
    { discovery: read({ issuer: "https://kubernetes.default.svc.cluster.local", jwksUri: undefined }) },
    "issuer",
    "warn",
    "no provider outside can reach",
  ],
  [{ fetched: { kind: "problem", message: "ENOTFOUND" } }, "issuer", "warn", "not reachable from here: ENOTFOUND"],
  [{ fetched: { kind: "different", message: "the keys there lack 1" } }, "issuer", "warn", "the keys there lack 1"],
  [{ fetched: { kind: "same" } }, "issuer", "pass", "to everybody"],
  [
    { discovery: read({ issuer: "https://a.example.com", jwksUri: "https://10.0.0.1:6443/openid/v1/jwks" }) },
    "issuer-keys",
    "warn",
    "10.0.0.1",
  ],
  [{ jwks: read({ keys: [{ kty: "oct", k: "s" }] }) }, "issuer-keys", "fail", "private key"],
  [{ jwks: ABSENT }, "issuer-keys", "fail", "no keys"],
];

describe("the checks", () => {
  it("pass where all is well", () => {
    const findings = judgeAll(factsWith());
    expect(findings.filter(({ level }) => level !== "pass")).toEqual([]);
    expect(findings.map(({ id }) => id)).toEqual(CHECK_IDS.filter((id) => id !== "serving-certificate"));
  });

  itSays(ROWS);

  it("name the command that scales up", () =>
    expect(find(factsWith(deployment({ replicas: 0 })), "deployment")?.advice).toBe(
      "Run: kubectl scale deployment -n podpass-system podpass --replicas=2",
    ));

  it("leave out what was asked for", () => {
    expect(find(factsWith(), "image")).toBeDefined();
    expect(judgeAll(factsWith(), new Set(["image"])).some(({ id }) => id === "image")).toBe(false);
  });

  it("leave out what depends on something that is missing", () => {
    const facts = factsWith({ deployment: ABSENT, pods: ABSENT, states: [], webhooks: read([]), rights: ABSENT });
    const failed = judgeAll(facts).filter(({ level }) => level !== "pass");
    expect(failed.map(({ id }) => id)).toEqual(["deployment", "webhook"]);
  });

  it("warn, and never fail, where nothing may be read", () => {
    const unread: Partial<Facts> = {
      version: FORBIDDEN,
      admissionResources: FORBIDDEN,
      configuration: FORBIDDEN,
      deployment: FORBIDDEN,
      pods: FORBIDDEN,
      states: [],
      budgets: FORBIDDEN,
      endpoints: FORBIDDEN,
      webhooks: FORBIDDEN,
      accountsWebhooks: FORBIDDEN,
      namespaces: FORBIDDEN,
      rights: FORBIDDEN,
      accounts: undefined,
      call: undefined,
      accountCall: undefined,
      caBundle: undefined,
      accountsBundle: undefined,
      caSecret: undefined,
      discovery: FORBIDDEN,
      jwks: FORBIDDEN,
    };
    const findings = judgeAll(factsWith(unread));
    expect(new Set(findings.map(({ level }) => level))).toEqual(new Set(["warn"]));
    for (const { data } of findings) expect(data).toEqual({ missingPermission: "get it" });
  });

  it("name other webhooks that handle pods, where they stand, and whose they are", () => {
    const webhooks = [
      ...webhooksOf(
        "azure-wi-webhook-mutating-webhook-configuration",
        webhookObject({ name: "mutation.azure-workload-identity.io", clientConfig: {} }),
      ),
      ...webhooksOf("podpass", webhookObject()),
      ...webhooksOf("pod-identity-webhook", webhookObject({ name: "iam-for-pods.amazonaws.com", clientConfig: {} })),
      ...webhooksOf("zz", webhookObject({ name: "a.example.com", clientConfig: {}, rules: [] })),
    ];
    const finding = find(factsWith({ webhooks: read(webhooks) }), "other-webhooks");
    expect(finding?.details).toEqual([
      "before: mutation.azure-workload-identity.io of azure-wi-webhook-mutating-webhook-configuration (failurePolicy Ignore), Microsoft Azure's identities",
      "after: iam-for-pods.amazonaws.com of pod-identity-webhook (failurePolicy Ignore), Amazon EKS's identities",
    ]);
    expect(finding?.data?.["vendors"]).toEqual(["Microsoft Azure", "Amazon EKS"]);
  });

  it("name the one right that stands for all", () => {
    const rights = new Map(EXCESS_RIGHTS.map(({ permission }) => [showPermission(permission), true]));
    expect(find(factsWith({ rights: read(rights) }), "permissions-excess")?.data).toEqual({ excess: ["* *.*"] });
  });

  it("know the match conditions of the chart to the letter", () => {
    const chart = readFileSync("charts/podpass/templates/mutatingwebhookconfiguration.yaml", "utf8");
    expect(chart).toContain(`expression: "${NOT_A_MIRROR_POD}"`);
    expect(chart).toContain(`expression: "${notOptedOut("{{ $key }}")}"`);
  });

  it("write nothing that a terminal acts on, however long it is", () => {
    const evil = `\u001b[31m\u202e${"x".repeat(5000)}\n`;
    const facts = factsWith({
      ...webhook({ matchConditions: [{ name: evil, expression: evil }] }),
      ...accounts({ "podpass.dev/federate": evil }),
      ...refused(evil),
      ...deployment({ image: evil }),
      discovery: read({ issuer: `https://${evil}`, jwksUri: evil }),
      version: read(evil),
    });
    for (const { text, advice = "", details } of judgeAll(facts))
      for (const line of [text, advice, ...details]) {
        expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(line.length).toBeLessThanOrEqual(1000);
      }
  });
});
