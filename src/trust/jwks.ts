/** A cluster's public keys. */

/** A key set as it is handed to a provider. */
export interface KeySet {
  readonly keys: readonly { readonly [member: string]: unknown }[];
}

/** The keys, or what is wrong with them. */
export type ReadKeys =
  | { readonly ok: true; readonly keySet: KeySet }
  | { readonly ok: false; readonly problem: string };

// RFC 7518 section 6: the private members of RSA and elliptic-curve keys, and the whole of a symmetric one.
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a parsed JWKS, and refuses one that holds a private key: what is printed here goes to other companies. */
export const readKeySet = (value: unknown): ReadKeys => {
  const bad = (problem: string): ReadKeys => ({ ok: false, problem });
  const keys = isObject(value) ? value["keys"] : undefined;
  if (!Array.isArray(keys)) return bad('it is no JWKS, which is {"keys": [...]}');
  if (keys.length === 0) return bad("there is no key in it");
  if (!keys.every(isObject)) return bad("not everything under `keys` is a key");
  if (keys.some((key) => PRIVATE_MEMBERS.some((member) => Object.hasOwn(key, member))))
    return bad("there is a private key in it; a provider must only ever see the public one");
  return { ok: true, keySet: { keys } };
};

/** The IDs of the keys. */
export const keyIds = (keySet: KeySet): readonly string[] =>
  keySet.keys.map((key) => key["kid"]).filter((kid) => typeof kid === "string");
