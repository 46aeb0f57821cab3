import { describe, expect, it } from "vitest";
import { resolveFederation } from "../../src/federation/federation.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";

const CONFIG = `
providers:
  demo:
    token: { audience: "demo/\${parameter.tenant}" }
    parameters:
      tenant: { required: true, pattern: "[a-z]+|B" }
      fixed: { value: platform }
      fallback: { default: theirs }
      host: { scope: platform, default: h }
      needed-host: { scope: platform }
      free: {}
    env: { A: "\${parameter.fixed}\${parameter.fallback}\${parameter.host}\${parameter.needed-host}\${parameter.free}" }
  limited: { token: { audience: limited }, allowedNamespaces: [production, "team-*"] }
  unset: { token: { audience: "\${parameter.a}" }, parameters: { a: { scope: platform, required: true } } }
  optional: { token: { audience: "\${parameter.a}" }, parameters: { a: {} } }
  constructor: { token: { audience: constructor } }
`;

const GOOD = { "podpass.dev/federate": "demo", "demo.podpass.dev/tenant": "a" };
const demo = (more: Readonly<Record<string, string>> = {}) => ({ ...GOOD, ...more });

const resolve = (annotations: Readonly<Record<string, string>>, namespace = "production", config = CONFIG) =>
  resolveFederation(serviceAccount(annotations, namespace), settingsOf(config));

const federated = (value: string): readonly string[] =>
  resolve(demo({ "podpass.dev/federate": value })).identities.map((identity) => identity.provider.name);

describe("the federation annotation", () => {
  it.each([
    ["demo", ["demo"]],
    ["limited,demo", ["limited", "demo"]],
    [" demo ,\tlimited\n", ["demo", "limited"]],
    [",,demo,,", ["demo"]],
    ["demo,demo, demo", ["demo"]],
    ["constructor", ["constructor"]],
    ["", []],
    [" , ,", []],
  ])("%j names %j, in this order", (value, expected) => {
    expect(federated(value)).toEqual(expected);
  });

  it.each(["", ",", " "])("%j is not federated", (value) => {
    expect(resolve({ "podpass.dev/federate": value })).toMatchObject({ isFederated: false, problems: [] });
  });

  it.each(["__proto__", "toString", "Demo", "demo;limited"])("%j is an unknown provider", (name) => {
    const { isFederated, identities, problems } = resolve({ "podpass.dev/federate": name });
    expect({ isFederated, identities }).toEqual({ isFederated: true, identities: [] });
    expect(problems.map((problem) => problem.reason)).toEqual(["unknown-provider"]);
  });

  it("leaves the good providers usable beside a bad one", () => {
    const { identities, problems } = resolve({ "podpass.dev/federate": "limited, nobody, demo" });
    expect(identities.map((identity) => identity.provider.name)).toEqual(["limited"]);
    expect(problems.map((problem) => problem.reason)).toEqual(["unknown-provider", "missing-parameter"]);
  });
});

const parameters = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(resolve(demo(annotations)).identities[0]?.parameters ?? []);

describe("parameters", () => {
  it("come from the ServiceAccount, else from the platform", () => {
    expect(parameters({})).toEqual({ tenant: "a", fixed: "platform", fallback: "theirs", host: "h" });
    expect(parameters({ "demo.podpass.dev/fallback": "mine" })["fallback"]).toBe("mine");
  });

  it.each(["fixed", "host", "needed-host"])("%s is the platform's, and the annotation is warned about", (name) => {
    const before = parameters({});
    const after = resolve(demo({ [`demo.podpass.dev/${name}`]: "mine" }));
    expect(Object.fromEntries(after.identities[0]?.parameters ?? [])).toEqual(before);
    expect(after.warnings).toEqual([
      {
        reason: "unused-key",
        text: `ServiceAccount annotation "demo.podpass.dev/${name}" is ignored: the platform sets it`,
        field: ["metadata", "annotations", `demo.podpass.dev/${name}`],
      },
    ]);
    expect(after.problems).toEqual([]);
  });

  it.each([
    ["B", true],
    ["ab", true],
    ["aB", false],
    ["Ba", false],
    ["a1", false],
    ["", false],
    ["a\n", false],
  ])("match their whole pattern, alternatives too: %j is good: %s", (value, isGood) => {
    const { problems } = resolve(demo({ "demo.podpass.dev/tenant": value }));
    expect(problems.map((problem) => problem.reason)).toEqual(isGood ? [] : ["bad-parameter"]);
  });

  it.each([
    ["1,024 characters", "x".repeat(1024), true],
    ["1,025 characters", "x".repeat(1025), false],
    ["a control character", "a\u0000b", false],
    ["a line break", "a\nb", false],
    ["NEL", "a\u0085b", false],
    ["an emoji", "😀", true],
    ["dollars", "$(HOME) ${x}", true],
  ])("without a pattern may be %s: %s", (_, value, isGood) => {
    const { problems } = resolve(demo({ "demo.podpass.dev/free": value }));
    expect(problems.map((problem) => problem.reason)).toEqual(isGood ? [] : ["bad-parameter"]);
  });

  it("that are required of the platform are missing by a sentence that says so", () => {
    expect(resolve({ "podpass.dev/federate": "unset", "unset.podpass.dev/a": "mine" }).problems).toEqual([
      {
        reason: "missing-parameter",
        text: '"unset.podpass.dev/a" is set by the platform only, and the configuration has no value for it',
        field: ["metadata", "annotations", "podpass.dev/federate"],
      },
    ]);
  });

  it("that the audience needs are missing though nothing requires them", () => {
    expect(resolve({ "podpass.dev/federate": "optional" }).problems).toEqual([
      {
        reason: "missing-parameter",
        text: 'the audience of provider "optional" needs a parameter that is not set',
        field: ["metadata", "annotations", "podpass.dev/federate"],
      },
    ]);
  });
});

