import { expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../src/configuration/schema.ts";
import { renderPolicies } from "../../src/policies/render.ts";
import { commonOf, unionOf } from "../../src/policies/union.ts";

const TOKENS: NonNullable<ConfigurationFile["policy"]>["tokens"] = {
  // One that reads like what it is not.
  audiences: { allow: ["a-*", "it's variables.own"], violation: "Deny" },
  expirationSeconds: { min: 600, max: 7200, violation: "Clamp" },
  apiServerAudiences: ["a"],
  requests: "Deny",
  legacySecrets: "Deny",
};

const DEFAULTS: ConfigurationFile["defaults"] = [
  {
    namespaces: ["team-*"],
    provider: "aws",
    parameters: { "role-arn": "arn:aws:iam::123456789012:role/x", region: "eu-west-1" },
  },
  { namespaces: ["b"], provider: "gcp", parameters: { "project-id": "my-project" } },
];

const FILES: Readonly<Record<string, Partial<ConfigurationFile>>> = {
  "no field": {},
  "rules about tokens": { policy: { tokens: TOKENS } },
  "vendors' annotations": { nativeAnnotations: true, policy: { tokens: TOKENS } },
  "defaults of namespaces": { defaults: DEFAULTS, policy: { tokens: TOKENS } },
  all: { nativeAnnotations: true, defaults: DEFAULTS, policy: { tokens: TOKENS } },
};

const settingsOf = (file: Partial<ConfigurationFile>) => {
  const compiled = compileConfiguration(file);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.settings;
};

const variablesOf = (spec: unknown): readonly { readonly name: string; readonly expression: string }[] =>
  (spec as { variables?: [] }).variables ?? [];

// An API server stores such a policy, and is ended by a stack overflow with the first pod that comes to it.
it.each(Object.keys(FILES))("refer to earlier ones only, and each has a name of its own: %s", (name) => {
  const one = settingsOf(FILES[name] ?? {});
  const others = Object.values(FILES).map(settingsOf);
  const all = [one, ...others.flatMap((other) => [unionOf(other, one), commonOf(other, one)])];
  for (const settings of all)
    for (const mode of ["exact", "label"] as const)
      for (const { metadata, spec } of renderPolicies(settings, { name: "x", minor: 37, mode, digest: "" }).objects) {
        const names = variablesOf(spec).map((variable) => variable.name);
        expect(names, metadata.name).toEqual([...new Set(names)]);
        variablesOf(spec).forEach(({ expression }, index) => {
          const code = expression.replace(/'(?:[^'\\]|\\.)*'/gu, "''");
          const used = [...code.matchAll(/\bvariables\.(\w+)/gu)].map(([, variable]) => variable);
          expect(names.slice(0, index), `${metadata.name} ${names[index]}`).toEqual(expect.arrayContaining(used));
        });
      }
});
