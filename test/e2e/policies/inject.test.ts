import { beforeAll, expect, it } from "vitest";
import { compileConfiguration } from "../../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../../src/configuration/schema.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import { createServiceAccount, describeWithMutatingPolicies, useCluster } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { asPod } from "../../support/pods.ts";
import { annotationsFor, everyProvider, presets } from "../presets.ts";
import { compare, TWIN } from "./injection.ts";

const compiled = compileConfiguration({
  providers: {
    ...everyProvider,
    own: {
      token: { audience: "own/${parameter.p}", defaultMode: 0o440, fileName: "jwt" },
      parameters: { p: { default: "$a" }, q: {}, r: { default: "" } },
      env: {
        OWN_P: "$(HOME)/${parameter.p}",
        OWN_Q: "${parameter.q}",
        OWN_R: "${parameter.r}",
        OWN_A: "${token.audience}",
      },
      files: [
        { name: "x.json", json: { p: "${parameter.p}", q: ["${parameter.q}", 1], t: "${token.file}" } },
        { name: "x.txt", text: "a\n${parameter.q}\nb", when: { q: "yes" } },
      ],
    },
    team: { token: { audience: "team" }, allowedNamespaces: ["team-*"] },
    mine: { token: { audience: "mine" }, allowedNamespaces: ["def*"] },
  } as unknown as ConfigurationFile["providers"],
  policy: {
    tokens: {
      expirationSeconds: { min: 600, max: 7200 },
      audiences: { allow: ["https://*.example.com", "istio-ca"] },
    },
  },
});
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
const { settings } = compiled;
const { objects, notExpressed } = renderPolicies(settings, { name: "podpass", minor: 36, mode: "exact", digest: "x" });

const prefixed = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key.replace("~", "podpass.dev"), value]));

const aws = { "aws.~/role-arn": "arn:aws:iam::123456789012:role/my-api" };
const openai = { "openai.~/identity-provider-id": "idp_1", "openai.~/service-account-id": "user-1" };
const gcp = {
  "gcp.~/workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/x",
};

const token = (audience: string, fields: object = {}) => ({
  name: "theirs",
  projected: { sources: [{ serviceAccountToken: { audience, path: "token", ...fields } }] },
});
const main = { name: "main", image: "example.com/none" };
const pod = (spec: object = {}, metadata: object = {}) =>
  asPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "pod", ...metadata },
    spec: { containers: [main], ...spec },
  });
const one = (fields: object, spec: object = {}) => pod({ containers: [{ ...main, ...fields }], ...spec });
const requiringNodes = (operator: string, os: string) =>
  pod({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/os", operator, values: [os] }] }],
        },
      },
    },
  });
const mountAt = (mountPath: string, fields: object = {}, volume: object = { emptyDir: {} }) =>
  one({ volumeMounts: [{ name: "v", mountPath, ...fields }] }, { volumes: [{ name: "v", ...volume }] });

const PODS = {
  bare: [pod(), "served"],
  "without the API server's token": [pod({ automountServiceAccountToken: false }), "served"],
  "with everything a plain pod has": [
    pod(
      {
        volumes: [{ name: "v", emptyDir: {} }, token("istio-ca"), { name: "none", projected: {} }],
        initContainers: [
          { ...main, name: "init" },
          { ...main, name: "native", restartPolicy: "Always", env: [{ name: "B", value: "$(A)" }] },
        ],
        containers: [
          { ...main, env: [{ name: "A", value: "1" }], volumeMounts: [{ name: "v", mountPath: "/tmp/.cache" }] },
          { ...main, name: "second", volumeMounts: [{ name: "v", mountPath: "/run/nginx" }] },
        ],
        affinity: { podAntiAffinity: {} },
        nodeSelector: { "kubernetes.io/os": "linux" },
      },
      { annotations: { note: "x" } },
    ),
    "served",
  ],
  "with annotations null, and lists null": [
    pod(
      { volumes: null, initContainers: null, containers: [{ ...main, env: null, volumeMounts: null }] },
      { annotations: null },
    ),
    "served",
  ],
  "with an old mark and an old file": [
    pod({}, { annotations: { "podpass.dev/injected": "aws", "gcp.podpass.dev/credentials.json": "{}" } }),
    "served",
  ],
  "with a blank key": [pod({}, { annotations: { "podpass.dev/inject": " " } }), "served"],
  "that says it is for Linux": [pod({ os: { name: "linux" } }), "served"],
  "with a static key and an envFrom": [
    one({ env: [{ name: "AWS_ACCESS_KEY_ID", value: "x" }], envFrom: [{ configMapRef: { name: "c" } }] }),
    "served",
  ],
  "with a region of its own": [one({ env: [{ name: "AWS_REGION", value: "x" }] }), "served"],
  "of a thousand containers": [
    pod({
      containers: Array.from({ length: 1000 }, (_, index) => ({
        ...main,
        name: `c-${index}`,
        env: [{ name: "A", value: "1" }],
      })),
    }),
    "many",
  ],
  "that opted out": [pod({}, { annotations: { "podpass.dev/inject": "false" } }), "alone"],
  "with a filter": [pod({}, { annotations: { "podpass.dev/skip-containers": "main" } }), "alone"],
  "with an override": [pod({}, { annotations: { "aws.podpass.dev/expiration-seconds": "900" } }), "alone"],
  "for Windows": [pod({ os: { name: "windows" } }), "alone"],
  "for Windows nodes": [pod({ nodeSelector: { "beta.kubernetes.io/os": "windows" } }), "alone"],
  "with affinity for Windows": [requiringNodes("In", "windows"), "alone"],
  "with affinity against Linux": [requiringNodes("NotIn", "linux"), "alone"],
  "with affinity for Linux": [requiringNodes("In", "linux"), "served"],
  "with a variable of ours": [one({ env: [{ name: "AWS_ROLE_ARN", value: "x" }] }), "alone"],
  "with a taken path": [mountAt("/var/run/secrets/eks.amazonaws.com/serviceaccount"), "alone"],
  "with a path below": [mountAt("/run/secrets/eks.amazonaws.com/serviceaccount/x"), "alone"],
  "with a path above": [mountAt("/var/run"), "alone"],
  "with a path that is written oddly": [mountAt("/var/run//secrets/./eks.amazonaws.com/serviceaccount/"), "alone"],
  "with a taken volume name": [pod({ volumes: [{ name: "podpass-aws", emptyDir: {} }] }), "alone"],
  "with a token of ours under another name": [pod({ volumes: [token("sts.amazonaws.com")] }), "alone"],
  "with a token that is clamped": [pod({ volumes: [token("istio-ca", { expirationSeconds: 9000 })] }), "alone"],
  "with a token that is refused": [pod({ volumes: [token("https://evil.example.org")] }), "alone"],
} as const;

