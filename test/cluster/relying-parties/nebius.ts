/** Nebius AI Cloud: the exchange of tokens, and who the caller is. */
import { message, number, readMessage } from "../protobuf.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { grpcFailure, grpcMessage, grpcReply, INVALID_ARGUMENT, UNAUTHENTICATED } from "./grpc.ts";
import { bearer, type Handle, type Incoming, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One service account with federated credentials. */
export interface NebiusOptions {
  readonly trust: Trust;
  readonly serviceAccountId: string;
}

const lifetimeSeconds = 3600;
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

/** What an exchange is asked for; the numbers are those of nebius/iam/v1/token_service.proto. */
const readRequest = (incoming: Incoming) => {
  const fields = readMessage(grpcMessage(incoming));
  const text = (field: number): string => String(fields.get(field) ?? "");
  const types = { grant: text(1), requested: text(2), subject: text(4), actor: text(8) };
  return { types, subjectToken: text(3), actorToken: text(7) };
};

// Whom the token is for is named, and who asks for it proves that by the actor's token.
const isFederated = ({ grant, requested, subject, actor }: ReturnType<typeof readRequest>["types"]): boolean =>
  grant === "urn:ietf:params:oauth:grant-type:token-exchange" &&
  requested === accessTokenType &&
  subject === "urn:nebius:params:oauth:token-type:subject_identifier" &&
  actor === "urn:ietf:params:oauth:token-type:jwt";

/** Answers `TokenExchangeService.Exchange` and `ProfileService.Get` of `nebius.iam.v1`. */
export const nebius = ({ trust, serviceAccountId }: NebiusOptions): Handle => {
  const tokens = createAccessTokens("ne1");

  const exchange = async (incoming: Incoming): Promise<Reply> => {
    const { types, subjectToken, actorToken } = readRequest(incoming);
    if (!isFederated(types)) return grpcFailure(INVALID_ARGUMENT, "not an exchange of federated credentials");
    const verdict = await verifyToken(actorToken, trust);
    if (verdict.kind === "refused") return grpcFailure(UNAUTHENTICATED, verdict.message);
    if (subjectToken !== serviceAccountId) return grpcFailure(UNAUTHENTICATED, "unknown service account");
    const { token, expiresIn } = tokens.issue(serviceAccountId, lifetimeSeconds);
    return grpcReply(
      Buffer.concat([message(1, token), message(2, accessTokenType), message(3, "Bearer"), number(4, expiresIn)]),
    );
  };

  const profile = (incoming: Incoming): Reply => {
    const id = tokens.ownerOf(bearer(incoming));
    if (id === undefined) return grpcFailure(UNAUTHENTICATED, "the access token is not valid");
    const serviceAccount = message(1, message(1, id));
    return grpcReply(message(2, message(1, serviceAccount)));
  };

  return async (incoming) => {
    if (incoming.path === "/nebius.iam.v1.TokenExchangeService/Exchange") return exchange(incoming);
    return incoming.path === "/nebius.iam.v1.ProfileService/Get" ? profile(incoming) : undefined;
  };
};
