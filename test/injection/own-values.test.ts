/** What a container brings of its own: values are compared, and what will surprise is said. */
import { describe, expect, it } from "vitest";
import {
  container,
  containerOf,
  decideOn,
  envOf,
  type Given,
  inject,
  mountsOf,
  pod,
  podWith,
  tokenVolume,
  warningsOf,
} from "../support/pods.ts";

const PATH = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
const ROLE = "arn:aws:iam::123456789012:role/runner";
const OLD = "arn:aws:iam::123456789012:role/old-runner";
const AWS: Given = {
  account: {
    "podpass.dev/federate": "aws",
    "aws.podpass.dev/role-arn": ROLE,
    "aws.podpass.dev/region": "eu-west-1",
  },
};

const withEnv = (...env: readonly object[]): Given => ({ ...AWS, pod: podWith({ env }) });
const reasons = (given: Given): readonly string[] => decideOn(given).warnings.map(({ reason }) => reason);

/** As a controller writes it that compares with the live pod: everything that would be injected. */
const writtenOut = (role: string, mark?: string): Given => ({
  ...AWS,
  pod: pod(
    {
      containers: [
        container({
          env: [
            { name: "AWS_ROLE_ARN", value: role },
            { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: `${PATH}/token` },
            { name: "AWS_REGION", value: "eu-west-1" },
            { name: "AWS_DEFAULT_REGION", value: "eu-west-1" },
          ],
          volumeMounts: [{ name: "aws-iam-token", mountPath: PATH, readOnly: true }],
        }),
      ],
      volumes: [
        tokenVolume("aws-iam-token", { audience: "sts.amazonaws.com", expirationSeconds: 86_400, path: "token" }),
      ],
    },
    mark === undefined ? undefined : { "podpass.dev/injected": mark },
  ),
});

