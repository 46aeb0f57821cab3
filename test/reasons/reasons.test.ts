import { describe, expect, it } from "vitest";
import {
  DECISION_REASONS,
  type DecisionReason,
  PROBLEM_REASONS,
  type ProblemReason,
  WARNING_REASONS,
  type WarningReason,
} from "../../src/reasons/reasons.ts";
import { container, decideOn, type Given, pod, podWith, tokenVolume, warningReasons } from "../support/pods.ts";

const CONFIG = `
providers:
  demo:
    token: { audience: demo, expirationSeconds: { max: 7200 }, mountPath: /demo }
    parameters: { role: { pattern: "[a-z]+" } }
    env: { DEMO_TOKEN: "\${token.file}", DEMO_ROLE: "\${parameter.role}" }
    shadowedBy: [DEMO_KEY]
    displaces: [DEMO_OLD]
    conflictsWith: [other]
  other:
    token: { audience: other }
    env: { OTHER_TOKEN: "\${token.file}", DEMO_ROLE: "\${token.audience}" }
  hard: { token: { audience: hard, mountPath: /demo } }
  strict: { token: { audience: strict }, parameters: { id: { required: true } }, env: { ID: "\${parameter.id}" }, expectsOneOf: [[ID, PLACE]], allowedNamespaces: [production] }
  placed: { token: { audience: placed }, expectsOneOf: [[PLACE, REGION]] }
  file: { token: { audience: file }, files: [{ name: client.json, json: "\${token.file}" }] }
`;
const LENIENT = `${CONFIG}policy: { invalidServiceAccount: Warn }\n`;
const AUDIENCES = `${CONFIG}policy: { tokens: { audiences: {} } }\n`;
const LIFETIMES = `${CONFIG}policy: { tokens: { expirationSeconds: { max: 3600, violation: Deny } } }\n`;

const federate = (names: string, more: Readonly<Record<string, string>> = {}) => ({
  "podpass.dev/federate": names,
  ...more,
});
const demo = federate("demo");
const emptyDir = (mountPath: string, more: object = {}) =>
  podWith({ volumeMounts: [{ name: "v", mountPath, ...more }] }, [{ name: "v", emptyDir: {} }]);
const foreign = (seconds: number) =>
  pod({ volumes: [tokenVolume("t", { audience: "foreign", expirationSeconds: seconds, path: "token" })] });

const times = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));
const keyed = (count: number, key: (index: number) => string) =>
  Object.fromEntries(times(count, (index) => [key(index), ""]));
const projected = (sources: readonly object[]) => pod({ volumes: [{ name: "v", projected: { sources } }] });
const names = (count: number): string => times(count, (index) => `c${index}`).join(",");

/** For each bound the pod that just does not keep it. */
const BEYOND = {
  "too-many-containers": { pod: pod({ containers: times(1001, (index) => container({ name: `c${index}` })) }) },
  "too-many-variables": { pod: podWith({ env: times(20_001, (index) => ({ name: `V${index}` })) }) },
  "too-many-mounts": {
    pod: podWith({ volumeMounts: times(10_001, (index) => ({ name: "v", mountPath: `/${index}` })) }),
  },
  "path-too-long": { pod: podWith({ volumeMounts: [{ name: "v", mountPath: "/".repeat(4097) }] }) },
  "too-many-volumes": { pod: pod({ volumes: times(1001, (index) => ({ name: `v${index}` })) }) },
  "too-many-sources": { pod: projected(times(5001, () => ({}))) },
  "too-many-tokens": { pod: projected(times(101, () => ({ serviceAccountToken: { path: "token" } }))) },
  "audience-too-long": { pod: projected([{ serviceAccountToken: { path: "token", audience: "a".repeat(1025) } }]) },
  "too-many-keys": {
    pod: pod(
      {},
      keyed(1001, (index) => `x${index}.podpass.dev/y`),
    ),
  },
  "too-many-names": { pod: pod({}, { "podpass.dev/skip-containers": names(1001) }) },
  "patch-too-large": {
    account: federate("other"),
    pod: pod({ containers: times(1000, (index) => container({ name: `c${index}` })) }),
    config: `${CONFIG.replace("OTHER_TOKEN: ", `LONG: "${"x".repeat(1600)}", OTHER_TOKEN: `)}`,
  },
} as const satisfies Readonly<Record<string, Given>>;