describe("expiration-seconds", () => {
  it.each([
    ["1800", 1800],
    ["0600", 600],
    ["0", 0],
    ["9".repeat(400), Number.POSITIVE_INFINITY],
  ])("%s is %d", (value, expected) => {
    expect(resolve(demo({ "demo.podpass.dev/expiration-seconds": value })).identities[0]?.requestedSeconds).toBe(
      expected,
    );
  });

  it.each(["1h", "-1", "+1", "1.5", "1e3", " 1800", "1800 ", "", "0x10", "١٢", "1_000"])("%j is no number", (value) => {
    const { problems, identities } = resolve(demo({ "demo.podpass.dev/expiration-seconds": value }));
    expect(problems.map((problem) => problem.reason)).toEqual(["bad-number"]);
    expect(identities).toEqual([]);
  });
});

describe("audience", () => {
  it("is the provider's, with the ServiceAccount's parameters in it", () => {
    expect(resolve(GOOD).identities[0]).toMatchObject({ audience: "demo/a", audienceIsAnnotated: false });
  });

  it("is the annotation's where there is one, without any templates", () => {
    const [identity] = resolve(demo({ "demo.podpass.dev/audience": "${parameter.tenant}" })).identities;
    expect(identity).toMatchObject({ audience: "${parameter.tenant}", audienceIsAnnotated: true });
  });

  it.each(["", "a\u0007", "x".repeat(1025)])("%j is none", (value) => {
    const { problems } = resolve(demo({ "demo.podpass.dev/audience": value }));
    expect(problems.map((problem) => problem.reason)).toEqual(["bad-audience"]);
  });
});

describe("allowedNamespaces", () => {
  it.each([
    ["production", true],
    ["team-a", true],
    ["team-", true],
    ["team", false],
    ["my-team-a", false],
    ["production2", false],
    ["default", false],
  ])("%s: %s", (namespace, isAllowed) => {
    const { problems } = resolve({ "podpass.dev/federate": "limited" }, namespace);
    expect(problems.map((problem) => problem.reason)).toEqual(isAllowed ? [] : ["namespace-not-allowed"]);
  });
});

describe("keys that nothing reads", () => {
  it.each([
    ["podpass.dev/federated", "nothing reads it"],
    ["podpass.dev/inject", "nothing reads it"],
    ["podpass.dev/", "nothing reads it"],
    ["podpass.dev/__proto__", "nothing reads it"],
    ["demo.podpass.dev/tennant", "nothing reads it"],
    ["demo.podpass.dev/federate", "nothing reads it"],
    ["limited.podpass.dev/audience", '"limited" is not federated'],
    ["nobody.podpass.dev/x", "no such provider"],
    ["a.b.podpass.dev/x", "no such provider"],
    ["__proto__.podpass.dev/x", "no such provider"],
    [".podpass.dev/x", "no such provider"],
  ])("%s: %s", (key, why) => {
    expect(resolve(demo({ [key]: "x" })).warnings).toEqual([
      {
        reason: "unused-key",
        text: `ServiceAccount annotation "${key}" is ignored: ${why}`,
        field: ["metadata", "annotations", key],
      },
    ]);
  });

  it.each([
    "podpass.dev",
    "notpodpass.dev/federate",
    "podpass.dev.example.com/federate",
    "example.com/podpass.dev/federate",
    "podpass.devx/federate",
    "eks.amazonaws.com/role-arn",
  ])("%s is not under the prefix", (key) => {
    expect(resolve(demo({ [key]: "x" })).warnings).toEqual([]);
  });

  it("are warned about on a ServiceAccount that is not federated", () => {
    expect(resolve({ "demo.podpass.dev/tenant": "a" })).toMatchObject({
      isFederated: false,
      warnings: [{ text: 'ServiceAccount annotation "demo.podpass.dev/tenant" is ignored: "demo" is not federated' }],
    });
  });
});

describe("another annotationPrefix", () => {
  const other = `annotationPrefix: identity.example.com\n${CONFIG}`;

  it("changes every key", () => {
    const annotations = { "identity.example.com/federate": "demo", "demo.identity.example.com/tenant": "b" };
    expect(resolve(annotations, "production", other).identities[0]?.audience).toBe("demo/b");
    expect(resolve(GOOD, "production", other)).toMatchObject({ isFederated: false, warnings: [] });
  });
});
