/** What a token says, without the token: header and claims, read but not verified. */

/** A JSON object. */
export type JsonObject = { readonly [member: string]: unknown };

/** A token's header and claims, or why there are none. */
export type ReadToken =
  | { readonly ok: true; readonly header: JsonObject; readonly claims: JsonObject }
  | { readonly ok: false; readonly problem: string };

const decode = (part: string): JsonObject | undefined => {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(binary, (unit) => unit.charCodeAt(0)),
    );
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
};

/** Reads a JWT in its compact form (RFC 7519, RFC 7515 section 7.1). No problem that it reports quotes the token. */
export const readToken = (token: string): ReadToken => {
  const parts = token.trim().split(".");
  const [first = "", second = ""] = parts;
  if (parts.length !== 3)
    return { ok: false, problem: `it is no JWT: it has ${parts.length} parts between dots, and a JWT has 3` };
  const header = decode(first);
  if (header === undefined) return { ok: false, problem: "it is no JWT: its header is not JSON in base64url" };
  const claims = decode(second);
  if (claims === undefined) return { ok: false, problem: "it is no JWT: its claims are not JSON in base64url" };
  return { ok: true, header, claims };
};

/** The member `name` of `value`, where `value` is an object that has it. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
