/** AWS STS: `AssumeRoleWithWebIdentity`, and with its sessions `AssumeRole`. */
import { randomBytes, randomUUID } from "node:crypto";
import { form, type Handle, type Incoming, type Reply } from "./listen.ts";
import type { S3Sessions } from "./s3.ts";
import { isSignedWith, parseSignature } from "./sigv4.ts";
import { type Refusal, type Trust, verifyToken } from "./verify.ts";

/** One role, and who may assume it. */
export interface AwsStsOptions {
  readonly trust: Trust;
  readonly roleArn: string;
  /** A second role, which trusts the first. */
  readonly targetRoleArn?: string;
  /** Where the sessions go that S3 then knows. */
  readonly sessions: S3Sessions;
}

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

const xml = (status: number, body: string): Reply => ({ status, headers: { "content-type": "text/xml" }, body });

const escapeXml = (text: string): string => text.replace(/[<>&]/gu, (character) => `&#${character.charCodeAt(0)};`);

const failure = (status: number, code: string, message: string): Reply =>
  xml(
    status,
    `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );

const notAuthorized = (action: string): Reply =>
  failure(403, "AccessDenied", `Not authorized to perform sts:${action}`);

const refusals: Readonly<Record<Refusal, (message: string) => Reply>> = {
  malformed: (message) => failure(400, "InvalidIdentityToken", message),
  signature: (message) => failure(400, "InvalidIdentityToken", message),
  issuer: () => failure(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for this issuer"),
  audience: () => failure(400, "InvalidIdentityToken", "Incorrect token audience"),
  time: () => failure(400, "ExpiredTokenException", "Token expired"),
  subject: () => notAuthorized("AssumeRoleWithWebIdentity"),
};

/** A new session of `roleArn`, and what is said of it. */
const openSession = (roleArn: string, sessionName: string, sessions: S3Sessions): string => {
  const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
  const secret = randomBytes(30).toString("base64");
  const token = randomBytes(96).toString("base64");
  const expiresAt = new Date(Date.now() + 3_600_000);
  const owner = `${roleArn.replace(":role/", ":assumed-role/")}/${sessionName}`;
  sessions.set(accessKeyId, { secret, token, expiresAt, owner });
  return (
    `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>` +
    `<SessionToken>${token}</SessionToken><Expiration>${expiresAt.toISOString()}</Expiration></Credentials>` +
    `<AssumedRoleUser><Arn>${owner}</Arn><AssumedRoleId>AROATEST:${sessionName}</AssumedRoleId></AssumedRoleUser>`
  );
};

const answer = (action: string, result: string): Reply =>
  xml(
    200,
    `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );

const withToken = async (fields: URLSearchParams, { trust, roleArn, sessions }: AwsStsOptions): Promise<Reply> => {
  const verdict = await verifyToken(fields.get("WebIdentityToken") ?? "", trust);
  if (verdict.kind === "refused") return refusals[verdict.refusal](verdict.message);
  if (fields.get("RoleArn") !== roleArn) return notAuthorized("AssumeRoleWithWebIdentity");
  return answer(
    "AssumeRoleWithWebIdentity",
    openSession(roleArn, fields.get("RoleSessionName") ?? "", sessions) +
      `<SubjectFromWebIdentityToken>${escapeXml(verdict.subject)}</SubjectFromWebIdentityToken>` +
      `<Audience>${escapeXml(trust.audience)}</Audience>`,
  );
};

/** A session of the one role asks for the other. */
const withSession = (incoming: Incoming, fields: URLSearchParams, options: AwsStsOptions): Reply => {
  const { sessions, roleArn, targetRoleArn } = options;
  const signature = parseSignature(incoming);
  const session = signature?.service === "sts" ? sessions.get(signature.accessKeyId) : undefined;
  if (signature === undefined || session === undefined || incoming.headers["x-amz-security-token"] !== session.token)
    return failure(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
  if (!isSignedWith(session.secret, incoming, signature))
    return failure(403, "SignatureDoesNotMatch", "The request signature we calculated does not match yours.");
  const isTrusted = session.owner.startsWith(`${roleArn.replace(":role/", ":assumed-role/")}/`);
  if (!isTrusted || targetRoleArn === undefined || fields.get("RoleArn") !== targetRoleArn)
    return notAuthorized("AssumeRole");
  return answer("AssumeRole", openSession(targetRoleArn, fields.get("RoleSessionName") ?? "", sessions));
};

/** Answers `POST /`. */
export const awsSts =
  (options: AwsStsOptions): Handle =>
  async (incoming) => {
    const fields = form(incoming);
    const action = fields.get("Action");
    if (incoming.method !== "POST" || (action !== "AssumeRoleWithWebIdentity" && action !== "AssumeRole"))
      return undefined;
    if (fields.get("Version") !== "2011-06-15") return failure(400, "InvalidAction", "Could not find operation");
    const sessionName = fields.get("RoleSessionName") ?? "";
    if (!/^[\w+=,.@-]{2,64}$/u.test(sessionName)) return failure(400, "ValidationError", "roleSessionName is invalid");
    return action === "AssumeRole" ? withSession(incoming, fields, options) : withToken(fields, options);
  };
