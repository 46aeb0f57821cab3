import { describe, expect, it } from "vitest";
import { refuseDespiteFault } from "../../src/decision/decide.ts";
import type { Pod } from "../../src/pod/pod.ts";
import { MAX_TOLD } from "../../src/reasons/limits.ts";
import {
  applied,
  container,
  decideOn,
  type Given,
  pod,
  podWith,
  recorded,
  settingsOf,
  tokenVolume,
  warningsOf,
} from "../support/pods.ts";

const PROVIDERS = `
providers:
  demo: { token: { audience: demo } }
  templated:
    token: { audience: "t/\${parameter.id}" }
    parameters: { id: {} }
  fixed: { token: { audience: "f/\${parameter.id}" }, parameters: { id: { default: x } } }
  team: { token: { audience: team }, allowedNamespaces: ["team-*"] }
`;
const lifetimes = (more: string, rest = "") =>
  `${PROVIDERS}policy: { tokens: { expirationSeconds: { min: 900, max: 7200${more} } }${rest} }\n`;
const audiences = (allow: string, more = "", rest = "") =>
  `${PROVIDERS}policy: { tokens: { audiences: { allow: [${allow}]${more} } }${rest} }\n`;
const demo = { "podpass.dev/federate": "demo" };

const foreign = (token: object): Pod => pod({ volumes: [tokenVolume("mine", { path: "token", ...token })] });
const secondsAfter = (given: Given): unknown => {
  const of = given.pod ?? pod();
  return applied(of, decideOn(given).patch).spec.volumes?.[0]?.projected?.sources?.[0]?.serviceAccountToken
    ?.expirationSeconds;
};

it("a refusal names the field of the first violation", () => {
  const volumes = ["one", "two"].map((name) => tokenVolume(name, { path: "token", audience: "other" }));
  const decision = decideOn({ config: audiences('"mine"'), pod: pod({ volumes }) });
  expect(decision).toMatchObject({
    reason: "audience-not-allowed",
    field: ["spec", "volumes", "0", "projected", "sources", "0", "serviceAccountToken", "audience"],
  });
});

it.each([
  [MAX_TOLD, ""],
  [MAX_TOLD + 1, " (and 1 more)"],
])("a refusal for %i reasons tells no more than may be told, and counts the rest", (count, rest) => {
  const volumes = Array.from({ length: count }, (_, at) => tokenVolume(`v${at}`, { path: "token", audience: "other" }));
  const { message = "" } = decideOn({ config: audiences('"mine"'), pod: pod({ volumes }) });
  expect(message.match(/"other"/g)).toHaveLength(MAX_TOLD);
  expect(message.replace(/ \(and \d+ more\)$/, "") + rest).toBe(message);
});

