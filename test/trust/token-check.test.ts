import { describe, expect, it } from "vitest";
import { checkToken, type TokenExpectation } from "../../src/trust/token-check.ts";
import { ISSUER, SUBJECT } from "./support.ts";

const NOW = 1_800_000_000;

const HEADER = { alg: "RS256", kid: "key-1" };

const CLAIMS = {
  iss: ISSUER,
  aud: ["sts.amazonaws.com"],
  sub: SUBJECT,
  iat: NOW,
  nbf: NOW,
  exp: NOW + 3600,
  jti: "1",
  "kubernetes.io": { namespace: "production", serviceaccount: { name: "my-api", uid: "1" } },
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const SIGNATURE = "c2VjcmV0LXNpZ25hdHVyZQ";

const jwt = (claims: object = {}, header: object = {}): string =>
  `${encode({ ...HEADER, ...header })}.${encode({ ...CLAIMS, ...claims })}.${SIGNATURE}`;

const EXPECTED: TokenExpectation = {
  issuer: ISSUER,
  audience: "sts.amazonaws.com",
  account: { namespace: "production", name: "my-api" },
  expirationSeconds: 3600,
  maxSeconds: 86400,
  keyIds: ["key-1", "key-2"],
  now: NOW + 1,
};

const wrong = (token: string, expected: Partial<TokenExpectation> = {}) => {
  const check = checkToken(token, { ...EXPECTED, ...expected });
  if ("problem" in check) throw new Error(check.problem);
  expect(check.ok).toBe(check.rows.every((row) => row.ok));
  expect(JSON.stringify(check)).not.toContain(SIGNATURE);
  return check.rows.filter((row) => !row.ok);
};

it("a token as the API server gives it", () => {
  expect(wrong(jwt())).toEqual([]);
  expect(wrong(jwt({ aud: "sts.amazonaws.com" }))).toEqual([]);
  expect(wrong(jwt(), { keyIds: undefined })).toEqual([]);
});

describe("what is wrong with a token", () => {
  it.each([
    ["iss", { iss: "https://other.example" }],
    ["iss", { iss: undefined }],
    ["aud", { aud: ["https://kubernetes.default.svc"] }],
    ["aud", { aud: ["sts.amazonaws.com", "https://kubernetes.default.svc"] }],
    ["aud", { aud: [] }],
    ["aud", { aud: { "sts.amazonaws.com": 1 } }],
    ["sub", { sub: "system:serviceaccount:production:other" }],
    ["exp - iat", { exp: NOW + 31_536_000 }],
    ["exp - iat", { iat: "soon" }],
    ["valid now", { nbf: NOW + 600 }],
    ["kubernetes.io/namespace", { "kubernetes.io": { namespace: "x", serviceaccount: { name: "my-api" } } }],
    ["kubernetes.io/serviceaccount/name", { "kubernetes.io": { namespace: "production" } }],
  ])("%s: %j", (claim, claims) => {
    expect(wrong(jwt(claims)).map((row) => row.claim)).toEqual([claim]);
  });

  it("expired", () => {
    expect(wrong(jwt(), { now: NOW + 3605 })).toMatchObject([{ claim: "valid now", found: "expired 5 s ago" }]);
  });

  it("a key that is not published", () => {
    expect(wrong(jwt({}, { kid: "key-9" }))).toMatchObject([{ claim: "kid", note: expect.stringContaining("refuse") }]);
    expect(wrong(jwt({}, { kid: undefined }), { keyIds: undefined })).toMatchObject([{ claim: "kid" }]);
  });

  it.each(["none", "HS256", undefined])("signed with %s", (alg) => {
    expect(wrong(jwt({}, { alg }))).toMatchObject([{ claim: "alg" }]);
  });

  it("a slash at the issuer's end is named", () => {
    expect(wrong(jwt({ iss: `${ISSUER}/` }))).toMatchObject([{ note: expect.stringContaining("slash") }]);
  });
});

describe("lifetimes", () => {
  const lifetime = (claims: object, expected: Partial<TokenExpectation> = {}) => {
    const check = checkToken(jwt(claims), { ...EXPECTED, ...expected });
    return "problem" in check ? undefined : check.rows.find((row) => row.claim === "exp - iat");
  };

  it("shortened by the API server: it works, and is said", () => {
    const row = lifetime({}, { expirationSeconds: 86400 });
    expect(row).toMatchObject({ ok: true, expected: "86400 s", found: "3600 s" });
    expect(row?.note).toContain("--service-account-max-token-expiration");
  });

  it("longer than the provider accepts", () => {
    expect(lifetime({}, { maxSeconds: 600 })).toMatchObject({ ok: false, note: expect.stringContaining("600 s") });
  });
});

describe("what is no token", () => {
  const claims = encode(CLAIMS);
  it.each([
    ["", "parts"],
    ["secret", "parts"],
    ["a.b", "parts"],
    [`${encode(HEADER)}.${claims}.x.y`, "parts"],
    [`secret!.${claims}.x`, "header"],
    [`${encode("secret")}.${claims}.x`, "header"],
    [`${encode(HEADER)}.c2VjcmV0.x`, "claims"],
    [`${encode(HEADER)}.${encode([1])}.x`, "claims"],
    [`${encode(HEADER)}.${Buffer.from([0xff, 0xfe]).toString("base64url")}.x`, "claims"],
  ])("%j", (token, problem) => {
    const check = checkToken(token, EXPECTED);
    expect(check).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
    expect(JSON.stringify(check)).not.toMatch(/secret|c2Vj/);
  });

  it("text around it does not matter", () => expect(checkToken(`${jwt()}\n`, EXPECTED).ok).toBe(true));
});

it("claims called like an object's own members are claims", () => {
  const token = `${encode(HEADER)}.${Buffer.from('{"__proto__":{"iss":"x"},"constructor":1}').toString("base64url")}.x`;
  expect(checkToken(token, EXPECTED)).toMatchObject({ ok: false });
});
