/** A Databricks workspace: where its endpoints are, the token exchange, and who has its tokens. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One service principal with a federation policy. */
export interface DatabricksOptions {
  readonly trust: Trust;
  readonly host: string;
  readonly clientId: string;
}

const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
const tokenType = "urn:ietf:params:oauth:token-type:jwt";

const failure = (status: number, error: string, description: string): Reply =>
  json(status, { error, error_description: description });

/** Answers discovery, `POST /oidc/v1/token`, and who one is. */
export const databricks = ({ trust, host, clientId }: DatabricksOptions): Handle => {
  const tokens = createAccessTokens("eyJ0.databricks.");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    if (fields.get("grant_type") !== grantType || fields.get("subject_token_type") !== tokenType)
      return failure(400, "unsupported_grant_type", "The grant type is not supported.");
    const verdict = await verifyToken(fields.get("subject_token") ?? "", trust);
    if (verdict.kind === "refused") return failure(401, "invalid_client", verdict.message);
    if (fields.get("client_id") !== clientId) return failure(401, "invalid_client", "There is no such principal.");
    const { token, expiresIn } = tokens.issue(clientId, verdict.secondsLeft);
    return json(200, { access_token: token, token_type: "Bearer", expires_in: expiresIn, scope: "all-apis" });
  };

  const whoAmI = (incoming: Incoming): Reply => {
    const owner = tokens.ownerOf(bearer(incoming));
    return owner === undefined
      ? json(401, { error_code: "UNAUTHENTICATED", message: "The token is not valid." })
      : json(200, { id: "1", userName: owner, displayName: "reports", active: true });
  };

  const endpoints = { authorization_endpoint: `${host}/oidc/v1/authorize`, token_endpoint: `${host}/oidc/v1/token` };
  const answers: Readonly<Record<string, (incoming: Incoming) => Reply | Promise<Reply>>> = {
    "GET /.well-known/databricks-config": () => json(200, { oidc_endpoint: `${host}/oidc`, workspace_id: "1" }),
    "GET /oidc/.well-known/oauth-authorization-server": () => json(200, endpoints),
    "POST /oidc/v1/token": exchange,
    "GET /api/2.0/preview/scim/v2/Me": whoAmI,
  };

  return async (incoming) => answers[`${incoming.method} ${incoming.path}`]?.(incoming);
};
