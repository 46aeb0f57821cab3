import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../src/configuration/schema.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { servedInOutage } from "../../src/policies/outage.ts";
import { renderPolicies } from "../../src/policies/render.ts";

const settingsOf = (providers: unknown, rest: Partial<ConfigurationFile> = {}): Settings => {
  const compiled = compileConfiguration({ providers: providers as ConfigurationFile["providers"], ...rest });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.settings;
};

const render = (settings: Settings, minor = 36) =>
  renderPolicies(settings, { name: "podpass", minor, mode: "exact", digest: "sha256:0" });

const named = (settings: Settings, ...names: readonly string[]): string =>
  render(settings)
    .objects.filter(({ metadata }) => names.some((name) => metadata.name.startsWith(`podpass-${name}.`)))
    .map((object) => stringify(object, { lineWidth: 0 }))
    .join("---\n");

const token = { audience: "a" };

describe("the policies that serve and protect", () => {
  it("are what was read and tried", async () => {
    const settings = settingsOf({ aws: { preset: "aws" }, gcp: { preset: "gcp" } });
    await expect(named(settings, "annotations", "annotations-bindings")).toMatchFileSnapshot("golden/annotations.txt");
    await expect(named(settings, "label")).toMatchFileSnapshot("golden/label.txt");
    await expect(named(settings, "inject")).toMatchFileSnapshot("golden/inject.txt");
  });

  it("have the configuration's prefix in names, keys and labels", () => {
    const text = named(
      settingsOf({ aws: { preset: "aws" } }, { annotationPrefix: "id.example.com" }),
      "annotations",
      "annotations-bindings",
      "label",
    );
    expect(text).not.toContain("'podpass.dev");
    expect(text).toContain("podpass-label.id.example.com");
    expect(text).toContain("/metadata/labels/id.example.com~1federated");
  });

  it("are without those that mutate where Kubernetes has none, and say so", () => {
    const { objects, notExpressed } = render(settingsOf({ aws: { preset: "aws" } }), 35);
    expect(objects.some(({ kind }) => kind.startsWith("Mutating"))).toBe(false);
    expect(notExpressed.map(({ policy }) => policy)).toEqual(["label", "inject"]);
    for (const { text } of notExpressed) expect(text).toContain("1.36");
  });
});

describe("what is served in an outage", () => {
  const optional = Object.fromEntries("abcd".split("").map((name) => [name, {}]));
  const json = "abcd".split("").map((name) => `\${parameter.${name}}`);

  it.each([
    ["without a value that only the platform sets", { preset: "vault" }, /no value for token-audience, which only/],
    [
      "with a file of too many parameters",
      { token, parameters: optional, files: [{ name: "x.json", json }] },
      /its file x\.json has 4 parameters that may be left out; 3 are rendered/,
    ],
    [
      "with a file of properties",
      { token, files: [{ name: "client.properties", properties: { "a b": "${token.file}" } }] },
      /its file client.properties is one of properties/,
    ],
    ["with characters for private use", { token, env: { A: "\ue000" } }, /private use/],
    [
      "with a file that names one that is not always there",
      {
        token,
        parameters: { a: {} },
        files: [
          { name: "x", text: "x", when: { a: "1" } },
          { name: "y", text: "${file.x}${parameter.a}" },
        ],
      },
      /its file y names a file that is not always there/,
    ],
  ])("is no provider %s", (_, provider, why) => {
    const settings = settingsOf({ one: provider, other: { token: { audience: "b" } } });
    expect(servedInOutage(settings)).toEqual([
      { provider: "one", why: expect.stringMatching(why), notBeside: [] },
      { provider: "other", why: undefined, notBeside: [] },
    ]);
    const { notExpressed } = render(settings);
    expect(notExpressed).toEqual([{ policy: "inject", text: expect.stringMatching(why) }]);
  });

  it("is nothing where no provider is served", () => {
    const { objects, notExpressed } = render(settingsOf({ vault: { preset: "vault" } }));
    expect(objects.some(({ metadata }) => metadata.name.startsWith("podpass-inject."))).toBe(false);
    expect(notExpressed.map(({ text }) => text)).toContainEqual(expect.stringContaining("no provider"));
  });

  it("tells which providers get in each other's way", () => {
    const settings = settingsOf({
      a: { token: { audience: "a", mountPath: "/x" }, env: { A: "1" } },
      b: { token: { audience: "b", mountPath: "/x/y" } },
      c: { token: { audience: "c" }, env: { C: "1" }, envTogether: [["C", "A"]] },
    });
    expect(servedInOutage(settings).map(({ notBeside }) => notBeside)).toEqual([["b", "c"], ["a"], ["a"]]);
  });
});
