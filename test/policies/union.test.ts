import { describe, expect, it } from "vitest";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../src/configuration/schema.ts";
import type { Policy, Settings } from "../../src/configuration/settings.ts";
import { renderPolicies } from "../../src/policies/render.ts";
import { renderUnion } from "../../src/policies/render-union.ts";
import { commonOf, unionOf } from "../../src/policies/union.ts";

const settingsOf = (file: Partial<ConfigurationFile>): Settings => {
  const compiled = compileConfiguration(file, "podpass-system");
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.settings;
};
const withPolicy = (policy: ConfigurationFile["policy"]): Settings => settingsOf({ policy });
const withTokens = (tokens: NonNullable<ConfigurationFile["policy"]>["tokens"]): Settings => withPolicy({ tokens });

interface Row {
  readonly what: string;
  readonly earlier: Settings;
  readonly later: Settings;
  readonly union: Partial<Policy>;
}

const ROWS: readonly Row[] = [
  {
    what: "refuses nothing where one refuses nothing",
    earlier: withPolicy({ enforcement: "Warn" }),
    later: withPolicy({ enforcement: "Enforce" }),
    union: { enforcement: "Warn" },
  },
  {
    what: "has the hull of lifetimes, and the milder answer",
    earlier: withTokens({ expirationSeconds: { min: 600, max: 3600, violation: "Deny" } }),
    later: withTokens({ expirationSeconds: { min: 1800, max: 7200, violation: "Clamp" } }),
    union: { lifetime: { min: 600, max: 7200, violation: "Clamp" } },
  },
  {
    what: "has no bounds of lifetimes where one has none",
    earlier: withTokens({ expirationSeconds: { max: 3600 } }),
    later: withTokens({ audiences: {} }),
    union: { lifetime: undefined, audiences: undefined },
  },
  {
    what: "has none where the later has them alone, either",
    earlier: withTokens({}),
    later: withTokens({ expirationSeconds: { max: 3600 }, audiences: { allow: ["a"] } }),
    union: { lifetime: undefined, audiences: undefined },
  },
  {
    what: "allows the audiences of both",
    earlier: withTokens({ audiences: { allow: ["a", "b*"], violation: "Deny" } }),
    later: withTokens({ audiences: { allow: ["a", "c"], violation: "Warn" } }),
    union: { audiences: { allow: ["a", "b*", "c"], violation: "Warn" } },
  },
  {
    what: "exempts the namespaces of both, and Podpass' own once",
    earlier: withPolicy({ exemptNamespaces: ["kube-*"] }),
    later: withPolicy({ exemptNamespaces: ["legacy"] }),
    union: { exemptNamespaces: ["kube-*", "podpass-system", "legacy"] },
  },
  {
    what: "is only warned about where one only warns",
    earlier: withPolicy({ invalidServiceAccount: "Deny", podOverrides: ["expiration-seconds"] }),
    later: withPolicy({ invalidServiceAccount: "Warn" }),
    union: { invalidServiceAccount: "Warn", podOverrides: new Set(["expiration-seconds"]) },
  },
];

const vault = (token: object, rest: object = {}) => ({
  providers: { vault: { token: { mountPath: "/var/run/secrets/vault", audience: "old", ...token }, ...rest } },
});
const namesAndAudiences = ({ providers }: Settings) =>
  [...providers].map(([key, { name, audience }]) => [key, name, audience.join("")]);
const INSTALLATION = { name: "podpass", minor: 37, mode: "exact", digest: "sha256:1", unionWith: "sha256:0" } as const;

