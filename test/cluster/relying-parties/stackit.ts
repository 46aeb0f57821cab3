/** STACKIT: the token endpoint, and the buckets of one project. */
import { createSecretKey, randomBytes } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { bearer, form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One service account with a federated identity provider. */
export interface StackitOptions {
  readonly trust: Trust;
  readonly serviceAccountEmail: string;
  readonly project: string;
  readonly buckets: readonly string[];
}

const lifetimeSeconds = 3600;
const assertionType = "urn:schwarz:params:oauth:client-assertion-type:workload-jwt";

const failure = (error: string, description: string): Reply => json(401, { error, error_description: description });

/** Answers `POST /oauth/v2/token` and `GET /v2/project/PROJECT/regions/eu01/buckets`. */
export const stackit = ({ trust, serviceAccountEmail, project, buckets }: StackitOptions): Handle => {
  const key = createSecretKey(randomBytes(32));

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    if (fields.get("grant_type") !== "client_credentials" || fields.get("client_assertion_type") !== assertionType)
      return json(400, { error: "unsupported_grant_type" });
    if (fields.get("client_id") !== serviceAccountEmail) return failure("invalid_client", "unknown service account");
    const verdict = await verifyToken(fields.get("client_assertion") ?? "", trust);
    if (verdict.kind === "refused") return failure("invalid_client", verdict.message);
    // The SDK reads in the access token until when it is good.
    const token = new SignJWT({ sub: serviceAccountEmail }).setProtectedHeader({ alg: "HS256" });
    const accessToken = await token.setExpirationTime(`${lifetimeSeconds}s`).sign(key);
    return json(200, { access_token: accessToken, expires_in: lifetimeSeconds, token_type: "Bearer" });
  };

  const list = async (incoming: Incoming): Promise<Reply> => {
    const isKnown = await jwtVerify(bearer(incoming), key).then(
      () => true,
      () => false,
    );
    return isKnown ? json(200, { project, buckets: buckets.map((name) => ({ name })) }) : json(401, {});
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    if (request === "POST /oauth/v2/token") return exchange(incoming);
    return request === `GET /v2/project/${project}/regions/eu01/buckets` ? list(incoming) : undefined;
  };
};
