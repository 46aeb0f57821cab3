/** The HashiCorp Cloud Platform: the exchange of tokens, and who the caller is. */
import { createAccessTokens } from "./access-tokens.ts";
import { bearer, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One workload identity provider of a service principal. */
export interface HcpOptions {
  readonly trust: Trust;
  /** `iam/project/…/service-principal/…/workload-identity-provider/…`. */
  readonly resourceName: string;
}

const lifetimeSeconds = 3600;

// As gRPC's gateway writes errors; 16 is UNAUTHENTICATED.
const unauthenticated = (message: string): Reply => json(401, { code: 16, message, details: [] });

/** Answers `POST /2019-12-10/RESOURCE/exchange-token` and `GET /iam/2019-12-10/caller-identity`. */
export const hcp = ({ trust, resourceName }: HcpOptions): Handle => {
  const tokens = createAccessTokens("hcp.test.");
  const principal = resourceName.replace(/\/workload-identity-provider\/.*$/u, "");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const verdict = await verifyToken(String(jsonBody(incoming)["jwt_token"]), trust);
    if (verdict.kind === "refused") return unauthenticated(verdict.message);
    const { token, expiresIn } = tokens.issue(verdict.subject, lifetimeSeconds);
    return json(200, { access_token: token, expires_in: expiresIn });
  };

  const callerIdentity = (incoming: Incoming): Reply => {
    const id = tokens.ownerOf(bearer(incoming));
    if (id === undefined) return unauthenticated("the access token is not valid");
    return json(200, { principal: { id, type: "PRINCIPAL_TYPE_SERVICE", service: { id, resource_name: principal } } });
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    if (request === `POST /2019-12-10/${resourceName}/exchange-token`) return exchange(incoming);
    return request === "GET /iam/2019-12-10/caller-identity" ? callerIdentity(incoming) : undefined;
  };
};
