/** A real token's claims beside what the provider has been told to expect. Pure; nothing is verified by signature. */
import { quote } from "../reasons/text.ts";
import { type AccountName, subjectOf } from "./account-name.ts";
import { type JsonObject, memberOf, readToken } from "./token-claims.ts";

/** What a token should be. */
export interface TokenExpectation {
  /** From the cluster's discovery document. */
  readonly issuer: string;
  readonly audience: string;
  readonly account: AccountName;
  /** The lifetime that was asked for. */
  readonly expirationSeconds: number;
  /** The longest that the provider accepts. */
  readonly maxSeconds: number;
  /** IDs of the cluster's published keys; undefined where they are not known. */
  readonly keyIds: readonly string[] | undefined;
  /** The time of the check, in seconds since 1970. */
  readonly now: number;
}

/** One claim. */
export interface ClaimRow {
  readonly claim: string;
  readonly expected: string;
  readonly found: string;
  readonly ok: boolean;
  /** What it means, where that is not obvious. */
  readonly note?: string;
}

/** All of them, or why the token cannot be read. */
export type TokenCheck =
  | { readonly ok: boolean; readonly rows: readonly ClaimRow[] }
  | { readonly ok: false; readonly problem: string };

/** A provider's clock may differ from the cluster's by as much without anybody noticing. */
const SKEW_SECONDS = 30;

const show = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return quote(value, 300);
  return quote(JSON.stringify(value), 300).slice(1, -1).replaceAll('\\"', '"');
};

const equal = (claim: string, expected: string, found: unknown, note?: string): ClaimRow => {
  const ok = found === expected;
  return { claim, expected: quote(expected, 300), found: show(found), ok, ...(!ok && note !== undefined && { note }) };
};

const issuerRow = (claims: JsonObject, { issuer }: TokenExpectation): ClaimRow => {
  const found = claims["iss"];
  const onlySlash = typeof found === "string" && found.replace(/\/$/, "") === issuer.replace(/\/$/, "");
  const note = onlySlash
    ? "they differ by a slash at the end, and most providers compare byte by byte"
    : "the API server signs with its first --service-account-issuer; register that one at the provider";
  return equal("iss", issuer, found, note);
};

const audienceRow = (claims: JsonObject, { audience }: TokenExpectation): ClaimRow => {
  const found = claims["aud"];
  const list = typeof found === "string" ? [found] : found;
  const ok = Array.isArray(list) && list.length === 1 && list[0] === audience;
  const hasOthers = Array.isArray(list) && list.length > 1 && list.includes(audience);
  const row = { claim: "aud", expected: show([audience]), found: show(found), ok };
  return hasOthers ? { ...row, note: "other services would accept this token too" } : row;
};

const seconds = (claims: JsonObject, claim: string): number | undefined => {
  const value = claims[claim];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

const lifetimeNote = (got: number, { expirationSeconds, maxSeconds }: TokenExpectation): string | undefined => {
  if (got > maxSeconds) return `the provider accepts at most ${maxSeconds} s`;
  if (got < expirationSeconds)
    return "the API server shortened it (--service-account-max-token-expiration, or its signer); the token works, but for a shorter time";
  if (got > expirationSeconds)
    return "the API server extended it; it does so for its own audience only (--service-account-extend-token-expiration)";
  return undefined;
};

const lifetimeRow = (claims: JsonObject, expected: TokenExpectation): ClaimRow => {
  const issued = seconds(claims, "iat");
  const expires = seconds(claims, "exp");
  const base = { claim: "exp - iat", expected: `${expected.expirationSeconds} s` };
  if (issued === undefined || expires === undefined)
    return { ...base, found: `iat ${show(claims["iat"])}, exp ${show(claims["exp"])}`, ok: false };
  const got = expires - issued;
  const note = lifetimeNote(got, expected);
  const ok = got > 0 && got <= Math.min(expected.maxSeconds, expected.expirationSeconds);
  return { ...base, found: `${got} s`, ok, ...(note !== undefined && { note }) };
};

const timeRow = (claims: JsonObject, { now }: TokenExpectation): ClaimRow => {
  const expires = seconds(claims, "exp");
  const starts = seconds(claims, "nbf") ?? seconds(claims, "iat");
  const base = { claim: "valid now", expected: "nbf before now, exp after" };
  if (expires === undefined || starts === undefined) return { ...base, found: "no times", ok: false };
  if (now >= expires) return { ...base, found: `expired ${Math.floor(now - expires)} s ago`, ok: false };
  if (starts > now + SKEW_SECONDS)
    return {
      ...base,
      found: `only in ${Math.ceil(starts - now)} s`,
      ok: false,
      note: "this machine's clock and the API server's differ",
    };
  return { ...base, found: `for ${Math.floor(expires - now)} s more`, ok: true };
};

const keyRow = (header: JsonObject, { keyIds }: TokenExpectation): ClaimRow => {
  const found = header["kid"];
  const ok = typeof found === "string" && (keyIds === undefined || keyIds.includes(found));
  const expected =
    keyIds === undefined ? "a key ID" : `one of the cluster's keys: ${keyIds.map((id) => quote(id, 60)).join(", ")}`;
  const note = "the published keys are not those that the API server signs with; a provider would refuse the signature";
  return { claim: "kid", expected, found: show(found), ok, ...(!ok && { note }) };
};

const algorithmRow = (header: JsonObject): ClaimRow => {
  const found = header["alg"];
  // What an API server signs with; `none` and the symmetric ones are never right.
  const ok = typeof found === "string" && /^(RS|ES|PS)(256|384|512)$/.test(found);
  return { claim: "alg", expected: "an asymmetric signature, such as RS256 or ES256", found: show(found), ok };
};

const kubernetesRows = (claims: JsonObject, { account }: TokenExpectation): readonly ClaimRow[] => {
  const own = claims["kubernetes.io"];
  const serviceAccount = memberOf(own, "serviceaccount");
  return [
    equal("kubernetes.io/namespace", account.namespace, memberOf(own, "namespace")),
    equal("kubernetes.io/serviceaccount/name", account.name, memberOf(serviceAccount, "name")),
  ];
};

/** Compares `token` with what is expected. The result never holds the token or a part of its signature. */
export const checkToken = (token: string, expected: TokenExpectation): TokenCheck => {
  const read = readToken(token);
  if (!read.ok) return read;
  const { header, claims } = read;
  const rows = [
    issuerRow(claims, expected),
    audienceRow(claims, expected),
    equal("sub", subjectOf(expected.account), claims["sub"]),
    lifetimeRow(claims, expected),
    timeRow(claims, expected),
    ...kubernetesRows(claims, expected),
    algorithmRow(header),
    keyRow(header, expected),
  ];
  return { ok: rows.every((row) => row.ok), rows };
};