describe("a container that names the identity itself", () => {
  it("with the ServiceAccount's own value has everything already", () => {
    expect(decideOn(writtenOut(ROLE, "aws"))).toMatchObject({
      outcome: "unchanged",
      reason: "already-present",
      warnings: [],
    });
  });

  it("with another value is not complete, and both values are said", () => {
    const decision = decideOn(writtenOut(OLD, "aws"));
    expect(decision).toMatchObject({ outcome: "unchanged", reason: "identity-differs", patch: [] });
    expect(decision.reports).toMatchObject([{ placement: "identity-differs", isReused: true }]);
    expect(warningsOf(decision)).toEqual([
      'identity-differs: container "app": "AWS_ROLE_ARN" is "…012:role/old-runner", not the ServiceAccount\'s "…6789012:role/runner"',
    ]);
  });

  it("keeps its value beside our token, and is warned", () => {
    const given = withEnv({ name: "AWS_ROLE_ARN", value: "arn:aws:iam::210987654321:role/controller-under-test" });
    expect(envOf(inject(given))).toMatchObject({
      AWS_ROLE_ARN: "arn:aws:iam::210987654321:role/controller-under-test",
      AWS_WEB_IDENTITY_TOKEN_FILE: `${PATH}/token`,
    });
    expect(reasons(given)).toEqual(["identity-differs"]);
  });

  it.each([
    ["from elsewhere cannot be compared", { valueFrom: { secretKeyRef: { name: "s", key: "k" } } }, []],
    ["with nothing differs too", { value: "" }, ["identity-differs"]],
    ["with the same value", { value: ROLE }, []],
  ])("%s", (_name, value, expected) => {
    expect(reasons(withEnv({ name: "AWS_ROLE_ARN", ...value }))).toEqual(expected);
  });

  it("shows where the values differ, and tells containers apart by the whole value", () => {
    const roleOf = (account: string) => `arn:aws:iam::${account}:role/orders-backend-service`;
    const accounts = ["123456789012", "111111111111", "111111111111", "1111111111111111111", "1111111111111111112"];
    const containers = accounts.map((account, index) =>
      container({ name: `c${index}`, env: [{ name: "AWS_ROLE_ARN", value: roleOf(account) }] }),
    );
    const account = { ...AWS.account, "aws.podpass.dev/role-arn": roleOf("123456789012") };
    const decision = decideOn({ account, pod: pod({ containers }) });
    const ours = 'not the ServiceAccount\'s "…m::123456789012:ro…"';
    const theirs = (text: string) => `"AWS_ROLE_ARN" is "…m::${text}…", ${ours}`;
    expect(warningsOf(decision)).toEqual([
      `identity-differs: containers "c1", "c2": ${theirs("111111111111:ro")}`,
      `identity-differs: container "c3": ${theirs("111111111111111")}`,
      `identity-differs: container "c4": ${theirs("111111111111111")}`,
    ]);
  });

  const name = (value: string) => ({ name: "AWS_ROLE_ARN", value });
  const part = (more: object) => ({ name: "PART", ...more });
  const joined = name("arn:aws:iam::123456789012:role/$(PART)");
  const fromElsewhere = part({ valueFrom: { fieldRef: { fieldPath: "metadata.name" } } });
  it.each<[string, object, readonly string[]]>([
    ["is equal once references are followed", { env: [part({ value: "runner" }), joined] }, []],
    ["or to the end", { env: [{ name: "R", value: "runner" }, part({ value: "$(R)" }), joined] }, []],
    ["and differs as well", { env: [part({ value: "other" }), joined] }, ["identity-differs"]],
    ["is not known from elsewhere", { env: [fromElsewhere, joined] }, []],
    ["nor where envFrom may bring it", { env: [joined], envFrom: [{ prefix: "P" }] }, []],
    ["nor a Service", { env: [name("$(ROLES_SERVICE_HOST)")] }, []],
    ["nor an identity", { env: [name("$(AWS_REGION)")] }, []],
    ["but a reference to nothing stays", { env: [name("$(NOPE)")] }, ["identity-differs"]],
    ["as one to what comes later", { env: [joined, part({ value: "runner" })] }, ["identity-differs"]],
  ])("%s", (_name, more, expected) => {
    expect(reasons({ ...AWS, pod: podWith(more) })).toEqual(expected);
  });

  it.each(["a$b", "a$$b"])("is not another one where %s is what kubelet makes a$b of", (value) => {
    const given = { ...demo([]), account: { "podpass.dev/federate": "demo", "demo.podpass.dev/a": "a$b" } };
    const env = [
      { name: "A", value },
      { name: "TOKEN", value: "/demo/token" },
      { name: "REGION", value: "x" },
    ];
    expect(reasons({ ...given, pod: podWith({ env }) })).toEqual([]);
    const other = env.map((one) => (one.name === "A" ? { name: "A", value: "a$$c" } : one));
    expect(warningsOf(decideOn({ ...given, pod: podWith({ env: other }) }))).toEqual([
      'identity-differs: container "app": "A" is "a$c", not the ServiceAccount\'s "a$b"',
    ]);
  });

  it("is told container by container where the reference leads elsewhere", () => {
    const containers = ["runner", "other"].map((value) => container({ name: value, env: [part({ value }), joined] }));
    expect(warningsOf(decideOn({ ...AWS, pod: pod({ containers }) }))).toEqual([
      'identity-differs: container "other": "AWS_ROLE_ARN" is "…56789012:role/other", not the ServiceAccount\'s "…6789012:role/runner"',
    ]);
  });

  it("does not differ by what no required parameter makes", () => {
    expect(reasons(withEnv({ name: "AWS_REGION", value: "us-east-2" }))).toEqual([]);
  });
});

const GROUP = `
providers:
  demo:
    token: { audience: demo, mountPath: /demo }
    parameters: { a: { required: true }, b: {} }
    env: { A: "\${parameter.a}", B: "\${parameter.b}", TOKEN: "\${token.file}" }
    envTogether: [[A, TOKEN]]
    shadowedBy: [KEY]
    displaces: [OLD_IDENTITY]
    expectsOneOf: [[PLACE, REGION]]
  placing: { token: { audience: placing }, env: { PLACE: here } }
`;
const demo = (env: readonly object[], more: object = {}, federate = "demo"): Given => ({
  config: GROUP,
  account: { "podpass.dev/federate": federate, "demo.podpass.dev/a": "mine" },
  pod: podWith({ env: [{ name: "REGION", value: "x" }, ...env], ...more }),
});

