/** Microsoft Entra ID: the discovery document and the token endpoint of one tenant. */
import { randomUUID } from "node:crypto";
import { createAccessTokens } from "./access-tokens.ts";
import { form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Refusal, type Trust, verifyToken } from "./verify.ts";

/** One application with a federated credential. */
export interface AzureOptions {
  readonly trust: Trust;
  readonly tenantId: string;
  readonly clientId: string;
}

const failure = (status: number, error: string, code: number, message: string): Reply => {
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const timestamp = new Date().toISOString().replace("T", " ").replace(/\.\d+/u, "");
  return json(status, {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  });
};

const noMatch = (what: string) => `No matching federated identity record found for presented assertion ${what}.`;

const refusals: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  malformed: [50027, "JWT token is invalid or malformed."],
  signature: [700027, "The certificate with identifier used to sign the client assertion is not registered."],
  issuer: [700211, noMatch("issuer")],
  audience: [700212, noMatch("audience")],
  subject: [700213, noMatch("subject")],
  time: [700024, "Client assertion is not within its valid time range."],
};

/** Answers for one tenant; needs https. */
export const azure = ({ trust, tenantId, clientId }: AzureOptions): Handle => {
  const tokens = createAccessTokens("eyJ0.test.");

  const discovery = (incoming: Incoming): Reply => {
    const base = `https://${incoming.headers.host}/${tenantId}`;
    return json(200, {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      tenant_region_scope: "EU",
    });
  };

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if (fields.get("grant_type") !== "client_credentials" || fields.get("client_assertion_type") !== assertionType) {
      return failure(400, "invalid_request", 900144, "The request body must contain a client assertion.");
    }
    if (fields.get("client_id") !== clientId) {
      return failure(400, "unauthorized_client", 700016, "Application was not found in the directory.");
    }
    if (!/\S+\/\.default\b/u.test(fields.get("scope") ?? "")) {
      return failure(400, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid.");
    }
    const verdict = await verifyToken(fields.get("client_assertion") ?? "", trust);
    if (verdict.kind === "refused") return failure(401, "invalid_client", ...refusals[verdict.refusal]);
    const { token, expiresIn } = tokens.issue(verdict.subject, 3600);
    return json(200, { token_type: "Bearer", expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token });
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    if (request === `GET /${tenantId}/v2.0/.well-known/openid-configuration`) return discovery(incoming);
    return request === `POST /${tenantId}/oauth2/v2.0/token` ? exchange(incoming) : undefined;
  };
};
