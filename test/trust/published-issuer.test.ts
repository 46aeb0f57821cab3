import { describe, expect, it } from "vitest";
import { differenceOf } from "../../src/trust/jwks.ts";
import { publishedIssuer } from "../../src/trust/published-issuer.ts";
import { ISSUER, KEYS } from "./support.ts";

const pathsOf = (issuer: string, jwksUri?: string): readonly string[] =>
  publishedIssuer({ issuer, jwksUri }, KEYS).files.map(({ path }) => path);

it("a key of the type AKP with the same ID and another public part is another key", () => {
  const key = (pub: string) => ({ keys: [{ kty: "AKP", alg: "ML-DSA-65", kid: "key-3", pub }] });
  expect(differenceOf(key("AAAA"), key("AAAA"))).toBeUndefined();
  expect(differenceOf(key("AAAA"), key("BBBB"))).toContain("lack 1 of the cluster's");
});

describe("an issuer as files", () => {
  it("names itself as the cluster does, and its keys below it", () => {
    const { files, jwksUri } = publishedIssuer({ issuer: ISSUER, jwksUri: undefined }, KEYS);
    const [keys, discovery] = files.map(({ text }) => JSON.parse(text));
    expect(keys).toEqual(KEYS);
    expect(discovery).toEqual({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/openid/v1/jwks`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      // The second key does not name its algorithm.
      id_token_signing_alg_values_supported: ["ES256", "RS256"],
    });
    expect(jwksUri).toBe(discovery.jwks_uri);
  });

  it.each<[why: string, issuer: string, jwksUri: string | undefined, path: string]>([
    ["as the cluster says", ISSUER, `${ISSUER}/keys.json`, "keys.json"],
    ["below a path", ISSUER, `${ISSUER}/a/b/keys`, "a/b/keys"],
    ["of an issuer that ends with a slash", `${ISSUER}/`, `${ISSUER}/keys`, "keys"],
    ["elsewhere: the API server's own address", ISSUER, "https://10.0.0.1:6443/openid/v1/jwks", "openid/v1/jwks"],
    ["that only begins like the issuer", ISSUER, `${ISSUER}0/keys`, "openid/v1/jwks"],
    ["out of the folder", ISSUER, `${ISSUER}/../../etc/passwd`, "openid/v1/jwks"],
    ["hidden", ISSUER, `${ISSUER}/.ssh/authorized_keys`, "openid/v1/jwks"],
    ["the discovery document itself", ISSUER, `${ISSUER}/.well-known/openid-configuration`, "openid/v1/jwks"],
    ["with a query", ISSUER, `${ISSUER}/keys?version=1`, "openid/v1/jwks"],
    ["escaped", ISSUER, `${ISSUER}/%2e%2e/keys`, "openid/v1/jwks"],
    ["nowhere", ISSUER, `${ISSUER}/`, "openid/v1/jwks"],
    ["too long", ISSUER, `${ISSUER}/${"a".repeat(513)}`, "openid/v1/jwks"],
  ])("has keys %s", (_, issuer, jwksUri, path) => {
    expect(pathsOf(issuer, jwksUri)).toEqual([path, ".well-known/openid-configuration"]);
  });
});
