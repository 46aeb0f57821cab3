/** OpenAI: the token exchange of auth.openai.com, and models, responses and chat completions of api.openai.com. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One mapping of an identity provider to a service account. */
export interface OpenAiOptions {
  readonly trust: Trust;
  readonly identityProviderId: string;
  readonly serviceAccountId: string;
}

const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
const tokenType = "urn:ietf:params:oauth:token-type:jwt";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

const oauthError = (status: number, error: string, description: string): Reply =>
  json(status, { error, error_description: description });

/** Answers for both hosts. */
export const openAi = ({ trust, identityProviderId, serviceAccountId }: OpenAiOptions): Handle => {
  const tokens = createAccessTokens("oai_at_");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = jsonBody(incoming);
    if (fields["grant_type"] !== grantType || fields["subject_token_type"] !== tokenType) {
      return oauthError(400, "invalid_request", "Unsupported grant_type or subject_token_type.");
    }
    if (fields["identity_provider_id"] !== identityProviderId || fields["service_account_id"] !== serviceAccountId) {
      return oauthError(403, "access_denied", "No mapping for this identity provider and service account.");
    }
    const verdict = await verifyToken(String(fields["subject_token"]), trust);
    if (verdict.kind === "refused") return oauthError(401, "invalid_grant", verdict.message);
    // What is minted never outlives what it was minted from.
    const { token, expiresIn } = tokens.issue(verdict.subject, Math.min(3600, verdict.secondsLeft));
    const reply = {
      access_token: token,
      issued_token_type: accessTokenType,
      token_type: "Bearer",
      expires_in: expiresIn,
    };
    return json(200, reply);
  };

  const respond = (incoming: Incoming, owner: string): Reply => {
    const content = [{ type: "output_text", text: `Hello ${owner}`, annotations: [] }];
    return json(200, {
      id: "resp_test",
      object: "response",
      created_at: Math.floor(Date.now() / 1000),
      status: "completed",
      model: jsonBody(incoming)["model"],
      output: [{ id: "msg_test", type: "message", role: "assistant", status: "completed", content }],
    });
  };

  const complete = (incoming: Incoming, owner: string): Reply =>
    json(200, {
      id: "chatcmpl_test",
      object: "chat.completion",
      created: Math.floor(Date.now() / 1000),
      model: jsonBody(incoming)["model"],
      choices: [{ index: 0, message: { role: "assistant", content: `Hello ${owner}` }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });

  const models = json(200, {
    object: "list",
    data: [{ id: "gpt-test", object: "model", created: 1_700_000_000, owned_by: "test" }],
  });

  const api: Readonly<Record<string, (incoming: Incoming, owner: string) => Reply>> = {
    "GET /v1/models": () => models,
    "POST /v1/responses": respond,
    "POST /v1/chat/completions": complete,
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    if (request === "POST /oauth/token") return exchange(incoming);
    const answer = api[request];
    if (answer === undefined) return undefined;
    const owner = tokens.ownerOf(bearer(incoming));
    if (!owner) {
      const error = { message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" };
      return json(401, { error: { ...error, param: null } });
    }
    return answer(incoming, owner);
  };
};
