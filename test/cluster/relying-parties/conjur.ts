/** CyberArk Conjur: the JWT authenticator, and one variable. */
import { createAccessTokens } from "./access-tokens.ts";
import { form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One account with one authenticator. */
export interface ConjurOptions {
  readonly trust: Trust;
  readonly account: string;
  readonly serviceId: string;
  /** The host, where the authenticator takes it from the address and not from the token. */
  readonly hostId?: string;
  /** By name. */
  readonly variables: ReadonlyMap<string, string>;
}

const lifetimeSeconds = 480;
const unauthorized: Reply = { status: 401, body: "" };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

/** Answers `POST /authn-jwt/SERVICE/ACCOUNT[/HOST]/authenticate` and `GET /secrets/ACCOUNT/variable/NAME`. */
export const conjur = ({ trust, account, serviceId, hostId, variables }: ConjurOptions): Handle => {
  const tokens = createAccessTokens("");
  const host = hostId === undefined ? "" : `/${encodeURIComponent(hostId)}`;

  const authenticate = async (incoming: Incoming): Promise<Reply> => {
    const verdict = await verifyToken(form(incoming).get("jwt") ?? "", trust);
    if (verdict.kind === "refused") return unauthorized;
    const { token: signature } = tokens.issue(verdict.subject, lifetimeSeconds);
    const payload = encode({ sub: hostId ?? verdict.subject, iat: Math.floor(Date.now() / 1000) });
    return json(200, { protected: encode({ alg: "conjur.org/slosilo/v2" }), payload, signature });
  };

  const ownerOf = (incoming: Incoming): string | undefined => {
    const [, token = ""] = /^Token token="(.+)"$/u.exec(incoming.headers.authorization ?? "") ?? [];
    try {
      return tokens.ownerOf(JSON.parse(Buffer.from(token, "base64").toString()).signature);
    } catch {
      return undefined;
    }
  };

  const retrieve = (incoming: Incoming, name: string): Reply => {
    if (ownerOf(incoming) === undefined) return unauthorized;
    const body = variables.get(name);
    const message = `CONJ00076E Variable ${account}:variable:${name} is empty or not found.`;
    return body === undefined ? json(404, { error: { code: "not_found", message } }) : { status: 200, body };
  };

  return async (incoming) => {
    const request = `${incoming.method} ${incoming.path}`;
    const secrets = `GET /secrets/${account}/variable/`;
    if (request.startsWith(secrets)) return retrieve(incoming, decodeURIComponent(request.slice(secrets.length)));
    if (!request.startsWith("POST /authn-jwt/")) return undefined;
    return request === `POST /authn-jwt/${serviceId}/${account}${host}/authenticate`
      ? authenticate(incoming)
      : unauthorized;
  };
};
