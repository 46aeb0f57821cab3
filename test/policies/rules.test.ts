import { describe, expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../src/configuration/schema.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { POLICY_NAMES } from "../../src/policies/names.ts";
import { renderPolicies } from "../../src/policies/render.ts";
import { renderUnion } from "../../src/policies/render-union.ts";
import { ALL_RULES, rulesForOptedOut, type WebhookOnly, webhookOnlyRules } from "../../src/policies/rules.ts";

const settingsOf = (policy: ConfigurationFile["policy"]): Settings => {
  const compiled = compileConfiguration({ policy });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.settings;
};

const INSTALLATION = { name: "podpass", minor: 36, mode: "exact", digest: "sha256:0" } as const;
const EVERYTHING = settingsOf({
  tokens: {
    expirationSeconds: {},
    audiences: {},
    apiServerAudiences: ["a"],
    requests: "Deny",
    legacySecrets: "Deny",
  },
});

const namesOf = ({ objects }: ReturnType<typeof renderPolicies>): ReadonlySet<string> =>
  new Set(objects.map(({ metadata }) => metadata.name.replace(/^podpass-|\.podpass\.dev$/g, "")));

describe("the table of rules", () => {
  it("names policies that are rendered where the rule is written", () => {
    const rendered = namesOf(renderPolicies(EVERYTHING, INSTALLATION));
    const none = namesOf(renderPolicies(settingsOf({}), INSTALLATION));
    for (const { written, inside, isInForce } of ALL_RULES) {
      expect(isInForce(EVERYTHING.policy), written).toBe(true);
      const names = typeof inside === "string" ? [] : inside;
      expect(names.filter((name) => rendered.has(name)).length, written).toBeGreaterThan(0);
      if (!isInForce(settingsOf({}).policy))
        expect(
          names.filter((name) => none.has(name)),
          written,
        ).toEqual([]);
    }
  });

  it("has a rule for each policy but those that are about what Podpass wrote, or refuse nothing", () => {
    const said = new Set(ALL_RULES.flatMap(({ inside }) => inside));
    expect(POLICY_NAMES.filter((name) => !said.has(name))).toEqual([
      "annotations",
      "annotations-bindings",
      "label",
      "inject",
    ]);
  });

  it.each<{ policy: ConfigurationFile["policy"]; written: readonly string[] }>([
    { policy: {}, written: [] },
    { policy: { tokens: { requests: "Deny", legacySecrets: "Deny" }, invalidServiceAccount: "Deny" }, written: [] },
    { policy: { tokens: { audiences: {} } }, written: ["policy.tokens.audiences"] },
    {
      policy: { tokens: { audiences: {}, expirationSeconds: {} } },
      written: ["policy.tokens.expirationSeconds", "policy.tokens.audiences"],
    },
  ])("has of $policy $written for pods that opted out", ({ policy, written }) =>
    expect(rulesForOptedOut(settingsOf(policy).policy).map((rule) => rule.written)).toEqual(written),
  );
});

describe("a rule that no policy says", () => {
  const images: WebhookOnly = { written: "policy.images", pods: "all", why: "CEL cannot read a registry" };

  it("is said, and no pods are served that may break it", () => {
    const rendered = renderPolicies(settingsOf({}), INSTALLATION, [images]);
    expect(rendered.notExpressed).toEqual(
      expect.arrayContaining([
        { policy: "policy.images", text: "CEL cannot read a registry" },
        { policy: "inject", text: expect.stringContaining("policy.images, which only the webhook judges") },
      ]),
    );
    expect(namesOf(rendered).has("inject")).toBe(false);
    expect(namesOf(rendered).has("identity")).toBe(true);
  });

  it("leaves pods alone that it is not about", () => {
    const rendered = renderPolicies(settingsOf({}), INSTALLATION, [{ ...images, pods: "none" }]);
    expect(rendered.notExpressed).toContainEqual({ policy: "policy.images", text: images.why });
    expect(namesOf(rendered).has("inject")).toBe(true);
  });

  it("is none of those that there are", () => {
    expect(webhookOnlyRules(EVERYTHING.policy)).toEqual([]);
    expect(namesOf(renderUnion(EVERYTHING, settingsOf({}), INSTALLATION)).has("inject")).toBe(true);
  });
});
