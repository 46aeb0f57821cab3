/** Vault's Kubernetes auth method: it asks the cluster itself whether a token is good, by TokenReview. */
import { type Handle, json, jsonBody } from "./listen.ts";

/** A cluster as far as Vault knows one: it may create TokenReviews there. */
export interface ReviewingCluster {
  must<Body>(method: "POST", path: string, body: unknown): Promise<Body>;
}

/** One role. */
export interface VaultOptions {
  readonly cluster: ReviewingCluster;
  readonly role: string;
  readonly audience: string;
  /** `NAMESPACE:NAME` of the ServiceAccounts that may log in. */
  readonly boundSubjects: readonly string[];
}

interface ReviewStatus {
  readonly authenticated?: boolean;
  readonly audiences?: readonly string[];
  readonly user?: { readonly username?: string };
  readonly error?: string;
}

/** Asks the cluster about a token. */
export const reviewToken = async (
  cluster: ReviewingCluster,
  token: string,
  audience: string,
): Promise<ReviewStatus> => {
  const review = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    spec: { token, audiences: [audience] },
  };
  const path = "/apis/authentication.k8s.io/v1/tokenreviews";
  return (await cluster.must<{ status: ReviewStatus }>("POST", path, review)).status;
};

/** Answers `POST /v1/auth/kubernetes/login`. */
export const vault =
  ({ cluster, role, audience, boundSubjects }: VaultOptions): Handle =>
  async (incoming) => {
    if (incoming.method !== "POST" || incoming.path !== "/v1/auth/kubernetes/login") return undefined;
    const fields = jsonBody(incoming);
    if (fields["role"] !== role) return json(400, { errors: [`invalid role name "${fields["role"]}"`] });
    const status = await reviewToken(cluster, String(fields["jwt"]), audience);
    if (!status.authenticated) return json(403, { errors: ["permission denied"] });
    const subject = status.user?.username ?? "";
    if (!boundSubjects.includes(subject)) return json(403, { errors: ["service account name not authorized"] });
    return json(200, { auth: { client_token: "hvs.test", lease_duration: 3600, metadata: { subject } } });
  };
