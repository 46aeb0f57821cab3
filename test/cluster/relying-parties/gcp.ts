/** Google Cloud: the Security Token Service, impersonation by IAM Credentials, and objects of Cloud Storage. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, form, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One workload identity provider, and what it opens. */
export interface GcpOptions {
  readonly trust: Trust;
  /** `projects/N/locations/global/workloadIdentityPools/P/providers/X` */
  readonly workloadIdentityProvider: string;
  /** With it, only this service account may read objects, and has to be impersonated. */
  readonly serviceAccountEmail?: string;
  /** Contents by `bucket/object`. */
  readonly objects: ReadonlyMap<string, string>;
}

const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
const jwtType = "urn:ietf:params:oauth:token-type:jwt";

const oauthError = (error: string, description: string): Reply => json(400, { error, error_description: description });
const apiError = (code: number, status: string, message: string): Reply =>
  json(code, { error: { code, message, status } });
const unauthenticated = apiError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");

/** Answers the paths of sts, iamcredentials and storage.googleapis.com. */
export const gcp = ({ trust, workloadIdentityProvider, serviceAccountEmail, objects }: GcpOptions): Handle => {
  const federated = createAccessTokens("ya29.d.");
  const impersonated = createAccessTokens("ya29.c.");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    if (fields.get("grant_type") !== grantType || fields.get("requested_token_type") !== accessTokenType) {
      return oauthError("invalid_request", "Invalid value for grant_type or requested_token_type.");
    }
    if (fields.get("subject_token_type") !== jwtType)
      return oauthError("invalid_request", "Invalid subject_token_type.");
    if (!fields.get("scope")) return oauthError("invalid_scope", "The scope is missing.");
    if (fields.get("audience") !== `//iam.googleapis.com/${workloadIdentityProvider}`) {
      return oauthError("invalid_target", 'The target service indicated by the "audience" parameters is invalid.');
    }
    const verdict = await verifyToken(fields.get("subject_token") ?? "", trust);
    if (verdict.kind === "refused") {
      return verdict.refusal === "subject"
        ? oauthError("unauthorized_client", "The given credential is rejected by the attribute condition.")
        : oauthError("invalid_grant", verdict.message);
    }
    const { token, expiresIn } = federated.issue(verdict.subject, Math.min(3600, verdict.secondsLeft));
    const reply = {
      access_token: token,
      issued_token_type: accessTokenType,
      token_type: "Bearer",
      expires_in: expiresIn,
    };
    return json(200, reply);
  };

  const impersonate = (incoming: Incoming, email: string): Reply => {
    if (!federated.ownerOf(bearer(incoming))) return unauthenticated;
    if (email !== serviceAccountEmail) {
      return apiError(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource.");
    }
    const { scope } = jsonBody(incoming);
    if (!Array.isArray(scope) || scope.length === 0) return apiError(400, "INVALID_ARGUMENT", "Scope required.");
    const { token } = impersonated.issue(email, 3600);
    // Whole seconds, as the real one; google-auth for Python reads nothing else.
    const expireTime = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/u, "");
    return json(200, { accessToken: token, expireTime });
  };

  const readObject = (incoming: Incoming, name: string): Reply => {
    const tokens = serviceAccountEmail === undefined ? federated : impersonated;
    if (!tokens.ownerOf(bearer(incoming))) return unauthenticated;
    const content = objects.get(name);
    if (content === undefined) return apiError(404, "NOT_FOUND", `No such object: ${name}`);
    return { status: 200, headers: { "content-type": "text/plain" }, body: content };
  };

  return async (incoming) => {
    const path = decodeURIComponent(incoming.path);
    if (incoming.method === "POST" && path === "/v1/token") return exchange(incoming);
    const email = /^\/v1\/projects\/-\/serviceAccounts\/([^/]+):generateAccessToken$/u.exec(path)?.[1];
    if (incoming.method === "POST" && email) return impersonate(incoming, email);
    const object = /^\/storage\/v1\/b\/([^/]+)\/o\/(.+)$/u.exec(path);
    return incoming.method === "GET" && object ? readObject(incoming, `${object[1]}/${object[2]}`) : undefined;
  };
};