describe("variables that only work together", () => {
  it("are not mixed from two owners", () => {
    const given = demo([{ name: "A", value: "theirs" }]);
    expect(decideOn(given)).toMatchObject({
      reason: "left-out",
      patch: [{ value: {} }, { path: "/metadata/annotations/podpass.dev~1injected", value: "" }],
    });
    expect(reasons(given)).toEqual(["manages-itself"]);
  });

  it("are completed where the container has the same value", () => {
    const after = inject(demo([{ name: "A", value: "mine" }]));
    expect(envOf(after)).toEqual({ TOKEN: "/demo/token", REGION: "x", A: "mine" });
    expect(reasons(demo([{ name: "A", value: "mine" }]))).toEqual([]);
  });
});

describe("what will surprise is said:", () => {
  it.each<[string, readonly object[], readonly string[]]>([
    ["a key that shadows", [{ name: "KEY", value: "k" }], ["static-key"]],
    [
      "not one that comes to nothing",
      [
        { name: "NO", value: "" },
        { name: "KEY", value: "$(NO)" },
      ],
      [],
    ],
    ["one from elsewhere", [{ name: "KEY", valueFrom: {} }], ["static-key"]],
    ["not an empty one", [{ name: "KEY", value: "" }], []],
    ["not one without a value", [{ name: "KEY" }], []],
    ["an identity that is displaced", [{ name: "OLD_IDENTITY", value: "http://x" }], ["identity-displaced"]],
    ["not an empty one", [{ name: "OLD_IDENTITY", value: "" }], []],
  ])("%s", (_name, env, expected) => {
    expect(reasons(demo(env))).toEqual(expected);
  });

  it("not displaced where nothing is added", () => {
    const once = inject(demo([{ name: "OLD_IDENTITY", value: "http://x" }]));
    expect(reasons({ ...demo([]), pod: once })).toEqual([]);
  });

  it("a variable that nobody sets", () => {
    const without = { ...demo([]), pod: podWith({}) };
    expect(warningsOf(decideOn(without))).toEqual([
      'variable-missing: container "app": demo needs PLACE or REGION, which nobody sets',
    ]);
    expect(reasons(demo([]))).toEqual([]);
    expect(reasons({ ...demo([], {}, "demo, placing"), pod: podWith({}) })).toEqual([]);
    expect(reasons({ ...without, pod: podWith({ envFrom: [{ configMapRef: { name: "c" } }] }) })).toEqual([
      "hides-env-from",
    ]);
    expect(reasons({ ...without, pod: podWith({ envFrom: [{ prefix: "APP_" }] }) })).toEqual(["variable-missing"]);
  });
});

describe("a variable by which the program chooses the identity", () => {
  const config = `
providers:
  demo:
    token: { audience: demo }
    parameters: { id: { required: true } }
    env: { AUTH: oidc, ID: "\${parameter.id}", TOKEN: "\${token.file}" }
    displaces: [KEY]
    chosenBy: [AUTH]
`;
  const account = { "podpass.dev/federate": "demo", "demo.podpass.dev/id": "ours" };
  const given = (...env: readonly object[]): Given => ({ config, account, pod: podWith({ env }) });
  const key = { name: "KEY", value: "k" };

  it.each<[string, readonly object[], readonly string[]]>([
    ["is ours where nobody sets it", [key], ["identity-displaced"]],
    ["or sets it to the same", [key, { name: "AUTH", value: "oidc" }], ["identity-displaced"]],
    ["or writes it otherwise", [key, { name: "AUTH", value: "OIDC" }], ["identity-displaced"]],
    ["is told where it is another", [key, { name: "AUTH", value: "pat" }], ["identity-differs"]],
    ["or nothing", [{ name: "AUTH", value: "" }], ["identity-differs"]],
    ["is not known from elsewhere", [key, { name: "AUTH", valueFrom: {} }], []],
    [
      "is told beside another identity",
      [
        { name: "ID", value: "b" },
        { name: "AUTH", value: "pat" },
      ],
      ["identity-differs", "identity-differs"],
    ],
  ])("%s", (_name, env, expected) => {
    expect(reasons(given(...env))).toEqual(expected);
  });

  it.each([
    ["1", []],
    ["TRUE", []],
    ["false", ["identity-differs"]],
    ["0", ["identity-differs"]],
  ])("is a switch: %s", (value, expected) => {
    const one = given({ name: "AUTH", value });
    expect(reasons({ ...one, config: config.replace("AUTH: oidc", 'AUTH: "true"') })).toEqual(expected);
  });

  it("is said with what the identity would need", () => {
    expect(warningsOf(decideOn(given({ name: "AUTH", value: "pat" })))).toEqual([
      'identity-differs: container "app": "AUTH" is "pat", not "oidc": the demo identity may be unused',
    ]);
  });

  it("leaves a container that has all else without the identity", () => {
    const once = inject(given({ name: "AUTH", value: "pat" }));
    expect(decideOn({ ...given(), pod: once })).toMatchObject({ outcome: "unchanged", reason: "identity-differs" });
  });
});

