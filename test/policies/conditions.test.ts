import { expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { renderPolicies } from "../../src/policies/render.ts";

interface Spec {
  readonly paramKind?: object;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
}

it("evaluates for every ServiceAccount nothing but whether it is the pod's own", () => {
  const compiled = compileConfiguration({
    policy: { exemptNamespaces: ["team-*"], tokens: { audiences: {}, apiServerAudiences: ["a"], requests: "Deny" } },
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { objects } = renderPolicies(compiled.settings, { name: "x", minor: 36, mode: "label", digest: "" });
  const specs = objects.map(({ spec }) => spec as Spec).filter(({ paramKind }) => paramKind !== undefined);
  expect(specs.length).toBeGreaterThan(2);
  for (const { matchConditions: [own, ...others] = [] } of specs) {
    expect(own?.name).toBe("own-account");
    expect(own?.expression).not.toMatch(/\.(?:exists|all|map|filter|matches)\(/u);
    for (const { expression } of others) expect(expression.startsWith(`!(${own?.expression}) || (`)).toBe(true);
  }
});
