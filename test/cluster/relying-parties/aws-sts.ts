/** AWS STS: `AssumeRoleWithWebIdentity`. */
import { randomBytes, randomUUID } from "node:crypto";
import { form, type Handle, type Reply } from "./listen.ts";
import type { S3Sessions } from "./s3.ts";
import { type Refusal, type Trust, verifyToken } from "./verify.ts";

/** One role, and who may assume it. */
export interface AwsStsOptions {
  readonly trust: Trust;
  readonly roleArn: string;
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

const notAuthorized = failure(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");

const refusals: Readonly<Record<Refusal, (message: string) => Reply>> = {
  malformed: (message) => failure(400, "InvalidIdentityToken", message),
  signature: (message) => failure(400, "InvalidIdentityToken", message),
  issuer: () => failure(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for this issuer"),
  audience: () => failure(400, "InvalidIdentityToken", "Incorrect token audience"),
  time: () => failure(400, "ExpiredTokenException", "Token expired"),
  subject: () => notAuthorized,
};

/** Answers `POST /`. */
export const awsSts =
  ({ trust, roleArn, sessions }: AwsStsOptions): Handle =>
  async (incoming) => {
    const fields = form(incoming);
    if (incoming.method !== "POST" || fields.get("Action") !== "AssumeRoleWithWebIdentity") return undefined;
    if (fields.get("Version") !== "2011-06-15") return failure(400, "InvalidAction", "Could not find operation");
    const sessionName = fields.get("RoleSessionName") ?? "";
    if (!/^[\w+=,.@-]{2,64}$/u.test(sessionName)) return failure(400, "ValidationError", "roleSessionName is invalid");
    const verdict = await verifyToken(fields.get("WebIdentityToken") ?? "", trust);
    if (verdict.kind === "refused") return refusals[verdict.refusal](verdict.message);
    if (fields.get("RoleArn") !== roleArn) return notAuthorized;

    const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    const secret = randomBytes(30).toString("base64");
    const token = randomBytes(96).toString("base64");
    const expiresAt = new Date(Date.now() + 3_600_000);
    const owner = `${roleArn.replace(":role/", ":assumed-role/")}/${sessionName}`;
    sessions.set(accessKeyId, { secret, token, expiresAt, owner });
    return xml(
      200,
      `<AssumeRoleWithWebIdentityResponse xmlns="${namespace}"><AssumeRoleWithWebIdentityResult><Credentials>` +
        `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>` +
        `<SessionToken>${token}</SessionToken><Expiration>${expiresAt.toISOString()}</Expiration></Credentials>` +
        `<SubjectFromWebIdentityToken>${escapeXml(verdict.subject)}</SubjectFromWebIdentityToken>` +
        `<AssumedRoleUser><Arn>${owner}</Arn><AssumedRoleId>AROATEST:${sessionName}</AssumedRoleId></AssumedRoleUser>` +
        `<Audience>${escapeXml(trust.audience)}</Audience></AssumeRoleWithWebIdentityResult>` +
        `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>`,
    );
  };
