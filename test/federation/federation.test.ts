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
    ["a\n", false],
  ])("match their whole pattern, alternatives too: %j is good: %s", (value, isGood) => {
    const { problems } = resolve(demo({ "demo.podpass.dev/tenant": value }));
    expect(problems.map((problem) => problem.reason)).toEqual(isGood ? [] : ["bad-parameter"]);
  });

  it.each([
    ["1,024 characters", "x".repeat(1024), true],
    ["1,025 characters", "x".repeat(1025), false],
    ["1,024 emoji", "😀".repeat(1024), true],
    ["1,025 emoji", "😀".repeat(1025), false],
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
    ["9999999999", 9_999_999_999],
    ["10000000000", 9_999_999_999],
    ["9".repeat(400), 9_999_999_999],
    [`${"0".repeat(400)}600`, 600],
  ])("%s is %d", (value, expected) => {
    expect(resolve(demo({ "demo.podpass.dev/expiration-seconds": value })).identities[0]?.requestedSeconds).toBe(
      expected,
    );
  });

  it.each(["1h", "-1", "+1", "1.5", "1e3", " 1800", "1800 ", "0x10", "١٢", "1_000", `${"9".repeat(400)}x`])(
    "%j is no number",
    (value) => {
      const { problems, identities } = resolve(demo({ "demo.podpass.dev/expiration-seconds": value }));
      expect(problems.map((problem) => problem.reason)).toEqual(["bad-number"]);
      expect(identities).toEqual([]);
    },
  );
});

describe("audience", () => {
  it("is the provider's, with the ServiceAccount's parameters in it", () => {
    expect(resolve(GOOD).identities[0]).toMatchObject({ audience: "demo/a", audienceIsAnnotated: false });
  });

  it("is the annotation's where there is one, without any templates", () => {
    const [identity] = resolve(demo({ "demo.podpass.dev/audience": "${parameter.tenant}" })).identities;
    expect(identity).toMatchObject({ audience: "${parameter.tenant}", audienceIsAnnotated: true });
  });

  it.each(["a\u0007", "x".repeat(1025)])("%j is none", (value) => {
    const { problems } = resolve(demo({ "demo.podpass.dev/audience": value }));
    expect(problems.map((problem) => problem.reason)).toEqual(["bad-audience"]);
  });

  it("made of parameters that are too long together is none, since its tokens would be refused", () => {
    const settings = settingsOf(
      'providers: { twice: { token: { audience: "x/${parameter.p}/${parameter.p}" }, parameters: { p: {} } } }',
    );
    const of = (length: number) =>
      resolveFederation(
        serviceAccount({ "podpass.dev/federate": "twice", "twice.podpass.dev/p": "\u{1f600}".repeat(length) }),
        settings,
      );
    expect(of(510).problems).toEqual([]);
    const { identities, problems } = of(511);
    expect(identities).toEqual([]);
    expect(problems.map(({ reason, text }) => [reason, text])).toEqual([
      [
        "bad-audience",
        expect.stringMatching(
          /^the audience of provider "twice" is "x\/.*"; allowed: 1 to 1024 characters, no control/,
        ),
      ],
    ]);
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
    ["podpass.dev/federated", 'did you mean "federate"?'],
    ["podpass.dev/only-container", 'did you mean "only-containers"?'],
    ["podpass.dev/inject", "nothing reads it"],
    ["podpass.dev/", "nothing reads it"],
    ["podpass.dev/__proto__", "nothing reads it"],
    ["demo.podpass.dev/tennant", 'did you mean "tenant"?'],
    ["demo.podpass.dev/expiration-second", 'did you mean "expiration-seconds"?'],
    ["demoo.podpass.dev/tenant", 'no such provider; did you mean "demo"?'],
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

const many = (count: number, name: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => name(index)).join(",");

describe("the bounds of what a ServiceAccount may say", () => {
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count - 1 }, (_, index) => [`x${index}.podpass.dev/y`, "z"]));

  it.each([
    ["32 names after federate", { "podpass.dev/federate": many(32, (i) => `n${i}`) }, "unknown-provider"],
    ["33 names after federate", { "podpass.dev/federate": many(33, (i) => `n${i}`) }, "too-many-providers"],
    ["65,000 names after federate", { "podpass.dev/federate": many(65_000, (i) => `n${i}`) }, "too-many-providers"],
    ["one name 33 times", { "podpass.dev/federate": many(33, () => "demo") }, "too-many-providers"],
    [
      "a good provider before 32 others",
      { ...GOOD, "podpass.dev/federate": many(33, (i) => ["demo"][i] ?? `n${i}`) },
      "too-many-providers",
    ],
    ["1,000 keys", { "podpass.dev/federate": "nobody", ...keys(1000) }, "unknown-provider"],
    ["1,001 keys", { "podpass.dev/federate": "limited", ...keys(1001) }, "too-many-keys"],
    ["1,001 keys and 33 names", { "podpass.dev/federate": many(33, (i) => `n${i}`), ...keys(1001) }, "too-many-keys"],
    [
      "1,001 names in a filter",
      { ...GOOD, "podpass.dev/only-containers": many(1001, (i) => `c${i}`) },
      "too-many-names",
    ],
    [
      "1,001 names in a provider's filter",
      { ...GOOD, "demo.podpass.dev/skip-containers": many(1001, () => "c") },
      "too-many-names",
    ],
  ])("%s: nothing is resolved, and %s is the only reason told", (_, annotations, reason) => {
    const federation = resolve(annotations);
    expect(federation).toMatchObject({ isFederated: true, identities: [] });
    expect(new Set(federation.problems.map((problem) => problem.reason))).toEqual(new Set([reason]));
    expect(federation.problems.length).toBeLessThanOrEqual(6);
    expect(federation.warnings.length).toBeLessThanOrEqual(6);
  });

  it("are told in one sentence each, with the annotation they are about", () => {
    expect(resolve({ "podpass.dev/federate": many(33, (i) => `n${i}`) }).problems).toEqual([
      {
        reason: "too-many-providers",
        text: "the ServiceAccount has more than 32 providers after federate; allowed: 32",
        field: ["metadata", "annotations", "podpass.dev/federate"],
      },
    ]);
    expect(resolve({ ...GOOD, "demo.podpass.dev/only-containers": many(1001, (i) => `c${i}`) }).problems).toEqual([
      {
        reason: "too-many-names",
        text: 'annotation "demo.podpass.dev/only-containers" has more than 1,000 names in a list; allowed: 1,000',
        field: ["metadata", "annotations", "demo.podpass.dev/only-containers"],
      },
    ]);
  });

  it("take 1,000 names in a filter", () => {
    const annotations = { ...GOOD, "podpass.dev/skip-containers": many(1000, (i) => `c${i}`) };
    const { filter, problems } = resolve(annotations);
    expect([filter.skip.size, problems]).toEqual([1000, []]);
  });

  it("take as many keys that are not under the prefix as there are", () => {
    const others = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`example.com/${index}`, "x"]));
    expect(resolve({ ...others, ...GOOD }).problems).toEqual([]);
  });

  it("leave a ServiceAccount unfederated that names nobody, whatever else it carries", () => {
    expect(resolve({ "podpass.dev/federate": " , ", ...keys(1001) }).isFederated).toBe(false);
    const annotations = { "podpass.dev/only-containers": many(1001, (i) => `c${i}`) };
    expect(resolve(annotations)).toMatchObject({ isFederated: false, problems: [] });
  });

  it("count the problems of one kind after the first five", () => {
    const { problems } = resolve({ "podpass.dev/federate": many(20, (i) => `n${i}`) });
    expect(problems.map((problem) => problem.text).slice(4)).toEqual([
      'annotation "podpass.dev/federate" names "n4"; allowed: demo, limited, unset, optional, constructor',
      "15 more problems of this kind (unknown-provider)",
    ]);
  });

  it("count the annotations that nothing reads after the first five", () => {
    const { warnings } = resolve({ ...GOOD, ...keys(301) });
    expect(warnings.map((warning) => warning.text).slice(4)).toEqual([
      'ServiceAccount annotation "x4.podpass.dev/y" is ignored: no such provider',
      "295 more annotations of the ServiceAccount are ignored",
    ]);
  });
});

