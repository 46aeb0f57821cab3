/** Tencent Cloud's STS: `AssumeRoleWithWebIdentity`, and with its sessions `GetCallerIdentity`. */
import { randomUUID } from "node:crypto";
import { type CloudSessions, openCloudSession, type SignatureScheme, signedBy } from "./cloud-signature.ts";
import { type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One role, and the identity provider that carries it. */
export interface TencentOptions {
  readonly trust: Trust;
  readonly providerId: string;
  readonly roleArn: string;
}

const scheme: SignatureScheme = {
  algorithm: "TC3-HMAC-SHA256",
  keyPrefix: "TC3",
  timeHeader: "x-tc-timestamp",
  tokenHeader: "x-tc-token",
  signedHeaders: ["content-type", "host"],
};

const answer = (result: object): Reply => json(200, { Response: { ...result, RequestId: randomUUID() } });

// Errors have the status 200 too.
const failure = (code: string, message: string): Reply => answer({ Error: { Code: code, Message: message } });

/** Answers `POST /`. */
export const tencent = ({ trust, providerId, roleArn }: TencentOptions): Handle => {
  const sessions: CloudSessions = new Map();

  const assume = async (incoming: Incoming): Promise<Reply> => {
    const fields = jsonBody(incoming);
    const verdict = await verifyToken(String(fields["WebIdentityToken"]), trust);
    if (verdict.kind === "refused") return failure("InvalidParameter.WebIdentityTokenError", verdict.message);
    if (fields["ProviderId"] !== providerId || fields["RoleArn"] !== roleArn)
      return failure("UnauthorizedOperation", "the role is not carried by this provider");
    const { accessKeyId, secret, token, expiresAt } = openCloudSession(sessions, "AKID", roleArn);
    return answer({
      ExpiredTime: Math.floor(expiresAt.getTime() / 1000),
      Expiration: expiresAt.toISOString(),
      Credentials: { Token: token, TmpSecretId: accessKeyId, TmpSecretKey: secret },
    });
  };

  const whoAmI = (incoming: Incoming): Reply => {
    const session = signedBy(incoming, sessions, scheme);
    if (session === undefined)
      return failure("AuthFailure.SignatureFailure", "The provided credentials are not right.");
    return answer({ Arn: session.owner, AccountId: "1", UserId: "1", PrincipalId: "1", Type: "CAMRole" });
  };

  return async (incoming) => {
    if (incoming.method !== "POST" || incoming.headers["x-tc-version"] !== "2018-08-13") return undefined;
    const action = incoming.headers["x-tc-action"];
    if (action === "AssumeRoleWithWebIdentity") return assume(incoming);
    return action === "GetCallerIdentity" ? whoAmI(incoming) : undefined;
  };
};