describe("a variable that the program needs", () => {
  const missing = ["variable-missing"];
  it.each<[string, object, readonly string[]]>([
    ["is not set by an empty literal", { env: [{ name: "REGION", value: "" }] }, missing],
    ["nor by one without a value", { env: [{ name: "REGION" }] }, missing],
    ["which envFrom does not fill", { env: [{ name: "REGION", value: "" }], envFrom: [{ prefix: "REG" }] }, missing],
    [
      "is set by any of its group",
      {
        env: [
          { name: "REGION", value: "" },
          { name: "PLACE", value: "x" },
        ],
      },
      [],
    ],
    ["is set from elsewhere", { env: [{ name: "REGION", valueFrom: {} }] }, []],
  ])("%s", (_name, more, expected) => {
    expect(reasons({ ...demo([]), pod: podWith(more) })).toEqual(expected);
  });

  it("is missing where an empty literal keeps the ServiceAccount's out", () => {
    expect(warningsOf(decideOn(withEnv({ name: "AWS_REGION", value: "" })))).toEqual([
      'variable-missing: container "app": aws needs AWS_REGION or AWS_DEFAULT_REGION, which nobody sets',
    ]);
  });
});

describe("envFrom", () => {
  it.each<[string, readonly object[], readonly string[]]>([
    ["may hold any name without a prefix", [{ configMapRef: { name: "c" } }], ["hides-env-from"]],
    ["not with a prefix that none of ours begins with", [{ prefix: "APP_", secretRef: { name: "s" } }], []],
    ["with one that ours begin with", [{ prefix: "AWS_", secretRef: { name: "s" } }], ["hides-env-from"]],
    ["an empty prefix is none", [{ prefix: "APP_" }, { prefix: "" }], ["hides-env-from"]],
    ["a list without sources", [], []],
  ])("%s", (_name, envFrom, expected) => {
    expect(reasons({ ...AWS, pod: podWith({ envFrom }) })).toEqual(expected);
  });

  it("names only what the prefix lets in", () => {
    const [warning] = decideOn({ ...AWS, pod: podWith({ envFrom: [{ prefix: "AWS_ROLE_" }] }) }).warnings;
    expect(warning?.text).toBe('container "app": of its envFrom these would be hidden: AWS_ROLE_ARN');
  });

  it("is read where its keys are at hand", () => {
    const keysOf: Given["keysOf"] = (kind, name) =>
      kind === "ConfigMap" && name === "regional"
        ? new Map([["AWS_REGION", true]])
        : kind === "ConfigMap"
          ? new Map([["LOG_LEVEL", true]])
          : undefined;
    const from = (...envFrom: readonly object[]): Given => ({ ...AWS, keysOf, pod: podWith({ envFrom }) });
    expect(reasons(from({ configMapRef: { name: "settings" } }))).toEqual([]);
    const hidden = decideOn(from({ configMapRef: { name: "regional" } })).warnings;
    expect(hidden.map(({ text }) => text)).toEqual([
      'container "app": of its envFrom these would be hidden: AWS_REGION',
    ]);
    expect(reasons(from({ prefix: "X_", configMapRef: { name: "regional" } }))).toEqual([]);
    expect(reasons(from({ secretRef: { name: "settings" } }))).toEqual(["hides-env-from"]);
  });
});

