/** An authorization server whose clients authenticate with a token in place of a secret (RFC 7523), as Keycloak does. */
import { createSecretKey, randomBytes } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One client. */
export interface ClientAssertionOptions {
  readonly trust: Trust;
  readonly clientId: string;
  /** The path of the token endpoint. */
  readonly tokenPath: string;
}

const lifetimeSeconds = 300;
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const invalidClient = json(401, {
  error: "invalid_client",
  error_description: "Invalid client or Invalid client credentials",
});

/** Answers `POST` to the token endpoint, and knows its own access tokens. */
export const clientAssertions = ({ trust, clientId, tokenPath }: ClientAssertionOptions) => {
  const key = createSecretKey(randomBytes(32));

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    if (fields.get("grant_type") !== "client_credentials") return json(400, { error: "unsupported_grant_type" });
    if (fields.get("client_assertion_type") !== assertionType || fields.get("client_id") !== clientId)
      return invalidClient;
    const verdict = await verifyToken(fields.get("client_assertion") ?? "", trust);
    if (verdict.kind === "refused") return invalidClient;
    const token = new SignJWT({ sub: clientId }).setProtectedHeader({ alg: "HS256" }).setIssuedAt();
    const accessToken = await token.setExpirationTime(`${lifetimeSeconds}s`).sign(key);
    return json(200, { access_token: accessToken, expires_in: lifetimeSeconds, token_type: "Bearer" });
  };

  const handle: Handle = async (incoming) =>
    incoming.method === "POST" && incoming.path === tokenPath ? exchange(incoming) : undefined;

  const subjectOf = (token: string): Promise<string | undefined> =>
    jwtVerify(token, key).then(
      ({ payload }) => payload.sub,
      () => undefined,
    );

  return { handle, subjectOf };
};
