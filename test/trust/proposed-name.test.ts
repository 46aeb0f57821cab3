import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { proposedName } from "../../src/trust/proposed-name.ts";
import { commandsOf, describeTrust, formsOf, type Given } from "./support.ts";

const IDS = {
  "client-id": "11111111-2222-3333-4444-555555555555",
  "tenant-id": "99999999-2222-3333-4444-555555555555",
};
const issuerAt = (issuer: string) => ({ issuer, jwksUri: `${issuer}/openid/v1/jwks`, keySet: undefined });

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
/** Names that are told apart by little: what is folded into a hyphen, case, and what lies beyond a cut. */
const similar = fc
  .array(fc.constantFrom("a", "b", "-", "a-b", "x".repeat(40)), { minLength: 1, maxLength: 6 })
  .map((parts) => `a${parts.join("")}a`.slice(0, 63).replace(/-$/, "a"));
const name = fc.oneof(label, similar);
const issuer = fc
  .tuple(
    fc.constantFrom("oidc.example.com", "OIDC.example.com", "oidc-example.com"),
    fc.constantFrom("", "/", "/A", "/a"),
  )
  .map(([host, path]) => `https://${host}${path}`);
const triple = fc.record({ issuer, namespace: name, name });

describe("a proposed name", () => {
  it("is one that every provider takes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), fc.array(fc.string()), (text, identity) => {
        expect(proposedName(text, identity)).toMatch(/^(?=.{1,60}$)[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });

  it("shows what it is for", () => {
    expect(proposedName("OIDC.example.com/id/--A_b/", ["x"])).toMatch(/^oidc-example-com-id-a-b-[0-9a-f]{12}$/);
    expect(proposedName("--", ["x"])).toMatch(/^[0-9a-f]{12}$/);
    expect(proposedName("a".repeat(400), ["x"])).toHaveLength(60);
  });

  it("is the same for the same, and another for another, however alike", () => {
    expect(proposedName("a-b-c", ["a", "b-c"])).toBe(proposedName("a-b-c", ["a", "b-c"]));
    expect(proposedName("a-b-c", ["a", "b-c"])).not.toBe(proposedName("a-b-c", ["a-b", "c"]));
    fc.assert(
      fc.property(fc.uniqueArray(triple, { selector: JSON.stringify, minLength: 2, maxLength: 30 }), (triples) => {
        const names = triples.map(({ issuer, namespace, name }) =>
          proposedName(`${namespace}-${name}`, [issuer, namespace, name]),
        );
        expect(new Set(names).size).toBe(triples.length);
      }),
    );
  });
});

describe("two ServiceAccounts, or two clusters, of one provider", () => {
  const credentialOf = (account: Given["account"], issuerUrl = "https://oidc.example.com"): string => {
    const trust = describeTrust({
      provider: "azure",
      parameters: IDS,
      issuer: issuerAt(issuerUrl),
      ...(account && { account }),
    });
    const [identity] = commandsOf(trust);
    const name = identity?.[5] ?? "";
    expect(trust.documents["federated-credential"]).toMatchObject({ name });
    return name;
  };

  it.each([
    ["a hyphen that moves", { namespace: "a", name: "b-c" }, { namespace: "a-b", name: "c" }],
    ["a dot that is folded", { namespace: "a", name: "b.c" }, { namespace: "a", name: "b-c" }],
    [
      "an end that is cut",
      { namespace: "payments-settlement-production-westeurope", name: "ledger-reconciliation-worker-primary" },
      { namespace: "payments-settlement-production-westeurope", name: "ledger-reconciliation-worker-standby" },
    ],
  ])("azure: %s", (_, one, other) => expect(credentialOf(one)).not.toBe(credentialOf(other)));

  it("azure: one name in two clusters", () => {
    const account = { namespace: "shop", name: "plum" };
    expect(credentialOf(account, "https://eastus.oic.prod-aks.azure.com/t/1")).not.toBe(
      credentialOf(account, "https://eastus.oic.prod-aks.azure.com/t/2"),
    );
  });

  const ISSUERS = [
    "https://westeurope.oic.prod-aks.azure.com/99999999-2222-3333-4444-555555555555/11111111-2222-3333-4444-555555555555/",
    "https://westeurope.oic.prod-aks.azure.com/99999999-2222-3333-4444-555555555555/22222222-2222-3333-4444-555555555555/",
  ];

  it.each(["anthropic", "coreweave-object-storage", "openai", "litellm", "openai-codex"])(
    "%s: two clusters",
    (provider) => {
      const [one, other] = ISSUERS.map((url) => formsOf(describeTrust({ provider, issuer: issuerAt(url) })));
      expect(one?.[0]?.["Name"]).not.toBe(other?.[0]?.["Name"]);
      // Documents of the cluster, and of the ServiceAccount that has one name in both.
      const [documents = {}, others = {}] = ISSUERS.map(
        (url) => describeTrust({ provider, issuer: issuerAt(url) }).documents,
      );
      const nameOf = (document: unknown) => (document as { readonly name?: string } | undefined)?.name;
      for (const [key, document] of Object.entries(documents)) expect(nameOf(document)).not.toBe(nameOf(others[key]));
    },
  );
});
