import { describe, expect, it } from "vitest";
import { resolveFederation } from "../../src/federation/federation.ts";
import { findIdentity, type KnownIdentity } from "../../src/trust/known-identity.ts";
import { decideOn, serviceAccount, settingsOf } from "../support/pods.ts";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const VAULT = `providers:
  vault:
    token: { audience: "https://\${parameter.host}", expirationSeconds: { default: 3600, min: 1200, max: 7200 } }
    parameters: { role: { required: true }, host: {}, secret: { required: true, scope: platform, value: s }, note: { scope: platform } }
    env: { A: "\${parameter.role}", B: "\${parameter.secret}", C: "\${parameter.note}" }
`;

const found = (annotations: Readonly<Record<string, string>>, provider: string, config = ""): KnownIdentity => {
  const result = findIdentity(serviceAccount(annotations), provider, settingsOf(config));
  if (!result.ok) throw new Error(result.problems.join("\n"));
  return result.identity;
};

const problems = (annotations: Readonly<Record<string, string>>, provider: string, config = ""): readonly string[] => {
  const result = findIdentity(serviceAccount(annotations), provider, settingsOf(config));
  return result.ok ? [] : result.problems;
};

it("is not to be asked for in a namespace that the provider is not for: our annotation would refuse the pods", () => {
  const config = 'nativeAnnotations: true\nproviders: { aws: { preset: aws, allowedNamespaces: ["team-*"] } }';
  for (const annotations of [{ "eks.amazonaws.com/role-arn": ROLE }, {}])
    expect(problems(annotations, "aws", config)).toEqual([
      'provider "aws" is not for namespace "production"; allowed: team-*',
    ]);
});

describe("what is known, and what is missing", () => {
  it.each([
    ["nothing is set", {}, ["role", "host"]],
    ["a blank value is not set", { role: "  ", host: "" }, ["role", "host"]],
    ["only the audience's is missing", { role: "r" }, ["host"]],
    ["all is there", { role: "r", host: "h" }, []],
  ])("%s", (_, written, missing) => {
    const annotations = {
      "podpass.dev/federate": "vault",
      ...Object.fromEntries(Object.entries(written).map(([name, value]) => [`vault.podpass.dev/${name}`, value])),
    };
    const identity = found(annotations, "vault", VAULT);
    expect(identity.missing).toEqual(missing.map((name) => ({ name, annotation: `vault.podpass.dev/${name}` })));
    // The same that the webhook, and with it lint, says of the account.
    const { identities } = resolveFederation(serviceAccount(annotations), settingsOf(VAULT));
    expect(identities.map(({ audience }) => audience)).toEqual(missing.length === 0 ? [identity.audience] : []);
  });

  it("what only the platform may set is not taken from an annotation", () => {
    const annotations = {
      "podpass.dev/federate": "vault",
      "vault.podpass.dev/secret": "mine",
      "vault.podpass.dev/note": "mine",
      "vault.podpass.dev/role": "r",
    };
    expect(Object.fromEntries(found(annotations, "vault", VAULT).parameters)).toEqual({ role: "r", secret: "s" });
  });

  it("what only the platform may set and did not has no annotation", () => {
    const config = VAULT.replace("value: s", "pattern: s");
    const { missing } = found({ "podpass.dev/federate": "vault", "vault.podpass.dev/host": "h" }, "vault", config);
    expect(missing).toContainEqual({ name: "secret", annotation: undefined });
  });

  it("the audience has placeholders for what is missing, unless an annotation is there", () => {
    const annotations = { "podpass.dev/federate": "vault" };
    expect(found(annotations, "vault", VAULT).audience).toBe("https://<host>");
    expect(found({ ...annotations, "vault.podpass.dev/audience": "mine" }, "vault", VAULT).audience).toBe("mine");
  });
});

describe("the lifetime is the webhook's", () => {
  const lifetime = (violation: string, more = "") =>
    `${VAULT}policy: { ${more} tokens: { expirationSeconds: { min: 600, max: 1500, violation: ${violation} } } }\n`;

  it.each([
    ["the provider's default", VAULT, undefined, 3600],
    ["below the provider's minimum", VAULT, "700", 1200],
    ["above the provider's maximum", VAULT, "90000", 7200],
    ["within", VAULT, "1800", 1800],
    ["above the policy's, clamped", lifetime("Clamp"), "1800", 1500],
    ["within the policy's", lifetime("Clamp"), "1300", 1300],
    ["above the policy's, only warned about", lifetime("Warn"), "1800", 1800],
    ["above the policy's, refused", lifetime("Deny"), "1800", 1800],
    ["above the policy's, nothing enforced", lifetime("Clamp", "enforcement: Warn,"), "1800", 1800],
    ["above the policy's, exempt", lifetime("Clamp", "exemptNamespaces: [production],"), "1800", 1800],
    ["above the policy's, another exempt", lifetime("Clamp", "exemptNamespaces: [staging],"), "1800", 1500],
  ])("%s", (_, config, requested, expected) => {
    const annotations: Record<string, string> = {
      "podpass.dev/federate": "vault",
      "vault.podpass.dev/role": "r",
      "vault.podpass.dev/host": "h",
      ...(requested !== undefined && { "vault.podpass.dev/expiration-seconds": requested }),
    };
    expect(found(annotations, "vault", config).expirationSeconds).toBe(expected);
    const { outcome, patch } = decideOn({ account: annotations, config });
    if (outcome === "patched") expect(JSON.stringify(patch)).toContain(`"expirationSeconds":${expected}`);
    // Also while something is missing.
    const { "vault.podpass.dev/role": _role, ...incomplete } = annotations;
    expect(found(incomplete, "vault", config).expirationSeconds).toBe(expected);
  });

  it("a default that the policy brought below the provider's minimum stays there", () => {
    const config = `${VAULT}policy: { tokens: { expirationSeconds: { max: 900 } } }\n`;
    expect(found({ "podpass.dev/federate": "vault" }, "vault", config).expirationSeconds).toBe(900);
  });

  it("a number that is none is a problem, complete or not", () => {
    const annotations = { "podpass.dev/federate": "vault", "vault.podpass.dev/expiration-seconds": "1e3" };
    expect(problems(annotations, "vault", VAULT)).toEqual([expect.stringContaining("decimal digits only")]);
  });
});

describe("an account beyond its bounds", () => {
  const many = Array.from({ length: 2000 }, (_, index) => `p${index}`).join();

  it("is told so, as the webhook would", () => {
    expect(problems({ "podpass.dev/federate": `aws,${many}` }, "aws")).toEqual([
      expect.stringContaining("the ServiceAccount has more than"),
    ]);
  });

  it("is read no further than the webhook reads it", () => {
    const [text = ""] = problems({ "podpass.dev/federate": `${many},aws` }, "aws");
    expect(text).toContain("get no identity");
    expect(text.length).toBeLessThan(2000);
  });

  it("what is wrong with another provider is not asked for", () => {
    const annotations = { "podpass.dev/federate": "nobody, aws", "aws.podpass.dev/role-arn": ROLE };
    expect(found(annotations, "aws").parameters.get("role-arn")).toBe(ROLE);
  });
});