describe("policy.tokens.expirationSeconds", () => {
  it.each([
    [899, 900],
    [900, 900],
    [7200, 7200],
    [7201, 7200],
    [undefined, 3600],
  ])("Clamp: %s becomes %s", (expirationSeconds, expected) => {
    const given = {
      config: lifetimes(""),
      pod: foreign({ audience: "x", ...(expirationSeconds && { expirationSeconds }) }),
    };
    expect(secondsAfter(given) ?? 3600).toBe(expected);
    const changed = expirationSeconds !== undefined && expirationSeconds !== expected;
    expect(decideOn(given).patch).toEqual(
      changed
        ? [
            {
              op: "add",
              path: "/spec/volumes/0/projected/sources/0/serviceAccountToken/expirationSeconds",
              value: expected,
            },
          ]
        : [],
    );
    expect(warningsOf(decideOn(given))).toEqual(
      changed
        ? [
            `lifetime-clamped: volume "mine": lifetime ${expirationSeconds} s becomes ${expected} s; allowed: 900 to 7200`,
          ]
        : [],
    );
  });

  it("Clamp: a lifetime that nobody wrote is Kubernetes' 3600", () => {
    const config = `${PROVIDERS}policy: { tokens: { expirationSeconds: { max: 1800 } } }\n`;
    expect(secondsAfter({ config, pod: foreign({ audience: "x" }) })).toBe(1800);
  });

  it("Deny: refuses, and says what, where and what is allowed", () => {
    const given = { config: lifetimes(", violation: Deny"), pod: foreign({ audience: "x", expirationSeconds: 7201 }) };
    expect(decideOn(given)).toMatchObject({
      outcome: "denied",
      reason: "lifetime-not-allowed",
      patch: [],
      message:
        "pod production/my-pod is refused: spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds is 7201; allowed: 900 to 7200 (policy.tokens.expirationSeconds)",
    });
  });

  it("Warn: only warns, and that was not the enforcement's doing", () => {
    const given = { config: lifetimes(", violation: Warn"), pod: foreign({ audience: "x", expirationSeconds: 7201 }) };
    expect(decideOn(given)).toMatchObject({ outcome: "unchanged", patch: [], wouldDeny: [] });
    expect(warningsOf(decideOn(given))).toEqual([
      'lifetime-not-allowed: volume "mine": lifetime 7201 s; allowed: 900 to 7200',
    ]);
  });

  it.each(["Clamp", "Deny"])("%s with enforcement: Warn becomes a warning and a count", (violation) => {
    const config = lifetimes(`, violation: ${violation}`, ", enforcement: Warn");
    const decision = decideOn({ config, pod: foreign({ audience: "x", expirationSeconds: 7201 }) });
    expect(decision).toMatchObject({ outcome: "unchanged", patch: [], wouldDeny: ["lifetime-not-allowed"] });
    expect(decision.warnings.map((warning) => warning.reason)).toEqual(["lifetime-not-allowed"]);
  });

  it("judges what the ServiceAccount asks for, after the provider's own bounds", () => {
    const account = { ...demo, "demo.podpass.dev/expiration-seconds": "86400" };
    expect(secondsAfter({ config: lifetimes(""), account })).toBe(7200);
    expect(decideOn({ config: lifetimes(", violation: Deny"), account }).message).toBe(
      "pod production/my-pod is refused: ServiceAccount production/my-api: the demo token's serviceAccountToken.expirationSeconds is 86400; allowed: 900 to 7200 (policy.tokens.expirationSeconds)",
    );
    expect(secondsAfter({ config: lifetimes(", violation: Warn"), account })).toBe(86400);
    expect(secondsAfter({ config: lifetimes("", ", enforcement: Warn"), account })).toBe(86400);
  });

  it("brings a provider's default inside before anybody asks, without a warning", () => {
    const config = `${PROVIDERS}policy: { tokens: { expirationSeconds: { max: 1800, violation: Deny } } }\n`;
    expect(decideOn({ config, account: demo }).warnings).toEqual([]);
    expect(secondsAfter({ config, account: demo })).toBe(1800);
  });

  it("does not judge a token that nobody makes", () => {
    const account = { ...demo, "demo.podpass.dev/expiration-seconds": "86400", "podpass.dev/skip-containers": "app" };
    expect(decideOn({ config: lifetimes(", violation: Deny"), account })).toMatchObject({
      reason: "left-out",
      warnings: [],
    });
  });

  it("judges what is reused where it stands, and changes it there", () => {
    const mountPath = "/var/run/secrets/podpass.dev/demo";
    const of = podWith({ volumeMounts: [{ name: "mine", mountPath }] }, [
      tokenVolume("mine", { audience: "demo", path: "token", expirationSeconds: 90000 }),
    ]);
    expect(secondsAfter({ config: lifetimes(""), account: demo, pod: of })).toBe(7200);
    expect(decideOn({ config: lifetimes(", violation: Deny"), account: demo, pod: of }).outcome).toBe("denied");
  });

  it("changes each of several tokens", () => {
    const of = recorded("static-keys").pod;
    const config = "policy: { tokens: { expirationSeconds: { max: 1800 } } }\n";
    expect(decideOn({ config, pod: of }).patch.map((operation) => operation.path)).toEqual([
      "/spec/volumes/0/projected/sources/0/serviceAccountToken/expirationSeconds",
      "/spec/volumes/0/projected/sources/1/serviceAccountToken/expirationSeconds",
    ]);
  });
});

