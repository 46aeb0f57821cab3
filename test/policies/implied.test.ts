import { describe, expect, it } from "vitest";
import { isFederatedByOthers, mayBeFederatedByOthers, providerCounts } from "../../src/policies/implied.ts";
import { renderPolicies } from "../../src/policies/render.ts";
import { renderUnion } from "../../src/policies/render-union.ts";
import { commonOf, unionOf } from "../../src/policies/union.ts";
import { settingsOf } from "../support/pods.ts";

const ASKED = { account: "params", hasPod: true } as const;
const plain = settingsOf("providers: { aws: { preset: aws }, azure: { preset: azure } }");
const read = settingsOf("nativeAnnotations: true\nproviders: { aws: { preset: aws }, azure: { preset: azure } }");
const INSTALLATION = { name: "podpass", minor: 36, mode: "exact", digest: "sha256:0" } as const;

describe("two configurations at once", () => {
  it("refuse a pod only where both federate its account", () => {
    expect(isFederatedByOthers(unionOf(plain, read), ASKED)).toBe("false");
    expect(isFederatedByOthers(unionOf(read, plain), ASKED)).toBe("false");
    expect(isFederatedByOthers(unionOf(read, read), ASKED)).toContain("eks.amazonaws.com/role-arn");
  });

  it("refuse and label by the namespaces of each", () => {
    const inNamespaces = (allowed: string) =>
      settingsOf(
        `nativeAnnotations: true\nproviders: { openai: { preset: openai, native: [{ webhook: w, trigger: { key: v.example.com/on } }], allowedNamespaces: ["${allowed}"] } }`,
      );
    const union = unionOf(inNamespaces("team-a"), inNamespaces("team-*"));
    const [narrow, wide] = ["request.namespace in ['team-a']", "request.namespace.matches('(?s)^(?:team-.*)$')"];
    const between = (text: string) =>
      text.slice(text.indexOf(narrow), text.indexOf(wide)) + text.slice(text.indexOf(wide), text.indexOf(narrow));
    // Refused is what both federate, and labelled what either does.
    const refused = isFederatedByOthers(union, ASKED);
    expect([refused.includes(narrow), refused.includes(wide)]).toEqual([true, true]);
    expect(between(refused)).not.toContain("||");
    const labelled = mayBeFederatedByOthers(union, "object");
    expect([labelled.includes(narrow), labelled.includes(wide)]).toEqual([true, true]);
    expect(between(labelled)).toContain("||");
  });

  it("leave alone what only one of them federates", () => {
    const { providers, others } = commonOf(plain, read);
    expect([...providers.keys()]).toStrictEqual([]);
    expect(others?.map(({ name }) => name)).toStrictEqual(["aws", "azure", "aws", "azure"]);
  });
});

describe("the providers of an account are counted", () => {
  const one = settingsOf("nativeAnnotations: true\nproviders: { aws: { preset: aws } }");
  const withGcp = settingsOf(
    "nativeAnnotations: true\nproviders: { aws: { preset: aws, parameters: { region: { value: eu-west-1 } } }, gcp: { preset: gcp } }",
  );
  const implied = (index: number): string => `(variables.native${index} || variables.bare${index} ? 1 : 0)`;

  it("by the list where there is one configuration", () => {
    expect(providerCounts(one, "variables.names")).toStrictEqual(["variables.names.size()"]);
    expect(providerCounts(commonOf(one, withGcp), "variables.names")).toStrictEqual(["variables.names.size()"]);
  });

  it("by the list where neither of two implies any", () => {
    expect(providerCounts(unionOf(plain, plain), "variables.names")).toStrictEqual(["variables.names.size()"]);
  });

  it("for each of two, one that both imply once", () => {
    expect(providerCounts(unionOf(one, withGcp), "variables.names")).toStrictEqual([
      `variables.federate.size() + ${implied(2)}`,
      `variables.federate.size() + ${implied(0)} + ${implied(1)}`,
    ]);
  });

  it("for each of two, where one is the same in both", () => {
    expect(providerCounts(unionOf(one, one), "variables.names")).toStrictEqual([
      `variables.federate.size() + ${implied(0)}`,
      `variables.federate.size() + ${implied(0)}`,
    ]);
  });

  it("for each of two, of which only one implies any", () => {
    const [earlier, later] = providerCounts(unionOf(plain, one), "variables.names");
    expect(earlier).toBe("variables.federate.size()");
    expect(later).toBe(`variables.federate.size() + ${implied(0)}`);
  });
});

it("labels every account that any pod may be federated by", () => {
  const texts = renderPolicies(read, INSTALLATION).objects.map((object) => JSON.stringify(object));
  const ofLabel = texts.find((text) => text.includes('"name":"podpass-label.'));
  expect(ofLabel).toContain("azure.workload.identity/client-id");
  expect(ofLabel).not.toContain("azure.workload.identity/use");
  expect(texts.find((text) => text.includes('"name":"podpass-identity.'))).toContain("azure.workload.identity/use");
});

describe("while one configuration becomes another", () => {
  const labelOf = (earlier: string, later: string): string => {
    const { objects } = renderUnion(settingsOf(earlier), settingsOf(later), INSTALLATION);
    return JSON.stringify(objects.find(({ metadata }) => metadata.name.startsWith("podpass-label."))?.spec);
  };
  const withRegion = (region: string) =>
    `nativeAnnotations: true\nproviders: { aws: { preset: aws, parameters: { region: { value: ${region} } } } }`;
  const byDefault = (region: string) =>
    `providers: { aws: { preset: aws } }\ndefaults: [{ namespaces: [shop], provider: aws, parameters: { role-arn: "arn:aws:iam::123456789012:role/x", region: ${region} } }]`;

  it.each([
    ["both federate, by a provider that differs", withRegion("eu-west-1"), withRegion("eu-west-2"), "role-arn"],
    ["both federate by default, of other values", byDefault("eu-west-1"), byDefault("eu-west-2"), "'shop'"],
    ["only the earlier federates", withRegion("eu-west-1"), "providers: { aws: { preset: aws } }", "role-arn"],
    ["only the later federates", "providers: { aws: { preset: aws } }", byDefault("eu-west-1"), "'shop'"],
  ])("an account that %s keeps its label", (_, earlier, later, told) => {
    expect(labelOf(earlier, later)).toContain(told);
  });
});