describe("the union of two configurations", () => {
  it.each(ROWS)("$what", ({ earlier, later, union }) => {
    expect(unionOf(earlier, later).policy).toMatchObject(union);
    expect(unionOf(later, earlier).policy.lifetime).toEqual(unionOf(earlier, later).policy.lifetime);
  });

  it.each([
    ["the same", vault({}), vault({}), [["vault", "vault", "old"]]],
    [
      "with another audience",
      vault({}),
      vault({ audience: "new" }),
      [
        ["vault", "vault", "new"],
        ["vault (earlier)", "vault", "old"],
      ],
    ],
    [
      "with another pattern of a parameter",
      vault({}, { parameters: { role: { description: "r", pattern: "a" } } }),
      vault({}, { parameters: { role: { description: "r", pattern: "b" } } }),
      [
        ["vault", "vault", "old"],
        ["vault (earlier)", "vault", "old"],
      ],
    ],
    [
      "of the earlier alone, and of the later alone",
      { providers: { aws: { preset: "aws" } } },
      vault({}),
      [
        ["vault", "vault", "old"],
        ["aws (earlier)", "aws", "sts.amazonaws.com"],
      ],
    ],
  ])("has providers %s", (_, earlier, later, expected) => {
    expect(namesAndAudiences(unionOf(settingsOf(earlier), settingsOf(later)))).toEqual(expected);
  });

  it("takes either audience for a mark", () => {
    const { objects } = renderUnion(settingsOf(vault({})), settingsOf(vault({ audience: "new" })), INSTALLATION);
    const text = JSON.stringify(objects);
    for (const audience of ["? 'new' :", "? 'old' :"]) expect(text).toContain(audience);
    expect(text).toContain("p == 'vault' && variables.proven0) || (p == 'vault' && variables.proven1");
    expect(objects[0]?.metadata.annotations).toMatchObject({
      "podpass.dev/configuration": "sha256:1",
      "podpass.dev/union-with": "sha256:0",
    });
  });

  it("keeps the bounds of two that judge tokens, though by no rule of both", () => {
    const lifetimes = withTokens({ expirationSeconds: {} });
    const names = (earlier: Settings, later: Settings) =>
      renderUnion(earlier, later, INSTALLATION).objects.map(({ metadata }) => metadata.name);
    const bounds = "podpass-bounds.podpass.dev";
    expect(names(lifetimes, withTokens({ audiences: {} }))).toContain(bounds);
    expect(names(withTokens({ expirationSeconds: { violation: "Warn" } }), lifetimes)).toContain(bounds);
    expect(names(lifetimes, lifetimes)).not.toContain(bounds);
    expect(names(withTokens({}), lifetimes)).not.toContain(bounds);
  });

  it("is what both are where they are the same", () => {
    const same = settingsOf(vault({}));
    const key = ({ kind, metadata }: { kind: string; metadata: { name: string } }) => `${kind} ${metadata.name}`;
    const sorted = (objects: ReturnType<typeof renderPolicies>["objects"]) =>
      objects.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
    expect(sorted(renderUnion(same, same, INSTALLATION).objects)).toEqual(
      sorted(renderPolicies(same, INSTALLATION).objects),
    );
  });
});

describe("what two configurations have in common", () => {
  it("is the providers that are the same", () => {
    const aws = { aws: { preset: "aws" } };
    const [earlier, later] = [vault({}), vault({ mountPath: "/elsewhere" })].map(({ providers }) =>
      settingsOf({ providers: { ...aws, ...providers } }),
    );
    if (earlier === undefined || later === undefined) throw new Error("no settings");
    expect([...commonOf(earlier, later).providers.keys()]).toEqual(["aws"]);
  });

  it.each([
    [
      { min: 600, max: 3600 },
      { min: 1800, max: 7200 },
      { min: 1800, max: 3600 },
    ],
    [undefined, { min: 1800, max: 7200 }, { min: 1800, max: 7200 }],
    [{ min: 600, max: 3600 }, undefined, { min: 600, max: 3600 }],
  ])("is lifetimes within %j and %j", (earlier, later, expected) => {
    const [one, other] = [earlier, later].map((expirationSeconds) =>
      withTokens(expirationSeconds === undefined ? {} : { expirationSeconds }),
    );
    if (one === undefined || other === undefined) throw new Error("no settings");
    expect(commonOf(one, other).policy.lifetime).toMatchObject(expected);
  });
});
