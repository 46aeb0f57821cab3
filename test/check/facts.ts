/** The facts of an installation in which all is well, to be changed by each test. */
import { AccountCounter } from "../../src/check/accounts.ts";
import type { ConfigurationFacts, Facts } from "../../src/check/facts.ts";
import { isJsonObject, type JsonObject } from "../../src/check/json.ts";
import { rightsOf } from "../../src/check/permission-checks.ts";
import { rightsToAsk, showPermission } from "../../src/check/permissions.ts";
import type { Read } from "../../src/check/read.ts";
import { readNamespace } from "../../src/check/selectors.ts";
import { readPolicy, type StoredPolicy } from "../../src/check/stored-policy.ts";
import { readWebhooks, type Webhook } from "../../src/check/webhooks.ts";
import { readDeployment } from "../../src/check/workload.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import type { Installation as For } from "../../src/policies/installation.ts";
import { renderPolicies } from "../../src/policies/render.ts";

const NOW_MS = Date.parse("2027-01-01T00:00:00Z");
const DAY_MS = 86_400_000;

/** An answer with a value. */
export const read = <Value>(value: Value): Read<Value> => ({ kind: "read", value });
/** No permission. */
export const FORBIDDEN = { kind: "forbidden", permission: "get it" } as const;
/** No answer. */
export const FAILED = { kind: "failed", message: "the API server answered 500" } as const;
/** No object. */
export const ABSENT = { kind: "absent" } as const;

