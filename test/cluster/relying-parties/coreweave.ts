/** CoreWeave AI Object Storage: credentials for a raw token, in the form of AWS container credentials. */
import { randomBytes } from "node:crypto";
import { type Handle, json } from "./listen.ts";
import type { S3Sessions } from "./s3.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** One organization. */
export interface CoreweaveOptions {
  readonly trust: Trust;
  readonly organizationId: string;
  /** Where the sessions go that the object storage then knows. */
  readonly sessions: S3Sessions;
}

const keyLifetimeMs = 15 * 60_000;

/** Answers `GET /v1/cwobject/temporary-credentials/oidc/ORGANIZATION`. */
export const coreweave =
  ({ trust, organizationId, sessions }: CoreweaveOptions): Handle =>
  async (incoming) => {
    const prefix = "/v1/cwobject/temporary-credentials/oidc/";
    if (incoming.method !== "GET" || !incoming.path.startsWith(prefix)) return undefined;
    if (incoming.path !== prefix + organizationId)
      return json(404, { code: "NotFound", message: "no such organization" });
    const verdict = await verifyToken(incoming.headers.authorization ?? "", trust);
    if (verdict.kind === "refused") return json(401, { code: "Unauthenticated", message: verdict.message });
    const accessKeyId = `CW${randomBytes(8).toString("hex").toUpperCase()}`;
    const secret = `cwo${randomBytes(30).toString("base64url")}`;
    const expiresAt = new Date(Date.now() + keyLifetimeMs);
    sessions.set(accessKeyId, { secret, token: "", expiresAt, owner: `role/${trust.issuer}:${verdict.subject}` });
    const Expiration = expiresAt.toISOString();
    return json(200, { AccessKeyId: accessKeyId, SecretAccessKey: secret, Token: "", Expiration });
  };
