/** Weights & Biases: the exchange of tokens, and who the caller is. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, form, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** An organization with a JWT issuer, and one service account of it. */
export interface WandbOptions {
  readonly trust: Trust;
  readonly username: string;
}

const lifetimeSeconds = 3600;
const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Answers `POST /oidc/token`, and `POST /graphql` for the query of the viewer. */
export const wandb = ({ trust, username }: WandbOptions): Handle => {
  const tokens = createAccessTokens("wb_at_");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    if (fields.get("grant_type") !== grantType) return json(400, { error: "unsupported_grant_type" });
    const verdict = await verifyToken(fields.get("assertion") ?? "", trust);
    if (verdict.kind === "refused") return json(401, { error: "invalid_grant", error_description: verdict.message });
    const { token, expiresIn } = tokens.issue(username, lifetimeSeconds);
    return json(200, { access_token: token, token_type: "Bearer", expires_in: expiresIn });
  };

  const viewer = (incoming: Incoming): Reply => {
    const owner = tokens.ownerOf(bearer(incoming));
    if (owner === undefined) return json(401, { errors: [{ message: "invalid access token" }] });
    const { query } = jsonBody(incoming);
    if (!String(query).includes("viewer")) return json(400, { errors: [{ message: "unknown query" }] });
    const user = { id: "VXNlcjox", name: owner, username: owner, email: null, admin: false, flags: "{}" };
    const rest = { entity: owner, deletedAt: null, apiKeys: { edges: [] }, teams: { edges: [] } };
    return json(200, { data: { viewer: { ...user, ...rest } } });
  };

  return async (incoming) => {
    if (incoming.method !== "POST") return undefined;
    if (incoming.path === "/oidc/token") return exchange(incoming);
    return incoming.path === "/graphql" ? viewer(incoming) : undefined;
  };
};
