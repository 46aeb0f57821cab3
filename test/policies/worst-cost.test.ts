import { describe, expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { showCost, type WorstCost, worstCost } from "../../src/policies/worst-cost.ts";

const costWith = (allow: readonly string[] | undefined): WorstCost | undefined => {
  const tokens = allow && { audiences: { allow: [...allow] } };
  const compiled = compileConfiguration({
    providers: { aws: { preset: "aws" }, gcp: { preset: "gcp" } },
    policy: { tokens },
  });
  return compiled.ok ? worstCost(compiled.settings) : expect.unreachable();
};

describe("what policies cost at most", () => {
  it("is not told where no audiences are judged", () => {
    expect(costWith(undefined)).toBeUndefined();
  });

  it("grows with wildcards, and no expression is beyond the API server's limit", () => {
    const costs = [0, 1, 10, 30].map((count) =>
      costWith(Array.from({ length: count }, (_, index) => `https://w${index}*.corp.example.com/*`)),
    );
    const of = (member: keyof WorstCost) => costs.map((cost) => cost?.[member] ?? Number.NaN);
    for (const member of ["expression", "policy"] as const)
      expect(of(member)).toEqual(of(member).toSorted((one, other) => one - other));
    expect(new Set(of("policy")).size).toBe(4);
    expect(Math.max(...of("expression"))).toBeLessThanOrEqual(1_000_000);
    expect(Math.max(...of("policy"))).toBeLessThanOrEqual(10_000_000);
    expect(costs.map((cost) => cost && showCost(cost)).at(-1)).toMatch(
      /^policies cost up to [\d,]+ of 1,000,000 units in one expression, and [\d,]+ of 10,000,000 in one policy,/,
    );
  });
});