/** The settings of a configuration's text below its header. */
export const settingsOf = (text = ""): Settings => {
  const result = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n${text}`);
  return result.ok ? result.settings : (undefined as never);
};

/** A configuration's text below its header, read and with some members changed. */
export const configurationOf = (text = "", change: Partial<ConfigurationFacts> = {}): ConfigurationFacts => ({
  origin: "ConfigMap podpass-system/podpass",
  settings: settingsOf(text),
  problems: [],
  digest: DIGEST,
  source: { kind: "configMap", name: "podpass" },
  ...change,
});

/** By which policies name the configuration of {@link factsWith}. */
export const DIGEST = `sha256:${"1".repeat(64)}`;

/** What the API server makes of a policy: it leaves out what is empty, and fills in what was left out. */
const asStored = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asStored);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([, item]) => !Array.isArray(item) || item.length > 0);
  const stored = Object.fromEntries(members.map(([name, item]) => [name, asStored(item)]));
  if (Object.hasOwn(stored, "resourceRules"))
    return { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {}, ...stored };
  return Object.hasOwn(stored, "apiGroups") ? { ...stored, scope: "*" } : stored;
};

/** The policies of a configuration's text below its header, as they are stored. */
export const policiesOf = (text = "", change: Partial<For> = {}): readonly StoredPolicy[] =>
  renderPolicies(settingsOf(text), {
    name: "podpass",
    minor: 36,
    mode: "exact",
    digest: DIGEST,
    ...change,
  }).objects.map((object) => readPolicy(object.kind, asStored(object) as JsonObject));

/** A certificate from `fromDays` to `untilDays` from now. */
export const certificate = (fromDays: number, untilDays: number, fingerprint = "AA") => ({
  subject: "CN=podpass",
  fingerprint,
  notBefore: NOW_MS + fromDays * DAY_MS,
  notAfter: NOW_MS + untilDays * DAY_MS,
});

const LABELS = { app: "podpass" };

/** A Deployment as the API server shows it, with members of `spec.template.spec.containers[0]`. */
export const deploymentObject = (container: object = {}): JsonObject => ({
  metadata: { name: "podpass", generation: 2 },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: "podpass",
        containers: [
          { name: "proxy", args: ["proxy"] },
          {
            name: "podpass",
            image: "registry.example.com/podpass:1.0.0",
            args: [
              "serve",
              "--config=/etc/podpass/configuration.yaml",
              "--ca-secret",
              "podpass-ca",
              "--webhook-configuration=podpass",
              "--validating-webhook-configuration=podpass",
            ],
            ports: [{ name: "http", containerPort: 9090 }],
            volumeMounts: [{ name: "configuration", mountPath: "/etc/podpass/" }],
            ...container,
          },
        ],
        volumes: [{ name: "configuration", configMap: { name: "podpass" } }],
      },
    },
  },
  status: { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2 },
});

/** As the chart writes it. */
export const NOT_A_MIRROR_POD =
  "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)";

/** The same, of pods that opted out by the annotation `key`. */
export const notOptedOut = (key: string): string =>
  `!has(object.metadata.annotations) || !('${key}' in object.metadata.annotations) || object.metadata.annotations['${key}'] != 'false'`;

/** The webhook as the chart registers it, with some members changed. */
export const webhookObject = (change: object = {}): JsonObject => ({
  name: "pods.podpass.dev",
  admissionReviewVersions: ["v1"],
  clientConfig: {
    service: { namespace: "podpass-system", name: "podpass", path: "/mutate/pods", port: 443 },
    caBundle: "AAAA",
  },
  rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], scope: "Namespaced" }],
  namespaceSelector: {
    matchExpressions: [
      { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["podpass-system", "kube-system"] },
    ],
  },
  matchConditions: [{ name: "not-a-mirror-pod", expression: NOT_A_MIRROR_POD }],
  reinvocationPolicy: "IfNeeded",
  sideEffects: "None",
  failurePolicy: "Ignore",
  timeoutSeconds: 5,
  ...change,
});

/** The webhook for ServiceAccounts as the chart registers it, with some members changed. */
export const accountsWebhookObject = (change: object = {}): JsonObject => ({
  name: "serviceaccounts.podpass.dev",
  admissionReviewVersions: ["v1"],
  clientConfig: {
    service: { namespace: "podpass-system", name: "podpass", path: "/validate/serviceaccounts", port: 443 },
    caBundle: "AAAA",
  },
  rules: [
    {
      operations: ["CREATE", "UPDATE"],
      apiGroups: [""],
      apiVersions: ["v1"],
      resources: ["serviceaccounts"],
      scope: "Namespaced",
    },
  ],
  sideEffects: "None",
  failurePolicy: "Ignore",
  timeoutSeconds: 5,
  ...change,
});

/** The webhooks of a configuration called `name`. */
export const webhooksOf = (name: string, ...webhooks: readonly JsonObject[]): readonly Webhook[] =>
  readWebhooks({ metadata: { name }, webhooks });

const installation = { namespace: "podpass-system", name: "podpass" };

const rights = (deployment: Facts["deployment"], excess: readonly string[] = []): ReadonlyMap<string, boolean> =>
  new Map(
    rightsToAsk(rightsOf({ installation, deployment })).map((permission) => {
      const name = showPermission(permission);
      const isNeeded = /serviceaccounts$|podpass-ca|podpass$/.test(name) && !name.startsWith("patch serviceaccounts");
      return [name, isNeeded || excess.includes(name)];
    }),
  );

const survey = () => {
  const counter = new AccountCounter(settingsOf());
  counter.addPlain("default");
  const annotations = new Map([
    ["podpass.dev/federate", "aws"],
    ["aws.podpass.dev/role-arn", "arn:aws:iam::123456789012:role/my-api"],
  ]);
  counter.add({ namespace: "production", name: "my-api", annotations }, true);
  return counter.finish();
};

const STORED = policiesOf();

/** All is well, but for `change`. */
export const factsWith = (change: Partial<Facts> = {}): Facts => {
  const deployment = change.deployment ?? read(readDeployment(deploymentObject()));
  const bundle = { certificates: [certificate(-65, 300)] };
  const page = read({ isReady: true, lines: [`[+]configuration ok: ${DIGEST}`, "ready"] });
  return {
    installation,
    nowMs: NOW_MS,
    ownVersion: "1.0.0",
    version: read("v1.36.3"),
    admissionResources: read(["validatingadmissionpolicies", "mutatingadmissionpolicies"]),
    configuration: read(configurationOf()),
    deployment,
    pods: read([1, 2].map((number) => ({ name: `podpass-${number}`, isTerminating: false, imageId: "sha256:a" }))),
    states: [1, 2].map((number) => ({ name: `podpass-${number}`, page })),
    budgets: read([
      {
        name: "podpass",
        selector: [{ key: "app", operator: "In", values: ["podpass"] }],
        disruptionsAllowed: 1,
        healthy: 2,
        desired: 1,
      },
    ]),
    endpoints: read(2),
    webhookConfigurations: ["podpass"],
    webhooks: read(webhooksOf("podpass", webhookObject())),
    othersUnread: undefined,
    accountsWebhooks: read(webhooksOf("podpass", accountsWebhookObject())),
    namespaces: read(
      ["default", "kube-system", "podpass-system", "production"].map((name) => readNamespace({ metadata: { name } })),
    ),
    caBundle: bundle,
    accountsBundle: bundle,
    caSecret: read({ current: bundle, previous: undefined }),
    leaf: undefined,
    rights: read(rights(deployment)),
    accounts: read(survey()),
    call: {
      account: { namespace: "production", name: "my-api", providers: ["aws"] },
      nonce: "check-0011aabb",
      answer: {
        kind: "answered",
        status: 201,
        message: "",
        warnings: ['pod annotation "podpass.dev/inject" is ignored: "check-0011aabb"; allowed: "false"'],
        injected: "aws",
      },
    },
    accountCall: {
      namespace: "production",
      nonce: "check-2233ccdd",
      answer: {
        kind: "answered",
        status: 201,
        message: "",
        warnings: ['ServiceAccount annotation "podpass.dev/check-2233ccdd" is ignored'],
      },
    },
    discovery: read({ issuer: "https://oidc.example.com", jwksUri: "https://oidc.example.com/openid/v1/jwks" }),
    jwks: read({ keys: [{ kty: "RSA", kid: "key-1", n: "AQAB", e: "AQAB" }] }),
    fetched: undefined,
    policies: read(STORED),
    ...change,
  };
};
