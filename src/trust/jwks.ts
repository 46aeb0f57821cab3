/** A cluster's public keys. */

/** A key set as it is handed to a provider. */
export interface KeySet {
  readonly keys: readonly { readonly [member: string]: unknown }[];
}

/** The keys, or what is wrong with them. */
export type ReadKeys =
  | { readonly ok: true; readonly keySet: KeySet }
  | { readonly ok: false; readonly problem: string };

// RFC 7518 section 6: the private members of RSA and elliptic-curve keys, and the whole of a symmetric one; and `priv` of
// a key of the type AKP, as ML-DSA has it.
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

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

// RFC 7638 section 3.2: what a public key is, whatever else is said of it; and `pub` of a key of the type AKP.
const PUBLIC_MEMBERS = ["kty", "n", "e", "crv", "x", "y", "pub"];

const identityOf = (key: KeySet["keys"][number]): string =>
  JSON.stringify([key["kid"], ...PUBLIC_MEMBERS.map((member) => key[member])]);

/** How published keys differ from the cluster's, as the end of a sentence; undefined where they are the same. */
export const differenceOf = (published: KeySet, cluster: KeySet): string | undefined => {
  const there = new Set(published.keys.map(identityOf));
  const own = new Set(cluster.keys.map(identityOf));
  const lacking = [...own].filter((key) => !there.has(key)).length;
  const foreign = [...there].filter((key) => !own.has(key)).length;
  // The worse first: tokens of the cluster are refused; then: tokens that are not the cluster's are accepted.
  const said = [
    ...(lacking > 0 ? [`lack ${lacking} of the cluster's`] : []),
    ...(foreign > 0 ? [`have ${foreign} that the cluster has not, or no longer`] : []),
  ];
  return said.length === 0 ? undefined : `the keys there ${said.join(" and ")}`;
};