describe("policy.tokens.audiences", () => {
  it.each<[string, string, Given, boolean]>([
    ["the omitted one", "", { pod: foreign({}) }, true],
    ["the empty one, which is omitted", "", { pod: foreign({ audience: "" }) }, true],
    [
      "one on the list",
      "https://internal.example.com",
      { pod: foreign({ audience: "https://internal.example.com" }) },
      true,
    ],
    ["one of a pattern", '"https://*.example.com"', { pod: foreign({ audience: "https://a.b.example.com" }) }, true],
    ["anything", '"*"', { pod: foreign({ audience: "x" }) }, true],
    [
      "one that only begins like a pattern",
      '"https://*.example.com"',
      { pod: foreign({ audience: "https://a.example.com.evil.org" }) },
      false,
    ],
    ["one in which a dot of the list is another character", "a.b", { pod: foreign({ audience: "axb" }) }, false],
    ["one in other letters", "a", { pod: foreign({ audience: "A" }) }, false],
    ["a provider's", "", { pod: foreign({ audience: "demo" }) }, true],
    ["a provider's, for an unknown ServiceAccount", "", { pod: foreign({ audience: "demo" }), account: null }, true],
    ["a provider's with the platform's parameter", "", { pod: foreign({ audience: "f/x" }) }, true],
    ["a provider's without its parameter", "", { pod: foreign({ audience: "t/a" }) }, false],
    [
      "a provider's with this ServiceAccount's parameter",
      "",
      {
        pod: foreign({ audience: "t/a" }),
        account: { "podpass.dev/federate": "templated", "templated.podpass.dev/id": "a" },
      },
      true,
    ],
    [
      "a provider's with a parameter of this ServiceAccount that looks like a pattern",
      "",
      {
        pod: foreign({ audience: "t/a" }),
        account: { "podpass.dev/federate": "templated", "templated.podpass.dev/id": "*" },
      },
      false,
    ],
    [
      "a provider's with another ServiceAccount's parameter",
      "",
      {
        pod: foreign({ audience: "t/b" }),
        account: { "podpass.dev/federate": "templated", "templated.podpass.dev/id": "a" },
      },
      false,
    ],
    [
      "a provider's with the platform's parameter, where the ServiceAccount has its own",
      "",
      { pod: foreign({ audience: "f/x" }), account: { "podpass.dev/federate": "fixed", "fixed.podpass.dev/id": "y" } },
      false,
    ],
    ["a provider's of other namespaces", "", { pod: foreign({ audience: "team" }) }, false],
    ["a provider's of this namespace", "", { pod: foreign({ audience: "team" }), namespace: "team-a" }, true],
    ["what the ServiceAccount annotates", "", { account: { ...demo, "demo.podpass.dev/audience": "mine" } }, false],
    [
      "what the ServiceAccount annotates, on the list",
      "mine",
      { account: { ...demo, "demo.podpass.dev/audience": "mine" } },
      true,
    ],
    [
      "what the ServiceAccount annotates, which is another provider's",
      "",
      { account: { ...demo, "demo.podpass.dev/audience": "f/x" } },
      true,
    ],
    [
      "a hand-written one that the ServiceAccount annotates",
      "",
      { pod: foreign({ audience: "mine" }), account: { ...demo, "demo.podpass.dev/audience": "mine" } },
      false,
    ],
  ])("%s (allow-list: [%s])", (_, allow, given, isAllowed) => {
    expect(decideOn({ ...given, config: audiences(allow) }).outcome === "denied").toBe(!isAllowed);
  });

  it("says what, where and what is allowed, each once", () => {
    const { message } = decideOn({ config: audiences("demo, https://*"), pod: foreign({ audience: "x\ny" }) });
    expect(message).toBe(
      'pod production/my-pod is refused: spec.volumes[0].projected.sources[0].serviceAccountToken.audience is "x\\u000ay"; allowed: the API server\'s own, "demo", "https://*", "f/x" (policy.tokens.audiences)',
    );
  });

  it("tells no more than 24 of those that are allowed, and cuts what is long", () => {
    const allow = Array.from({ length: 30 }, (_, at) => `x${at}`).join();
    const { message = "" } = decideOn({ config: audiences(allow), pod: foreign({ audience: "a".repeat(200) }) });
    expect(message.match(/"x\d+"/g)).toHaveLength(24);
    expect(message).toContain(` is "${"a".repeat(99)}…"; allowed: `);
  });

  it("Warn only warns", () => {
    const decision = decideOn({ config: audiences("a, b", ", violation: Warn"), pod: foreign({ audience: "x" }) });
    expect(decision).toMatchObject({ outcome: "unchanged", wouldDeny: [] });
    expect(warningsOf(decision)).toEqual([
      'audience-not-allowed: volume "mine": audience "x" is not allowed; allowed: a and 1 more',
    ]);
    const none = decideOn({ config: audiences("", ", violation: Warn"), pod: foreign({ audience: "x" }) });
    expect(warningsOf(none)).toEqual([
      'audience-not-allowed: volume "mine": audience "x" is not allowed; allowed: the providers\'',
    ]);
  });

  it("Deny with enforcement: Warn becomes a warning and a count", () => {
    const decision = decideOn({ config: audiences("", "", ", enforcement: Warn"), pod: foreign({ audience: "x" }) });
    expect(decision).toMatchObject({
      outcome: "unchanged",
      wouldDeny: ["audience-not-allowed"],
      warnings: [{ reason: "audience-not-allowed" }],
    });
  });

  it("that are not written allow every audience", () => {
    expect(decideOn({ config: PROVIDERS, pod: foreign({ audience: "x" }) }).outcome).toBe("unchanged");
  });
});

