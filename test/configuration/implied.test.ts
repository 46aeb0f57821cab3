import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/configuration/read.ts";
import { configuration, noticesOf, settingsOf } from "../support/pods.ts";

const PROVIDERS = `providers:
  aws: { preset: aws }
  vault: { preset: vault }
  demo: { token: { audience: "demo/\${parameter.tenant}" }, parameters: { tenant: { scope: platform }, size: { pattern: "[a-z]+" }, fixed: { value: x } }, env: { S: "\${parameter.size}\${parameter.fixed}" } }
`;

const problems = (body: string): readonly string[] => {
  const read = readConfiguration(configuration(PROVIDERS + body));
  if (read.ok) throw new Error("the file is good");
  return read.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

describe("what federates beside our annotation is refused for", () => {
  it.each([
    [
      "nativeAnnotations: [nobody]",
      'nativeAnnotations.0: there is no provider "nobody" with vendors\' annotations; allowed: aws',
    ],
    [
      "nativeAnnotations: [vault]",
      'nativeAnnotations.0: provider "vault" has no vendor\'s annotations (`native`); allowed: aws',
    ],
    [
      "defaults: [{ namespaces: [a], provider: awz }]",
      'defaults.0.provider: there is no provider "awz"; did you mean "aws"?',
    ],
    [
      "defaults: [{ namespaces: [a], provider: aws, parameters: { rol: x } }]",
      'defaults.0.parameters.rol: there is no parameter "rol"',
    ],
    [
      "defaults: [{ namespaces: [a], provider: aws, parameters: { role-arn: x } }]",
      'defaults.0.parameters.role-arn: found "x"; allowed: ^arn',
    ],
    [
      "defaults: [{ namespaces: [a], provider: demo, parameters: { fixed: y } }]",
      'defaults.0.parameters.fixed: provider "demo" has a fixed value',
    ],
    [
      "defaults: [{ namespaces: [a], provider: demo, parameters: { tenant: y } }]",
      "defaults.0.parameters.tenant: it decides the audience",
    ],
    ["defaults: [{ namespaces: [], provider: aws }]", "defaults.0.namespaces: "],
    [
      `defaults: [${Array.from({ length: 40 }, () => `{ namespaces: [a], provider: vault, parameters: { role: ${"r".repeat(1020)} } }`).join(", ")}]`,
      "defaults: are ",
    ],
  ])("%.80s", (body, problem) => {
    expect(problems(body).join("\n")).toContain(problem);
  });

  it("nativeAnnotations where no provider has any, with what to do", () => {
    const read = readConfiguration(
      configuration("nativeAnnotations: [aws]\nproviders: { a: { token: { audience: a } } }\n"),
    );
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toStrictEqual([
      'there is no provider "aws" with vendors\' annotations; none of the providers here has any: add one, or leave nativeAnnotations out',
    ]);
  });

  it("two providers with one trigger", () => {
    const read = readConfiguration(
      configuration("nativeAnnotations: true\nproviders: { aws: { preset: aws }, aws-eu: { preset: aws } }\n"),
    );
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toStrictEqual([
      'providers "aws" and "aws-eu" both read cwii.dev/aws-inject and eks.amazonaws.com/role-arn; allowed: a list with one of them',
    ]);
  });

  it("a key's parameter that there is not", () => {
    const native =
      "native: [{ webhook: w, trigger: { key: v.example.com/on }, parameters: { nobody: v.example.com/x } }]";
    const read = readConfiguration(configuration(`providers: { a: { token: { audience: a }, ${native} } }\n`));
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toStrictEqual([
      'there is no parameter "nobody"; allowed: none, since none is defined',
    ]);
  });
});

describe("what federates beside our annotation is told of", () => {
  it.each([
    [
      "nothing, where a default is complete",
      "defaults: [{ namespaces: [a], provider: aws, parameters: { role-arn: 'arn:aws:iam::123456789012:role/x' } }]",
      [],
    ],
    [
      "a default that is not complete",
      "defaults: [{ namespaces: [a], provider: aws, parameters: { region: eu-west-1 } }]",
      ["defaults[0] only adds values, and federates nobody by itself: it leaves role-arn of aws to ServiceAccounts"],
    ],
    [
      "a default that nothing reaches",
      "defaults: [{ namespaces: [a*], provider: demo }, { namespaces: [ab, ac*], provider: demo }]",
      [
        "defaults[0] only adds values, and federates nobody by itself: it leaves tenant of demo to ServiceAccounts",
        "defaults[1] is without effect: earlier ones of demo hold in all its namespaces",
        "defaults[1] only adds values, and federates nobody by itself: it leaves tenant of demo to ServiceAccounts",
      ],
    ],
  ])("%s", (_about, body, notices) => {
    expect(noticesOf(settingsOf(PROVIDERS + body)).filter((notice) => notice.startsWith("defaults"))).toStrictEqual(
      notices,
    );
  });

  it("only where it is asked for", () => {
    expect(
      [
        settingsOf(PROVIDERS),
        settingsOf(`${PROVIDERS}nativeAnnotations: []`),
        settingsOf(`${PROVIDERS}nativeAnnotations: [aws]`),
      ].map(({ hasImplied }) => hasImplied),
    ).toStrictEqual([false, false, true]);
  });
});
