/** The Claude API: token exchange and messages. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One federation rule. */
export interface AnthropicOptions {
  readonly trust: Trust;
  readonly federationRuleId: string;
  readonly organizationId: string;
  readonly serviceAccountId?: string;
  /** The issuer's limit on how long a token lives; an hour unless its administrator changed it. */
  readonly maxTokenSeconds?: number;
}

const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const betas = ["oauth-2025-04-20", "oidc-federation-2026-04-01"];

// The real one does not say more either.
const invalidGrant = json(400, { error: "invalid_grant", error_description: "The assertion was not accepted." });

/** Answers `POST /v1/oauth/token` and `POST /v1/messages`. */
export const anthropic = (options: AnthropicOptions): Handle => {
  const tokens = createAccessTokens("sk-ant-oat01-");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = jsonBody(incoming);
    const sent = String(incoming.headers["anthropic-beta"]).split(",");
    if (fields["grant_type"] !== grantType || !betas.every((beta) => sent.includes(beta))) {
      return json(400, { error: "unsupported_grant_type", error_description: "Grant type or beta header is missing." });
    }
    const { federationRuleId, organizationId, serviceAccountId, maxTokenSeconds = 3600 } = options;
    const isKnown =
      fields["federation_rule_id"] === federationRuleId &&
      fields["organization_id"] === organizationId &&
      (fields["service_account_id"] ?? serviceAccountId) === serviceAccountId;
    const verdict = await verifyToken(String(fields["assertion"]), options.trust);
    if (!isKnown || verdict.kind === "refused") return invalidGrant;
    const { exp = 0, iat = 0 } = verdict.claims;
    if (exp - iat > maxTokenSeconds) return invalidGrant;
    const { token, expiresIn } = tokens.issue(verdict.subject, 3600);
    return json(200, {
      access_token: token,
      token_type: "Bearer",
      expires_in: expiresIn,
      scope: "workspace:developer",
    });
  };

  const answer = (incoming: Incoming): Reply => {
    const owner = tokens.ownerOf(bearer(incoming));
    if (!owner) {
      const error = { type: "authentication_error", message: "invalid bearer token" };
      return json(401, { type: "error", error, request_id: "req_test" });
    }
    return json(200, {
      id: "msg_test",
      type: "message",
      role: "assistant",
      model: jsonBody(incoming)["model"],
      content: [{ type: "text", text: `Hello ${owner}` }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    });
  };

  return async (incoming) => {
    if (incoming.method !== "POST") return undefined;
    if (incoming.path === "/v1/oauth/token") return exchange(incoming);
    return incoming.path === "/v1/messages" ? answer(incoming) : undefined;
  };
};