describe("a pod over which no decision could be had", () => {
  const settings = settingsOf(`nativeAnnotations: true
providers:
  demo: { token: { audience: demo } }
  own: { token: { audience: "t/\${parameter.id}" }, parameters: { id: { default: x } } }
  fixed: { token: { audience: "f/\${parameter.id}" }, parameters: { id: { value: x } } }
  ours: { token: { audience: "o/\${parameter.id}" }, parameters: { id: { scope: platform, default: x } } }
  never: { token: { audience: "n/\${parameter.id}" }, parameters: { id: { scope: platform } } }
  team: { token: { audience: team }, allowedNamespaces: ["team-*"] }
  gcp: { preset: gcp }
policy: { tokens: { audiences: { allow: ["a*z"] } } }
`);
  const refusalOf = (token: object, of = settings) =>
    refuseDespiteFault({ pod: foreign(token), namespace: "production", settings: of }, "because");

  it.each([
    ["on the list", "abcz", true],
    ["a provider's", "demo", true],
    ["what a provider's may be for some ServiceAccount", "t/any", true],
    ["a provider's with the value that nobody may change", "f/x", true],
    ["a provider's with another value than that", "f/y", false],
    ["a provider's with the platform's value", "o/x", true],
    ["a provider's with another value than the platform's", "o/y", false],
    ["a provider's that has no value", "n/x", false],
    ["a provider's of other namespaces", "team", false],
    ["a vendor's own default", "sts.googleapis.com", true],
    ["nobody's", "x", false],
  ])("is refused for an audience that no ServiceAccount has: %s", (_, audience, isAllowed) => {
    expect(refusalOf({ audience })?.reason).toBe(isAllowed ? undefined : "audience-not-allowed");
  });

  it("is told why, what is allowed, and what kept the decision away", () => {
    expect(refusalOf({ audience: "x" })?.message).toBe(
      'pod production/my-pod is refused: spec.volumes[0].projected.sources[0].serviceAccountToken.audience is "x"; allowed: the API server\'s own, "a*z", "demo", "t/*", "f/x", "o/x", "https://iam.googleapis.com/*", "sts.googleapis.com" (policy.tokens.audiences) (because)',
    );
  });

  it("is refused for a lifetime that would be changed", () => {
    const clamps = settingsOf(lifetimes(""));
    expect(refusalOf({ audience: "demo", expirationSeconds: 7200 }, clamps)).toBeUndefined();
    expect(refusalOf({ audience: "demo", expirationSeconds: 7201 }, clamps)).toMatchObject({
      reason: "lifetime-not-allowed",
      field: ["spec", "volumes", "0", "projected", "sources", "0", "serviceAccountToken", "expirationSeconds"],
    });
  });
});