describe("envFrom, where its keys are at hand,", () => {
  const KEYS: Readonly<Record<string, ReadonlyMap<string, boolean>>> = {
    "Secret full": new Map([
      ["KEY", true],
      ["OLD_IDENTITY", true],
    ]),
    "Secret empty": new Map([
      ["KEY", false],
      ["OLD_IDENTITY", false],
      ["REGION", false],
    ]),
    "ConfigMap part": new Map([["EY", true]]),
  };
  const keysOf: Given["keysOf"] = (kind, name) => KEYS[`${kind} ${name}`];
  const full = { secretRef: { name: "full" } };
  const empty = { secretRef: { name: "empty" } };
  const own = (...env: readonly object[]) => [{ name: "REGION", value: "x" }, ...env];
  const both = ["static-key", "identity-displaced"];

  it.each<[string, object, readonly string[]]>([
    ["brings static keys and other identities", { envFrom: [full] }, both],
    [
      "not from a ConfigMap of the Secret's name",
      { envFrom: [{ configMapRef: { name: "full" } }] },
      ["hides-env-from"],
    ],
    ["under its prefix", { envFrom: [{ prefix: "K", configMapRef: { name: "part" } }] }, ["static-key"]],
    ["not under another", { envFrom: [{ prefix: "X_", ...full }] }, []],
    ["not with nothing in them", { envFrom: [empty] }, []],
    ["the last of two sources", { envFrom: [full, empty] }, []],
    ["the last of two sources, filled", { envFrom: [empty, full] }, both],
    ["beside a source that is not", { envFrom: [full, { prefix: "Z_" }] }, both],
    [
      "the container's own variable wins",
      { envFrom: [full], env: own({ name: "KEY", value: "" }) },
      ["identity-displaced"],
    ],
    ["which may be the key", { envFrom: [empty], env: own({ name: "KEY", value: "k" }) }, ["static-key"]],
    ["has nothing for what the program needs", { envFrom: [empty], env: [] }, ["variable-missing"]],
    ["unless another source may", { envFrom: [empty, { prefix: "REG" }], env: [] }, []],
  ])("%s", (_name, more, expected) => {
    expect(reasons({ ...demo([], more), keysOf })).toEqual(expected);
  });

  it("is told apart container by container", () => {
    const containers = ["full", "empty"].map((name) =>
      container({ name, env: own(), envFrom: [{ secretRef: { name } }] }),
    );
    const { warnings } = decideOn({ ...demo([]), keysOf, pod: pod({ containers }) });
    expect(warnings.map(({ text }) => text)).toEqual([
      'container "full": KEY is used instead of the demo identity',
      'container "full": OLD_IDENTITY is not used any more beside the demo identity',
    ]);
  });
});

describe("a mount that shares with the host what is mounted below it", () => {
  const below = (mountPath: string, mountPropagation?: string): Given => ({
    ...AWS,
    pod: podWith({ volumeMounts: [{ name: "host", mountPath, ...(mountPropagation && { mountPropagation }) }] }, [
      { name: "host", hostPath: { path: "/run" } },
    ]),
  });

  it.each([
    ["Bidirectional", "/var/run"],
    ["Bidirectional", "/run"],
    ["HostToContainer", "/run/secrets"],
  ])("%s at %s: the token is elsewhere", (propagation, mountPath) => {
    const given = below(mountPath, propagation);
    expect(mountsOf(inject(given))).toMatchObject({ "podpass-aws": "/podpass.dev/aws" });
    expect(envOf(inject(given))["AWS_WEB_IDENTITY_TOKEN_FILE"]).toBe("/podpass.dev/aws/token");
    expect(reasons(given)).toEqual(["path-taken"]);
  });

  it.each([undefined, "None"])("with %s it is where it always is", (propagation) => {
    expect(mountsOf(inject(below("/run", propagation)))).toMatchObject({ "podpass-aws": PATH });
  });

  it("at / leaves no path", () => {
    expect(containerOf(inject(below("/", "Bidirectional"))).volumeMounts).toHaveLength(1);
    expect(reasons(below("/", "Bidirectional"))).toEqual(["no-path-free"]);
  });
});