interface AccountCase {
  readonly annotations: Readonly<Record<string, string>>;
  readonly outcome: "served" | "alone";
}

const served = (annotations: Record<string, string>): AccountCase => ({
  annotations: prefixed(annotations),
  outcome: "served",
});
const alone = (annotations: Record<string, string>): AccountCase => ({
  annotations: prefixed(annotations),
  outcome: "alone",
});

const ACCOUNTS: Readonly<Record<string, AccountCase>> = {
  ...Object.fromEntries(
    presets.flatMap((preset) =>
      (["required", "all"] as const).map((which) => [
        `${preset.name}-${which}`,
        { annotations: annotationsFor(preset, which), outcome: "served" as const },
      ]),
    ),
  ),
  several: served({ "~/federate": " gcp, aws,,openai , aws", ...aws, ...openai, ...gcp, "aws.~/region": " " }),
  other: served({ "~/federate": "own", "own.~/p": "$x", "own.~/q": "no" }),
  unset: served({ "~/federate": "own" }),
  both: served({ "~/federate": "own,mine", "own.~/q": "yes", "own.~/r": "😀" }),
  unread: served({ "~/federate": "aws", ...aws, "aws.~/x": "y", "~/y": "z", "nobody.~/z": "z" }),
  lifetime: served({ "~/federate": "aws", ...aws, "aws.~/expiration-seconds": "0900" }),
  quoted: alone({ "~/federate": "own", "own.~/p": 'a"b' }),
  long: alone({ "~/federate": "own", "own.~/q": "x".repeat(1025) }),
  control: alone({ "~/federate": "own", "own.~/q": "a\u0085b" }),
  clamped: alone({ "~/federate": "aws", ...aws, "aws.~/expiration-seconds": "599" }),
  above: alone({ "~/federate": "aws", ...aws, "aws.~/expiration-seconds": "7201" }),
  huge: alone({ "~/federate": "aws", ...aws, "aws.~/expiration-seconds": "9".repeat(30) }),
  unreadable: alone({ "~/federate": "aws", ...aws, "aws.~/expiration-seconds": " 900" }),
  audience: alone({ "~/federate": "aws", ...aws, "aws.~/audience": "https://a.example.com" }),
  filter: alone({ "~/federate": "aws", ...aws, "aws.~/skip-containers": "x" }),
  global: alone({ "~/federate": "aws", ...aws, "~/only-containers": "main" }),
  missing: alone({ "~/federate": "aws" }),
  bad: alone({ "~/federate": "aws", "aws.~/role-arn": "arn:aws:iam::123456789012:role/my api" }),
  unknown: alone({ "~/federate": "aws,nobody", ...aws }),
  elsewhere: alone({ "~/federate": "team" }),
  "same-path": alone({ "~/federate": "openai,enkryptify", ...openai }),
  "same-variable": alone({
    "~/federate": "aws,coreweave-object-storage",
    ...aws,
    "coreweave-object-storage.~/organization-id": "abc",
  }),
  many: alone({ "~/federate": `aws${",aws".repeat(32)}`, ...aws }),
};

describeWithMutatingPolicies("the inject policy", () => {
  const cluster = useCluster({ controllerManager: true });
  const outcomeOf = (name: string, annotations: Readonly<Record<string, string>>, of = pod()) =>
    compare(cluster(), of, {
      account: { namespace: "default", name, annotations: new Map(Object.entries(annotations)) },
      settings,
    });

  beforeAll(async () => {
    await applyPolicies(
      cluster(),
      objects.filter(({ metadata }) => /^podpass-(label|inject)\./.test(metadata.name)),
    );
    await createServiceAccount(cluster(), TWIN);
    for (const [name, { annotations }] of Object.entries(ACCOUNTS))
      await createServiceAccount(cluster(), name, annotations);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  });

  it("serves every provider", () => {
    expect(notExpressed).toEqual([]);
  });

  it.each(Object.entries(ACCOUNTS))(
    "makes of a bare pod of %s what the webhook makes of it, or nothing",
    async (name, account) => {
      expect(await outcomeOf(name, account.annotations)).toEqual(account.outcome);
    },
  );

  it.each(Object.entries(PODS))(
    "makes of a pod %s what the webhook makes of it, or nothing",
    async (_, [of, outcome]) => {
      const { annotations } = ACCOUNTS["aws-required"] ?? served({});
      expect(await outcomeOf("aws-required", annotations, of)).toEqual(outcome === "alone" ? outcome : "served");
      if (outcome === "served")
        expect(await outcomeOf("several", ACCOUNTS["several"]?.annotations ?? {}, of)).toEqual("served");
    },
  );
});
