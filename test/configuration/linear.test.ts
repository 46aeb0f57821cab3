import { describe, expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import { growth, repeat } from "../support/linear.ts";
import { configuration } from "../support/pods.ts";

const PROVIDER = "providers:\n  p:\n    token: { audience: a }\n";

/** A dimension: a configuration in which `count` of something are, and how many there are in the smaller of two. */
type Dimension = readonly [name: string, count: number, body: (count: number) => string];

const DIMENSIONS: readonly Dimension[] = [
  ["unknown keys", 1000, (count) => repeat(count, (i) => `unknown${i}: 1\n`)],
  ["unknown keys of a provider", 1000, (count) => `${PROVIDER}${repeat(count, (i) => `    unknown${i}: 1\n`)}`],
  ["repeated keys", 3000, (count) => "policy: {}\n".repeat(count)],
  ["poisoned keys", 500, (count) => `providers:\n${repeat(count, (i) => `  p${i}: { __proto__: 1 }\n`)}`],
  ["providers", 400, (count) => `providers:\n${repeat(count, (i) => `  p${i}: { preset: openai }\n`)}`],
  ["providers with bad names", 200, (count) => `providers:\n${repeat(count, (i) => `  P_${i}: { x: 1 }\n`)}`],
  ["providers without a preset", 400, (count) => `providers:\n${repeat(count, (i) => `  p${i}: { preset: q${i} }\n`)}`],
  [
    "conflicts with nobody",
    300,
    (count) => `providers:\n${repeat(count, (i) => `  p${i}: { preset: openai, conflictsWith: [q${i}] }\n`)}`,
  ],
  ["parameters", 600, (count) => `${PROVIDER}    parameters:\n${repeat(count, (i) => `      p${i}: {}\n`)}`],
  ["bad parameters", 400, (count) => `${PROVIDER}    parameters:\n${repeat(count, (i) => `      P_${i}: { x: 1 }\n`)}`],
  ["variables", 1000, (count) => `${PROVIDER}    env:\n${repeat(count, (i) => `      E${i}: x\n`)}`],
  [
    "unknown references",
    600,
    (count) => `${PROVIDER}    env:\n${repeat(count, (i) => `      E${i}: "\${parameter.q${i}}"\n`)}`,
  ],
  [
    "unknown references beside parameters",
    300,
    (count) =>
      `${PROVIDER}    parameters:\n${repeat(count, (i) => `      p${i}: {}\n`)}    env:\n${repeat(count, (i) => `      E${i}: "\${parameter.q${i}}"\n`)}`,
  ],
  ["files", 500, (count) => `${PROVIDER}    files:\n${repeat(count, (i) => `      - { name: f${i}, text: x }\n`)}`],
  [
    "files by the thousand, which look alike",
    4000,
    (count) =>
      `${PROVIDER}    files:\n${repeat(count, (i) => `      - { name: ${`f${i}`.padStart(63, "x")}, text: x }\n`)}`,
  ],
  ["bad files", 500, (count) => `${PROVIDER}    files:\n${repeat(count, (i) => `      - { name: f${i} }\n`)}`],
  [
    "values of a file",
    3000,
    (count) => `${PROVIDER}    files:\n      - name: f\n        json:\n${"          - { a: b }\n".repeat(count)}`,
  ],
  ["exempt namespaces", 2000, (count) => `policy:\n  exemptNamespaces:\n${"    - a\n".repeat(count)}`],
  ["bad namespaces", 1000, (count) => `policy:\n  exemptNamespaces:\n${"    - A_\n".repeat(count)}`],
  ["aliases", 2000, (count) => `${PROVIDER}    shadowedBy:\n${repeat(count, (i) => `    - &a${i} A\n    - *a${i}\n`)}`],
  ["syntax errors", 3000, (count) => "a: ]\n".repeat(count)],
  ["documents", 3000, (count) => "---\n".repeat(count)],
  ["characters of a key", 200_000, (count) => `${"x".repeat(count)}: 1\n`],
];

describe("reading a configuration takes time", () => {
  it.each(DIMENSIONS)("that is linear in the %s", { timeout: 60_000 }, async (_name, count, body) => {
    const grown = await growth(count, (size) => {
      const text = configuration(body(size));
      return async () => {
        const read = readConfiguration(text);
        return read.ok || showProblems("podpass.yaml", read.problems);
      };
    });
    expect(grown).toBeLessThan(10);
  });
});