describe("a blank value is not set:", () => {
  const REST = `
providers:
  demo:
    token: { audience: demo, expirationSeconds: { default: 1800 } }
    parameters: { needed: { required: true }, given: { default: theirs, pattern: "[a-z]+" } }
    env: { A: "\${parameter.needed}\${parameter.given}" }
`;
  const FEDERATED = { "podpass.dev/federate": "demo", "demo.podpass.dev/needed": "x" };

  it.each(["", " ", "\t\n", "\u00a0", "\u0085", "\u2028"])("%j", (blank) => {
    const names = ["given", "expiration-seconds", "audience", "only-containers", "skip-containers", "typo"];
    const written = Object.fromEntries(names.map((name) => [`demo.podpass.dev/${name}`, blank]));
    const all = {
      ...written,
      "podpass.dev/only-containers": blank,
      "podpass.dev/typo": blank,
      "nobody.podpass.dev/x": blank,
    };
    expect(resolve({ ...FEDERATED, ...all }, "production", REST)).toEqual(resolve(FEDERATED, "production", REST));
    const lacking = resolve({ "podpass.dev/federate": "demo", "demo.podpass.dev/needed": blank }, "production", REST);
    expect(lacking.problems.map(({ reason }) => reason)).toEqual(["missing-parameter"]);
  });

  it.each(["\ufeff", "\u180e", "\u200b"])("%j is not blank", (value) => {
    const { identities } = resolve({ ...FEDERATED, "demo.podpass.dev/audience": value }, "production", REST);
    expect(identities.map(({ audience }) => audience)).toEqual([value]);
  });
});

describe("names in a list are trimmed as CEL does:", () => {
  it.each([
    ["a, b", ["a", "b"]],
    ["\u00a0a\u0085,\u2028b\u3000", ["a", "b"]],
    ["\ufeffa", ["\ufeffa"]],
    ["a\u180e", ["a\u180e"]],
    ["\u0085,\u00a0,,", []],
  ])("%j", (written, names) => {
    const { providers, isFederated } = resolve({ "podpass.dev/federate": written });
    expect(providers).toEqual(names);
    expect(isFederated).toBe(names.length > 0);
  });
});
