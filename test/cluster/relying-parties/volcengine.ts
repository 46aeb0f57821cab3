/** Volcengine's STS: `AssumeRoleWithOIDC`, and with its sessions `GetCallerIdentity`. */
import { randomUUID } from "node:crypto";
import { type CloudSessions, openCloudSession, type SignatureScheme, signedBy } from "./cloud-signature.ts";
import { form, type Handle, type Incoming, json, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One role. */
export interface VolcengineOptions {
  readonly trust: Trust;
  readonly roleTrn: string;
}

const scheme: SignatureScheme = {
  algorithm: "HMAC-SHA256",
  timeHeader: "x-date",
  tokenHeader: "x-security-token",
  signedHeaders: ["x-date", "x-content-sha256", "x-security-token"],
};

const metadata = ({ query }: Incoming) => ({
  RequestId: randomUUID(),
  Action: query.get("Action"),
  Version: query.get("Version"),
  Service: "sts",
  Region: "cn-beijing",
});

const answer = (incoming: Incoming, result: unknown): Reply =>
  json(200, { ResponseMetadata: metadata(incoming), Result: result });

const failure = (status: number, code: string, message: string, incoming: Incoming): Reply =>
  json(status, { ResponseMetadata: { ...metadata(incoming), Error: { CodeN: 0, Code: code, Message: message } } });

/** Answers `POST /`. */
export const volcengine = ({ trust, roleTrn }: VolcengineOptions): Handle => {
  const sessions: CloudSessions = new Map();

  const assume = async (incoming: Incoming): Promise<Reply> => {
    const fields = form(incoming);
    const verdict = await verifyToken(fields.get("OIDCToken") ?? "", trust);
    if (verdict.kind === "refused") return failure(400, "InvalidParameter.OIDCToken", verdict.message, incoming);
    if (fields.get("RoleTrn") !== roleTrn) return failure(403, "AccessDenied", "the role is not yours", incoming);
    const owner = `${roleTrn.replace("iam::", "sts::").replace(":role/", ":assumed-role/")}/${fields.get("RoleSessionName")}`;
    const { accessKeyId, secret, token, expiresAt } = openCloudSession(sessions, "AKTP", owner);
    return answer(incoming, {
      Credentials: {
        CurrentTime: new Date().toISOString(),
        Expiration: expiresAt.toISOString(),
        AccessKeyId: accessKeyId,
        SecretAccessKey: secret,
        SessionToken: token,
      },
      AssumedRoleUser: { Trn: owner, AssumedRoleId: randomUUID() },
    });
  };

  const whoAmI = (incoming: Incoming): Reply => {
    const session = signedBy(incoming, sessions, scheme);
    if (session === undefined) return failure(401, "InvalidCredential", "the signature is not right", incoming);
    return answer(incoming, { AccountId: 1, IdentityId: "1", IdentityType: "AssumeRole", Trn: session.owner });
  };

  return async (incoming) => {
    if (incoming.method !== "POST" || incoming.query.get("Version") !== "2018-01-01") return undefined;
    const action = incoming.query.get("Action");
    if (action === "AssumeRoleWithOIDC") return assume(incoming);
    return action === "GetCallerIdentity" ? whoAmI(incoming) : undefined;
  };
};
