/** Enkryptify: the token exchange, and the secrets of one project. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One identity, and what it may read. */
export interface EnkryptifyOptions {
  readonly trust: Trust;
  readonly workspace: string;
  readonly project: string;
  readonly environmentId: string;
  readonly secrets: Readonly<Record<string, string>>;
}

const lifetimeSeconds = 900;
const unauthorized = json(401, { message: "Unauthorized" });

/** Answers `POST /v1/auth/oidc/exchange` and `GET /v1/workspace/…/project/…/secret`. */
export const enkryptify = (options: EnkryptifyOptions): Handle => {
  const { trust, workspace, project, environmentId, secrets } = options;
  const tokens = createAccessTokens("ek_");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const { token, workspaceId } = jsonBody(incoming);
    const verdict = await verifyToken(String(token), trust);
    if (verdict.kind === "refused" || workspaceId !== workspace) return unauthorized;
    const { token: accessToken, expiresIn } = tokens.issue(verdict.subject, lifetimeSeconds);
    return json(200, { accessToken, expiresIn, tokenType: "Bearer" });
  };

  const list = (incoming: Incoming): Reply => {
    if (!tokens.ownerOf(bearer(incoming))) return unauthorized;
    if (incoming.query.get("environmentId") !== environmentId) return json(404, { message: "Environment not found" });
    const entries = Object.entries(secrets);
    return json(
      200,
      entries.map(([name, value]) => ({ name, values: [{ environmentId, value, isPersonal: false }] })),
    );
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    if (request === "POST /v1/auth/oidc/exchange") return exchange(incoming);
    return request === `GET /v1/workspace/${workspace}/project/${project}/secret` ? list(incoming) : undefined;
  };
};
