/**
 * What a provider fetches of an issuer, as files for any web server or bucket: the discovery document and the keys.
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
import type { Discovery } from "./cluster-queries.ts";
import type { KeySet } from "./jwks.ts";
import { visibleJson } from "./visible-json.ts";

/** A file below the issuer's address. */
export interface PublishedFile {
  /** With `/`, without one in front. */
  readonly path: string;
  readonly text: string;
}

/** The two files. */
export interface PublishedIssuer {
  readonly issuer: string;
  /** Where the keys have to be found: what the discovery document says. */
  readonly jwksUri: string;
  /** In the order in which they are to be written: no document ever names keys that are not there yet. */
  readonly files: readonly [keys: PublishedFile, discovery: PublishedFile];
}

const DISCOVERY_PATH = ".well-known/openid-configuration";
/** Where the API server has them. */
const KEYS_PATH = "openid/v1/jwks";

// As a path in a folder and as one in an address; no segment begins with a dot, so none leads out.
const SAFE_PATH = /^[\w-][\w.-]*(\/[\w-][\w.-]*){0,15}$/;

const CURVES: ReadonlyMap<unknown, string> = new Map([
  ["P-256", "ES256"],
  ["P-384", "ES384"],
  ["P-521", "ES512"],
]);

/** The algorithm of a key that does not name it: those with which an API server signs. */
const algorithmOf = ({ alg, kty, crv }: KeySet["keys"][number]): string | undefined => {
  if (typeof alg === "string") return alg;
  return kty === "RSA" ? "RS256" : CURVES.get(crv);
};

const keysPath = (base: string, jwksUri: string | undefined): string => {
  const path = jwksUri?.startsWith(`${base}/`) ? jwksUri.slice(base.length + 1) : "";
  return SAFE_PATH.test(path) && path.length <= 512 ? path : KEYS_PATH;
};

/**
 * The files for an issuer and its keys. Where the cluster says that the keys are elsewhere than below the issuer, as an API
 * server without `--service-account-jwks-uri` does, they are put below it.
 */
export const publishedIssuer = ({ issuer, jwksUri }: Discovery, keySet: KeySet): PublishedIssuer => {
  const base = issuer.replace(/\/$/, "");
  const path = keysPath(base, jwksUri);
  const algorithms = new Set(keySet.keys.map(algorithmOf).filter((name) => name !== undefined));
  const document = {
    issuer,
    jwks_uri: `${base}/${path}`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [...algorithms].sort(),
  };
  const file = (name: string, value: unknown): PublishedFile => ({ path: name, text: `${visibleJson(value, 2)}\n` });
  return {
    issuer,
    jwksUri: document.jwks_uri,
    files: [file(path, { keys: keySet.keys }), file(DISCOVERY_PATH, document)],
  };
};
