/** What is asked of a cluster: a port, so that nothing here knows how an API server is reached. */
import type { ServiceAccount } from "../federation/service-account.ts";

/** The cluster's OpenID Connect discovery document, as far as it matters. */
export interface Discovery {
  readonly issuer: string;
  readonly jwksUri: string | undefined;
}

/** Thrown where a question has no answer. */
export class ClusterQueryFailed extends Error {
  override readonly name = "ClusterQueryFailed";
  /** The HTTP status; undefined where there was no response. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The port. Every function rejects with {@link ClusterQueryFailed}. */
export interface ClusterQueries {
  /** `GET /.well-known/openid-configuration` */
  discovery(): Promise<Discovery>;
  /** `GET /openid/v1/jwks`, parsed. */
  jwks(): Promise<unknown>;
  /** The ServiceAccount, or undefined where there is none. */
  serviceAccount(namespace: string, name: string): Promise<ServiceAccount | undefined>;
  /** A new token by `POST …/serviceaccounts/NAME/token`. */
  tokenRequest(namespace: string, name: string, request: TokenRequest): Promise<string>;
}

/** What a token is asked for. */
export interface TokenRequest {
  readonly audience: string;
  readonly expirationSeconds: number;
}

/** Connects to the cluster that the user means. */
export type OpenCluster = () => Promise<ClusterQueries>;
