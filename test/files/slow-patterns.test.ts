import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/configuration/read.ts";
import { slowPatterns } from "../../src/files/slow-patterns.ts";

const problemsWith = (pattern: string) => {
  const provider = { token: { audience: "a" }, parameters: { role: { pattern } }, env: { ROLE: "${parameter.role}" } };
  const file = { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration", providers: { mine: provider } };
  const read = readConfiguration(JSON.stringify(file), { inspect: slowPatterns });
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

describe("slowPatterns", () => {
  it.each(["(a+)+", "^([a-z0-9]+-?)+$", "([a-zA-Z]+)*", "(x|x)*y", "^(\\w+\\s?)*$"])("refuses %s", (pattern) => {
    expect(problemsWith(pattern)).toEqual([
      "providers.mine.parameters.role.pattern: takes too long on some values; allowed: no repetition inside a repetition, such as (a+)+",
    ]);
  });

  it.each(["^[a-z0-9]+(-[a-z0-9]+)*$", "^arn:aws:iam::123456789012:role/.+$", ".*-.*", "(a|b|c)+", "[^/]+/[^/]+"])(
    "takes %s",
    (pattern) => {
      expect(problemsWith(pattern)).toEqual([]);
    },
  );
});
