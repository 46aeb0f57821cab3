/** A realm of Keycloak whose clients authenticate with a token in place of a secret (RFC 7523). */
import { createSecretKey, randomBytes } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { bearer, form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One client of a realm. */
export interface ClientAssertionOptions {
  readonly trust: Trust;
  /** The realm's issuer URL. */
  readonly realm: string;
  readonly clientId: string;
  /** Does the client send its ID beside the assertion? Without, the assertion's subject says who it is. */
  readonly sendsId: boolean;
}

const lifetimeSeconds = 300;
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const invalidClient = json(401, {
  error: "invalid_client",
  error_description: "Invalid client or Invalid client credentials",
});

/** Answers at the realm's token endpoint, says where that is, and knows its own access tokens. */
export const clientAssertions = ({ trust, realm, clientId, sendsId }: ClientAssertionOptions) => {
  const key = createSecretKey(randomBytes(32));
  const endpoints = {
    token: `${realm}/protocol/openid-connect/token`,
    userinfo: `${realm}/protocol/openid-connect/userinfo`,
  };

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    if (fields.get("grant_type") !== "client_credentials") return json(400, { error: "unsupported_grant_type" });
    const sent = [fields.get("client_assertion_type"), fields.get("client_id")];
    if (sent[0] !== assertionType || sent[1] !== (sendsId ? clientId : null)) return invalidClient;
    const verdict = await verifyToken(fields.get("client_assertion") ?? "", trust);
    if (verdict.kind === "refused") return invalidClient;
    const token = new SignJWT({ sub: clientId }).setProtectedHeader({ alg: "HS256" }).setIssuedAt();
    const accessToken = await token.setExpirationTime(`${lifetimeSeconds}s`).sign(key);
    return json(200, { access_token: accessToken, expires_in: lifetimeSeconds, token_type: "Bearer" });
  };

  const subjectOf = (token: string): Promise<string | undefined> =>
    jwtVerify(token, key).then(
      ({ payload }) => payload.sub,
      () => undefined,
    );

  const userinfo = async (incoming: Incoming): Promise<Reply> => {
    const sub = await subjectOf(bearer(incoming));
    return sub === undefined ? json(401, { error: "invalid_token" }) : json(200, { sub });
  };

  const discovery = async () =>
    json(200, { issuer: realm, token_endpoint: endpoints.token, userinfo_endpoint: endpoints.userinfo });

  const routes: Readonly<Record<string, (incoming: Incoming) => Promise<Reply>>> = {
    [`GET ${realm}/.well-known/openid-configuration`]: discovery,
    [`GET ${endpoints.userinfo}`]: userinfo,
    [`POST ${endpoints.token}`]: exchange,
  };
  const { origin } = new URL(realm);
  const handle: Handle = async (incoming) => routes[`${incoming.method} ${origin}${incoming.path}`]?.(incoming);

  return { handle, subjectOf };
};