/** What only the layers around `decide` can say. */
type Around =
  | "not-a-pod-create"
  | "not-a-service-account-write"
  | "resolved"
  | "lookup-failed"
  | "internal-error"
  | "not-ready"
  | "busy"
  | "not-a-review"
  | "too-large"
  | "too-many-values"
  | "body-too-large"
  | "wrong-content-type";

const DECISIONS: Readonly<Record<Exclude<DecisionReason, Around>, Given>> = {
  injected: { account: demo },
  "already-present": {
    account: federate("hard"),
    pod: podWith({ volumeMounts: [{ name: "t", mountPath: "/demo" }] }, [
      tokenVolume("t", { audience: "hard", path: "token" }),
    ]),
  },
  "identity-differs": {
    account: federate("strict", { "strict.podpass.dev/id": "a" }),
    pod: pod({
      containers: [
        container({
          env: [{ name: "ID", value: "b" }],
          volumeMounts: [{ name: "t", mountPath: "/var/run/secrets/podpass.dev/strict" }],
        }),
      ],
      volumes: [tokenVolume("t", { audience: "strict", path: "token" })],
    }),
  },
  "left-out": { account: demo, pod: podWith({ env: [{ name: "DEMO_TOKEN", value: "/mine" }] }) },
  "no-service-account": { account: null, pod: pod({ serviceAccountName: undefined }) },
  "service-account-not-found": { account: null },
  "not-federated": { account: {} },
  "mirror-pod": { account: demo, pod: pod({}, { "kubernetes.io/config.mirror": "x" }) },
  "opted-out": { account: demo, pod: pod({}, { "podpass.dev/inject": "false" }) },
  "invalid-service-account": { account: federate("nobody") },
  "audience-not-allowed": { config: AUDIENCES, pod: foreign(3600) },
  "lifetime-not-allowed": { config: LIFETIMES, pod: foreign(3601) },
  "annotations-too-large": { account: demo, pod: pod({}, { note: "x".repeat(262_120) }) },
  ...BEYOND,
};

const PROBLEMS: Readonly<Record<ProblemReason, Given>> = {
  "unknown-provider": { account: federate("nobody") },
  "missing-parameter": { account: federate("strict") },
  "bad-parameter": { account: federate("demo", { "demo.podpass.dev/role": "A" }) },
  "bad-number": { account: federate("demo", { "demo.podpass.dev/expiration-seconds": "1h" }) },
  "bad-audience": { account: federate("demo", { "demo.podpass.dev/audience": "a\u0007" }) },
  "namespace-not-allowed": { account: federate("strict"), namespace: "default" },
  "too-many-providers": { account: federate(names(33)) },
  "too-many-keys": { account: { ...demo, ...keyed(1001, (index) => `demo.podpass.dev/${index}`) } },
  "too-many-names": { account: federate("demo", { "podpass.dev/only-containers": names(1001) }) },
};

/** The same pods where nothing is enforced. */
const BEYOND_AND_WARNED = Object.fromEntries(
  Object.entries<Given>(BEYOND).map(([reason, given]) => [
    reason,
    { ...given, config: `${given.config ?? CONFIG}policy: { enforcement: Warn }\n` },
  ]),
) as Readonly<Record<keyof typeof BEYOND, Given>>;