describe("there is no way around policy.tokens:", () => {
  const config = `${PROVIDERS}policy: { tokens: { audiences: {}, expirationSeconds: { max: 7200, violation: Deny } } }\n`;
  const bad = { volumes: [tokenVolume("mine", { audience: "x", path: "token" })] };
  it.each<[string, Given]>([
    ["an unfederated pod", { account: {} }],
    ["a federated pod", { account: demo }],
    ["an opted-out pod", { account: demo, pod: pod(bad, { "podpass.dev/inject": "false" }) }],
    ["a pod of an unknown ServiceAccount", { account: null }],
    ["a pod without ServiceAccount", { account: null, pod: pod({ ...bad, serviceAccountName: "" }) }],
    ["a mirror pod", { pod: pod(bad, { "kubernetes.io/config.mirror": "x" }) }],
    ["a pod of an unresolvable ServiceAccount", { account: { "podpass.dev/federate": "nobody" } }],
  ])("%s is judged", (_, given) => {
    expect(decideOn({ config, pod: pod(bad), ...given })).toMatchObject({
      outcome: "denied",
      reason: "audience-not-allowed",
      patch: [],
    });
  });

  it.each<[string, object, boolean]>([
    ["exactly what the API server adds is exempt", { expirationSeconds: 3607, path: "token" }, true],
    ["not with another file", { expirationSeconds: 3607, path: "other" }, false],
    ["not with another lifetime", { expirationSeconds: 3608, path: "token" }, false],
    [
      "not with an audience",
      { audience: "https://kubernetes.default.svc", expirationSeconds: 3607, path: "token" },
      false,
    ],
  ])("%s, whatever the volume is called", (_, token, isExempt) => {
    const strict = `policy: { tokens: { audiences: {}, expirationSeconds: { max: 1800, violation: Deny } } }\n`;
    for (const name of ["kube-api-access-x", "mine"])
      expect(decideOn({ config: strict, pod: pod({ volumes: [tokenVolume(name, token)] }) }).outcome).toBe(
        isExempt ? "unchanged" : "denied",
      );
  });

  it.each([
    ["kube-system", "", true],
    ["kube-node-lease", "", true],
    ["podpass-system", "", true],
    ["kube-public", "", false],
    ["production", ", exemptNamespaces: [prod]", false],
    ["production", ', exemptNamespaces: ["prod*"]', true],
    ["kube-system", ", exemptNamespaces: []", false],
    ["podpass-system", ", exemptNamespaces: []", true],
  ])("namespace %s with %j is exempt: %s", (namespace, rest, isExempt) => {
    const settings = audiences("", "", rest);
    expect(decideOn({ config: settings, namespace, pod: foreign({ audience: "x" }) }).outcome).toBe(
      isExempt ? "unchanged" : "denied",
    );
  });
});

describe("policy.invalidServiceAccount", () => {
  const account = { "podpass.dev/federate": "demo, nobody, team" };
  const invalid = (mode: string, rest = "") => `${PROVIDERS}policy: { invalidServiceAccount: ${mode}${rest} }\n`;

  it("Deny refuses with every problem in one sentence", () => {
    expect(decideOn({ config: PROVIDERS, account })).toMatchObject({
      outcome: "denied",
      reason: "invalid-service-account",
      problems: ["unknown-provider", "namespace-not-allowed"],
      message:
        'pod production/my-pod is refused: ServiceAccount production/my-api cannot be resolved: annotation "podpass.dev/federate" names "nobody"; allowed: demo, templated, fixed, team; provider "team" is not for namespace "production"; allowed: team-*',
    });
  });

  it.each([
    ["Warn", invalid("Warn"), "production", []],
    ["Deny with enforcement: Warn", invalid("Deny", ", enforcement: Warn"), "production", ["invalid-service-account"]],
    ["Deny in an exempt namespace", PROVIDERS, "kube-system", []],
  ])("%s injects the good providers and warns", (_, config, namespace, wouldDeny) => {
    const decision = decideOn({ config, account, namespace });
    expect(decision).toMatchObject({ outcome: "patched", reason: "injected", providers: ["demo"], wouldDeny });
    expect(warningsOf(decision)[0]).toMatch(/^invalid-service-account: ServiceAccount "my-api": .* \(and 1 more\)$/);
  });

  it("Warn with nothing good leaves the pod as it is, but for the annotation", () => {
    const decision = decideOn({ config: invalid("Warn"), account: { "podpass.dev/federate": "nobody" } });
    expect(decision).toMatchObject({ reason: "invalid-service-account", providers: [] });
    expect(decision.patch.at(-1)).toEqual({
      op: "add",
      path: "/metadata/annotations/podpass.dev~1injected",
      value: "",
    });
  });

  it("Deny leaves opted-out pods alone", () => {
    expect(decideOn({ config: PROVIDERS, account, pod: pod({}, { "podpass.dev/inject": "false" }) }).outcome).toBe(
      "unchanged",
    );
  });
});

describe("warnings", () => {
  it("of one pod are capped, and the last one counts the rest", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`demo.podpass.dev/typo-${i}`, "x"]));
    const { warnings } = decideOn({ config: PROVIDERS, account: demo, pod: pod({}, many) });
    expect(warnings.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(4096);
    const rest = 200 - (warnings.length - 1);
    expect(warnings.at(-1)?.text).toBe(`${rest} more warnings are not shown`);
  });

  it("are given once each, cut and escaped", () => {
    const name = `a\u001b[31m${"x".repeat(200)}`;
    const { warnings } = decideOn({
      config: PROVIDERS,
      account: demo,
      pod: pod({ containers: [container()] }, { [`${name}.podpass.dev/x`]: "1" }),
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.text).toContain("a\\u001b[31mxxx");
    expect(warnings[0]?.text.length).toBeLessThanOrEqual(120);
  });
});
