import { expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { constraints, scopeConditions } from "../../src/policies/scope.ts";

const scopeOf = (...exemptNamespaces: string[]) => {
  const compiled = compileConfiguration({ policy: { exemptNamespaces } });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { namespaceSelector } = constraints(compiled.settings, ["CREATE"], ["pods"]);
  const values = namespaceSelector?.matchExpressions.flatMap((one) => one.values);
  return { values, conditions: scopeConditions(compiled.settings).length };
};

it("puts names into a selector, each once, and wildcards into a condition", () => {
  expect(scopeOf("b", "a", "b", "team-*")).toEqual({ values: ["a", "b"], conditions: 1 });
  expect(scopeOf("*")).toEqual({ values: undefined, conditions: 1 });
  expect(scopeOf()).toEqual({ values: undefined, conditions: 0 });
});

it("leaves out of the selector what is no namespace's name: the API server would refuse the policy", () => {
  expect(scopeOf("-x", "kube-system", "x-", "--")).toEqual({ values: ["kube-system"], conditions: 0 });
  expect(scopeOf("-")).toEqual({ values: undefined, conditions: 0 });
});