const WARNINGS: Readonly<Record<Exclude<WarningReason, Around>, Given>> = {
  "unused-key": { account: { "podpass.dev/federated": "demo" } },
  "native-unsupported": {
    config: "nativeAnnotations: [aws]\nproviders: { aws: { preset: aws } }\n",
    account: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/my-api" },
    pod: { ...pod(), metadata: { name: "my-pod", labels: { "eks.amazonaws.com/pod-identity": "enabled" } } },
  },
  "native-not-allowed": {
    config: "nativeAnnotations: [aws]\nproviders: { aws: { preset: aws, allowedNamespaces: [others] } }\n",
    account: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/my-api" },
  },
  "key-not-for-pods": { account: demo, pod: pod({}, { "podpass.dev/federate": "demo" }) },
  "bad-value": { account: demo, pod: pod({}, { "podpass.dev/inject": "no" }) },
  "unknown-container": { account: federate("demo", { "podpass.dev/skip-containers": "nobody" }) },
  "lifetime-clamped": { account: federate("demo", { "demo.podpass.dev/expiration-seconds": "9000" }) },
  "lifetime-above-maximum": {
    account: demo,
    pod: podWith({ volumeMounts: [{ name: "t", mountPath: "/demo" }] }, [
      tokenVolume("t", { audience: "demo", path: "token", expirationSeconds: 9000 }),
    ]),
  },
  "path-taken": { account: demo, pod: emptyDir("/demo") },
  "hard-coded-path-taken": { account: federate("hard"), pod: emptyDir("/demo") },
  "no-path-free": { account: demo, pod: emptyDir("/", { readOnly: true }) },
  "manages-itself": { account: demo, pod: podWith({ env: [{ name: "DEMO_TOKEN", value: "/mine" }] }) },
  "variable-conflict": { account: federate("demo, other", { "demo.podpass.dev/role": "a" }) },
  "provider-conflict": { account: federate("demo, other") },
  "static-key": { account: demo, pod: podWith({ env: [{ name: "DEMO_KEY", value: "x" }] }) },
  "identity-differs": {
    account: federate("strict", { "strict.podpass.dev/id": "a" }),
    pod: podWith({ env: [{ name: "ID", value: "b" }] }),
  },
  "identity-displaced": { account: demo, pod: podWith({ env: [{ name: "DEMO_OLD", value: "x" }] }) },
  "variable-missing": { account: federate("placed") },
  "hides-env-from": { account: demo, pod: podWith({ envFrom: [{ secretRef: { name: "s" } }] }) },
  "annotation-overwritten": { account: federate("file"), pod: pod({}, { "file.podpass.dev/client.json": "{}" }) },
  "invalid-service-account": { config: LENIENT, account: federate("demo, nobody") },
  "audience-not-allowed": { config: AUDIENCES.replace("{} }", "{ violation: Warn } }"), pod: foreign(3600) },
  "lifetime-not-allowed": { config: LIFETIMES.replace("Deny", "Warn"), pod: foreign(3601) },
  "annotations-too-large": {
    config: `${CONFIG}policy: { enforcement: Warn }\n`,
    account: demo,
    pod: pod({}, { note: "x".repeat(262_120) }),
  },
  ...BEYOND_AND_WARNED,
};

const AROUND: readonly Around[] = [
  "not-a-pod-create",
  "not-a-service-account-write",
  "resolved",
  "lookup-failed",
  "internal-error",
  "not-ready",
  "busy",
  "not-a-review",
  "too-large",
  "too-many-values",
  "body-too-large",
  "wrong-content-type",
];

describe("every reason code is given by something:", () => {
  it("the tables are complete", () => {
    expect([...Object.keys(DECISIONS), ...AROUND].sort()).toEqual(Object.keys(DECISION_REASONS).sort());
    expect(Object.keys(PROBLEMS).sort()).toEqual(Object.keys(PROBLEM_REASONS).sort());
    const aroundOnes = AROUND.filter((reason) => reason in WARNING_REASONS);
    expect([...Object.keys(WARNINGS), ...aroundOnes].sort()).toEqual(Object.keys(WARNING_REASONS).sort());
  });

  it.each(Object.entries(DECISIONS))("decision %s", (reason, given) => {
    expect(decideOn({ config: CONFIG, ...given }).reason).toBe(reason);
  });

  it.each(Object.entries(PROBLEMS))("problem %s", (reason, given) => {
    expect(decideOn({ config: CONFIG, ...given }).problems).toContain(reason);
  });

  it.each(Object.entries(WARNINGS))("warning %s, and on an ordinary pod none", (reason, given) => {
    expect(warningReasons(decideOn({ config: CONFIG, ...given }))).toContain(reason);
    const ordinary = decideOn({
      config: CONFIG,
      account: demo,
      pod: pod({ containers: [container(), container({ name: "b" })] }),
    });
    expect(ordinary.warnings).toEqual([]);
  });
});
