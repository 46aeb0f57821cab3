import { describe, expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../src/configuration/schema.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import type { PolicyObject } from "../../src/policies/objects.ts";
import { renderPolicies } from "../../src/policies/render.ts";

type Tokens = NonNullable<NonNullable<ConfigurationFile["policy"]>["tokens"]>;

const settingsOf = (tokens: Tokens, providers?: ConfigurationFile["providers"]): Settings => {
  const compiled = compileConfiguration({ ...(providers && { providers }), policy: { tokens } });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.settings;
};

const NAMES = [
  "bounds",
  "lifetimes",
  "audiences",
  "own-audiences",
  "token-requests",
  "own-token-requests",
  "legacy-secrets",
];

const installation = { name: "podpass", minor: 30, mode: "exact", digest: "sha256:0" } as const;

/** Of all policies those about tokens. */
const rendered = (tokens: Tokens, providers?: ConfigurationFile["providers"]) => {
  const { objects, notExpressed } = renderPolicies(settingsOf(tokens, providers), installation);
  return {
    objects: objects.filter(({ metadata }) => NAMES.includes(nameOf(metadata.name))),
    notExpressed: notExpressed.filter(({ policy }) => NAMES.includes(policy)),
  };
};

const nameOf = (name: string): string => name.replace(/^podpass-|\.podpass\.dev$/g, "");

const AUDIENCES = { allow: ["https://internal.example.com", "https://*.corp.example.com/*"] };
const PROVIDERS = {
  aws: { preset: "aws" },
  gcp: { preset: "gcp" },
  openai: { preset: "openai", allowedNamespaces: ["production", "team-*"] },
};
const ISSUER = "https://kubernetes.default.svc";

const actionsOf = (objects: readonly PolicyObject[]): readonly string[] =>
  objects.flatMap(({ kind, metadata, spec }) => {
    const { validationActions = [] } = spec as { validationActions?: readonly string[] };
    return kind === "ValidatingAdmissionPolicyBinding" ? [`${nameOf(metadata.name)}: ${validationActions.join()}`] : [];
  });

describe("the policies about tokens", () => {
  const all: Tokens = {
    expirationSeconds: { min: 1200 },
    audiences: AUDIENCES,
    apiServerAudiences: [ISSUER],
    requests: "Deny",
    legacySecrets: "Deny",
  };

  it.each<{ what: string; tokens: Tokens; providers?: ConfigurationFile["providers"]; actions: readonly string[] }>([
    { what: "nothing", tokens: {}, actions: [] },
    { what: "Off", tokens: { requests: "Off", legacySecrets: "Off" }, actions: [] },
    { what: "a lifetime", tokens: { expirationSeconds: {} }, actions: ["lifetimes: Deny"] },
    {
      what: "a lifetime that is warned about",
      tokens: { expirationSeconds: { violation: "Warn" } },
      actions: ["bounds: Deny", "lifetimes: Warn,Audit"],
    },
    {
      what: "two rules, of which one refuses",
      tokens: { expirationSeconds: { violation: "Warn" }, audiences: {} },
      providers: { aws: { preset: "aws" } },
      actions: ["lifetimes: Warn,Audit", "audiences: Deny"],
    },
    {
      what: "two rules, of which one clamps",
      tokens: { expirationSeconds: {}, audiences: { violation: "Warn" } },
      providers: { aws: { preset: "aws" } },
      actions: ["lifetimes: Deny", "audiences: Warn,Audit"],
    },
    {
      what: "audiences",
      tokens: { audiences: { violation: "Warn" } },
      actions: ["bounds: Deny", "audiences: Warn,Audit", "own-audiences: Warn,Audit"],
    },
    {
      what: "audiences that no ServiceAccount sets",
      tokens: { audiences: {} },
      providers: { aws: { preset: "aws" } },
      actions: ["audiences: Deny"],
    },
    { what: "requests without bounds", tokens: { requests: "Deny" }, actions: [] },
    {
      what: "requests with a lifetime",
      tokens: { requests: "Warn", expirationSeconds: {} },
      actions: ["lifetimes: Deny", "token-requests: Warn,Audit"],
    },
    {
      what: "everything",
      tokens: all,
      actions: [
        "lifetimes: Deny",
        "audiences: Deny",
        "own-audiences: Deny",
        "token-requests: Deny",
        "own-token-requests: Deny",
        "legacy-secrets: Deny",
      ],
    },
  ])("come of $what", ({ tokens, providers, actions }) =>
    expect(actionsOf(rendered(tokens, providers).objects)).toEqual(actions),
  );

  it("have the bounds once, where they are refused", () => {
    const withBounds = (tokens: Tokens) =>
      rendered(tokens).objects.flatMap(({ metadata, spec }) =>
        JSON.stringify((spec as { validations?: object }).validations)?.includes("': spec.volumes has '")
          ? [nameOf(metadata.name)]
          : [],
      );
    const audiences = { violation: "Warn" } as const;
    expect(withBounds({ expirationSeconds: { violation: "Warn" }, audiences })).toEqual(["bounds"]);
    expect(withBounds({ expirationSeconds: {}, audiences })).toEqual(["lifetimes"]);
    expect(withBounds({})).toEqual([]);
  });

  it("are one line each, and as they were read before", async () => {
    const { objects } = rendered(all, PROVIDERS);
    const specs = objects.flatMap(({ kind, metadata, spec }) =>
      kind === "ValidatingAdmissionPolicy" ? [`${metadata.name}\n${JSON.stringify(spec, null, 2)}`] : [],
    );
    for (const spec of specs) expect(spec).not.toMatch(/"(?:expression|messageExpression)": "[^\n]*\\n/);
    await expect(`${specs.join("\n\n")}\n`).toMatchFileSnapshot("golden/tokens.txt");
  });

  it("go through nothing in conditions that are evaluated for every ServiceAccount of the namespace", () => {
    const { objects } = renderPolicies(settingsOf(all, PROVIDERS), installation);
    const given = objects.flatMap(({ spec }) => {
      const { paramKind, matchConditions } = spec as { paramKind?: object; matchConditions?: readonly object[] };
      return paramKind === undefined ? [] : [JSON.stringify(matchConditions)];
    });
    expect(given).toHaveLength(3);
    for (const conditions of given) expect(conditions).not.toMatch(/\.(?:all|exists|exists_one|map|filter|split)\(/);
  });

  it("have no two variables of one name: one that reads the other would read itself, without an end", () => {
    const compiled = compileConfiguration({ providers: PROVIDERS, nativeAnnotations: true, policy: { tokens: all } });
    if (!compiled.ok) return expect.unreachable();
    const { objects } = renderPolicies(compiled.settings, { ...installation, minor: 36 });
    const repeated = objects.flatMap(({ metadata, spec }) => {
      const { variables = [] } = spec as { variables?: readonly { name: string }[] };
      const names = variables.map(({ name }) => name);
      return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${metadata.name}: ${name}`);
    });
    expect(repeated).toEqual([]);
  });

  it("say that label mode holds only federated accounts to audiences of their own", () => {
    const saidIn = (mode: "exact" | "label", tokens: Tokens, providers: ConfigurationFile["providers"]) =>
      renderPolicies(settingsOf(tokens, providers), { ...installation, mode })
        .notExpressed.filter(({ policy }) => policy === "own-audiences")
        .map(({ text }) => text);
    const tokens = { audiences: AUDIENCES };
    const said = [expect.stringContaining("only federated ServiceAccounts are held to audiences of their own")];
    expect(saidIn("label", tokens, PROVIDERS)).toEqual(said);
    expect(saidIn("exact", tokens, PROVIDERS)).toEqual([]);
    expect(saidIn("label", tokens, { aws: { preset: "aws" } })).toEqual([]);
    expect(saidIn("label", {}, PROVIDERS)).toEqual([]);
  });

  it("say where TokenRequests are not judged by audience", () => {
    const { notExpressed } = rendered({ audiences: AUDIENCES, requests: "Deny" }, PROVIDERS);
    expect(notExpressed.filter(({ policy }) => policy === "token-requests")).toEqual([
      { policy: "token-requests", text: expect.stringContaining("policy.tokens.apiServerAudiences") },
    ]);
  });

  it("take any text for a parameter where its pattern costs too much, and say so", () => {
    const pattern = `^(${"x".repeat(900)})?$`;
    const custom = { token: { audience: "https://a/${parameter.a}" }, parameters: { a: { pattern } } };
    const { objects, notExpressed } = rendered({ audiences: AUDIENCES }, { custom });
    expect(notExpressed).toEqual([{ policy: "audiences", text: expect.stringContaining("any text is allowed") }]);
    const [policy] = objects.filter(({ metadata }) => metadata.name.startsWith("podpass-audiences."));
    expect(JSON.stringify(policy)).toContain("a.matches('(?s)^(?:https://a/.*)$')");
  });
});

describe("a configuration", () => {
  it.each<{ tokens: Tokens; notice: string }>([
    { tokens: { requests: "Warn" }, notice: "policy.tokens.requests is without effect" },
    { tokens: { apiServerAudiences: [ISSUER] }, notice: "policy.tokens.apiServerAudiences is without effect" },
  ])("says that $notice", ({ tokens, notice }) =>
    expect(settingsOf(tokens).notices).toEqual([{ path: expect.any(Array), text: expect.stringContaining(notice) }]),
  );

  it.each([
    {
      what: "a long pattern",
      file: { policy: { tokens: { audiences: { allow: [`${"x".repeat(400)}*`] } } } },
      problem: "policy.tokens.audiences.allow.0: is 402 characters long as a regular expression",
    },
    {
      what: "a long template",
      file: {
        providers: { p: { token: { audience: `${"x".repeat(400)}\${parameter.a}` }, parameters: { a: {} } } },
        policy: { tokens: { audiences: {} } },
      },
      problem: "providers.p.token.audience: is 402 characters long as a regular expression",
    },
    {
      what: "many namespaces",
      file: {
        policy: { exemptNamespaces: Array.from({ length: 2000 }, (_, index) => `namespace-${index}`.padEnd(60, "x")) },
      },
      problem: "policy.exemptNamespaces: its namespaces are 128,000 characters of an expression",
    },
    {
      what: "long audiences",
      file: {
        policy: {
          tokens: { audiences: { allow: Array.from({ length: 101 }, (_, index) => `${index}`.padEnd(1000)) } },
        },
      },
      problem: "policy.tokens.audiences: allows audiences of 101,",
    },
    {
      what: "patterns of parameters",
      file: {
        providers: {
          p: {
            token: { audience: "${parameter.a0}" },
            parameters: Object.fromEntries(
              Array.from({ length: 40 }, (_, index) => [`a${index}`, { pattern: "x".repeat(1000) }]),
            ),
          },
        },
        policy: { tokens: { audiences: {} } },
      },
      problem: "providers.p.parameters: the patterns of its parameters cost 1,",
    },
  ] as readonly { what: string; file: Partial<ConfigurationFile>; problem: string }[])(
    "is refused for $what",
    ({ file, problem }) => {
      const compiled = compileConfiguration(file);
      const problems = compiled.ok ? [] : compiled.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
      expect(problems).toEqual([expect.stringContaining(problem)]);
    },
  );
});
