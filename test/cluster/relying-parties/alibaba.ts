/** Alibaba Cloud's STS: `AssumeRoleWithOIDC`, and with its sessions `GetCallerIdentity`. */
import { randomUUID } from "node:crypto";
import { type CloudSessions, openCloudSession, type SignatureScheme, signedBy } from "./cloud-signature.ts";
import { type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Refusal, type Trust, verifyToken } from "./verify.ts";

/** One RAM role, and the identity provider that it trusts. */
export interface AlibabaOptions {
  readonly trust: Trust;
  readonly providerArn: string;
  readonly roleArn: string;
}

const scheme: SignatureScheme = {
  algorithm: "ACS3-HMAC-SHA256",
  tokenHeader: "x-acs-security-token",
  signedHeaders: ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-security-token"],
};

const failure = (status: number, code: string, message: string): Reply =>
  json(status, { RequestId: randomUUID(), HostId: "sts.aliyuncs.com", Code: code, Message: message });

const codes: Readonly<Record<Refusal, string>> = {
  malformed: "AuthenticationFail.OIDCToken.Invalid",
  signature: "AuthenticationFail.OIDCToken.SignatureInvalid",
  issuer: "AuthenticationFail.OIDCToken.IssuerNotMatch",
  audience: "AuthenticationFail.OIDCToken.AudienceNotMatch",
  time: "AuthenticationFail.OIDCToken.Expired",
  subject: "AuthenticationFail.NoPermission",
};

/** Answers on `/`. */
export const alibaba = ({ trust, providerArn, roleArn }: AlibabaOptions): Handle => {
  const sessions: CloudSessions = new Map();

  const assume = async ({ query }: Incoming): Promise<Reply> => {
    const verdict = await verifyToken(query.get("OIDCToken") ?? "", trust);
    if (verdict.kind === "refused") return failure(400, codes[verdict.refusal], verdict.message);
    if (query.get("RoleArn") !== roleArn || query.get("OIDCProviderArn") !== providerArn)
      return failure(403, "AuthenticationFail.NoPermission", "This operation is forbidden by permission system.");
    const arn = `${roleArn.replace(":role/", ":assumed-role/")}/${query.get("RoleSessionName")}`;
    const { accessKeyId, secret, token, expiresAt } = openCloudSession(sessions, "STS.", arn);
    return json(200, {
      RequestId: randomUUID(),
      Credentials: {
        AccessKeyId: accessKeyId,
        AccessKeySecret: secret,
        SecurityToken: token,
        Expiration: expiresAt.toISOString().replace(/\.\d+/u, ""),
      },
      AssumedRoleUser: { Arn: arn, AssumedRoleId: randomUUID() },
    });
  };

  const whoAmI = (incoming: Incoming): Reply => {
    const session = signedBy(incoming, sessions, scheme);
    if (session === undefined) return failure(400, "SignatureDoesNotMatch", "Specified signature is not matched.");
    return json(200, { RequestId: randomUUID(), IdentityType: "AssumedRoleUser", AccountId: "1", Arn: session.owner });
  };

  return async (incoming) => {
    if (incoming.path !== "/") return undefined;
    if (incoming.query.get("Action") === "AssumeRoleWithOIDC") return assume(incoming);
    return incoming.headers["x-acs-action"] === "GetCallerIdentity" ? whoAmI(incoming) : undefined;
  };
};
