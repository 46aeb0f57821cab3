/** Amazon S3, or a service that speaks its protocol: reads and writes objects for requests signed in a session. */
import { createHash, randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Handle, Incoming, Reply } from "./listen.ts";
import { clockSkewMs, isSignedWith, parseSignature } from "./sigv4.ts";

/** Temporary credentials. `token` may be empty: not every service that speaks S3 uses one. */
export interface S3Session {
  readonly secret: string;
  readonly token: string;
  readonly expiresAt: Date;
  readonly owner: string;
}

/** Sessions by access key. */
export type S3Sessions = Map<string, S3Session>;

/** What the stand-in knows. */
export interface S3Options {
  readonly sessions: S3Sessions;
  readonly region: string;
  /** Contents by `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  /** Buckets are only served as host names below this one: `BUCKET.cwobject.com`. Otherwise only as path. */
  readonly virtualHostsOf?: string;
  /** The role whose sessions have rights, where others have none. */
  readonly only?: string;
}

const failure = (status: number, code: string, message: string): Reply => ({
  status,
  headers: { "content-type": "application/xml" },
  body:
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>` +
    `<RequestId>${randomUUID()}</RequestId></Error>`,
});

const maxSkewMs = 15 * 60_000;

const refusal = (incoming: Incoming, { sessions, region, only }: S3Options): Reply | undefined => {
  const signature = parseSignature(incoming);
  if (signature?.service !== "s3") return failure(403, "AccessDenied", "Access Denied");
  const session = sessions.get(signature.accessKeyId);
  if (!session)
    return failure(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  if ((incoming.headers["x-amz-security-token"] ?? "") !== session.token) {
    return failure(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  if (session.expiresAt.getTime() < Date.now()) return failure(400, "ExpiredToken", "The provided token has expired.");
  if (clockSkewMs(incoming) > maxSkewMs) return failure(403, "RequestTimeTooSkewed", "The difference is too large.");
  if (signature.region !== region) {
    const message = `The authorization header is malformed; the region '${signature.region}' is wrong; expecting '${region}'`;
    return failure(400, "AuthorizationHeaderMalformed", message);
  }
  if (!isSignedWith(session.secret, incoming, signature)) {
    return failure(403, "SignatureDoesNotMatch", "The request signature we calculated does not match yours.");
  }
  if (only !== undefined && !session.owner.startsWith(`${only.replace(":role/", ":assumed-role/")}/`))
    return failure(403, "AccessDenied", "Access Denied");
  return undefined;
};

const objectName = (incoming: Incoming, virtualHostsOf: string | undefined): string | undefined => {
  const path = decodeURIComponent(incoming.path).slice(1);
  if (virtualHostsOf === undefined) return path;
  const host = (incoming.headers.host ?? "").replace(/:\d+$/u, "");
  return host.endsWith(`.${virtualHostsOf}`) ? `${host.slice(0, -virtualHostsOf.length - 1)}/${path}` : undefined;
};

/** What Amazon keeps of every object; an SDK that is given none says so. */
const checksum = (content: Buffer): Readonly<Record<string, string>> => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  return { "x-amz-checksum-crc32": sum.toString("base64"), "x-amz-checksum-type": "FULL_OBJECT" };
};

/** Answers every request that is left. */
export const s3 =
  (options: S3Options): Handle =>
  async (incoming) => {
    const refused = refusal(incoming, options);
    if (refused) return refused;
    const name = objectName(incoming, options.virtualHostsOf);
    if (name === undefined) {
      return failure(400, "PathStyleRequestNotAllowed", "Buckets are served as host names only.");
    }
    if (incoming.method === "PUT") {
      options.objects.set(name, incoming.body);
      const etag = `"${createHash("md5").update(incoming.body).digest("hex")}"`;
      return { status: 200, headers: { etag }, body: "" };
    }
    const content = options.objects.get(name);
    if (incoming.method !== "GET") return failure(405, "MethodNotAllowed", "Only GET and PUT are here.");
    if (!content) return failure(404, "NoSuchKey", "The specified key does not exist.");
    return {
      status: 200,
      headers: { "content-type": "application/octet-stream", ...checksum(content) },
      body: content,
    };
  };
