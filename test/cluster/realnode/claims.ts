/** What a node's tokens say. */
import { decodeJwt, type JWTPayload } from "jose";

interface Bound {
  readonly [kind: string]: { readonly name: string; readonly uid: string } | string;
}

/** The claims of a token, which is not verified. */
export const claimsOf = (token: string): JWTPayload & { readonly "kubernetes.io": Bound } => decodeJwt(token);
