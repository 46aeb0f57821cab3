/** Verifies the signatures of clouds whose schemes are like AWS' and differ in names, keys and what is signed. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Incoming } from "./listen.ts";

/** What is a cloud's own. */
export interface SignatureScheme {
  readonly algorithm: string;
  /** Before the secret, where the key is made. */
  readonly keyPrefix?: string;
  /** The header with the time that is signed. */
  readonly timeHeader?: string;
  /** The header with the session's token. */
  readonly tokenHeader: string;
  /** Headers that have to be signed. */
  readonly signedHeaders: readonly string[];
  /** Does the path that is signed end with a slash? */
  readonly endsWithSlash?: boolean;
}

/** Temporary credentials. */
export interface CloudSession {
  readonly secret: string;
  readonly token: string;
  readonly owner: string;
}

/** Sessions by access key. */
export type CloudSessions = Map<string, CloudSession>;

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

const pattern =
  /^(\S+) (?:Credential|Access)=([^/,]+)(?:\/([^,]+))?, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/u;

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonicalRequest = (incoming: Incoming, scheme: SignatureScheme, signedHeaders: readonly string[]): string => {
  const { method, path, query, body, headers } = incoming;
  const signedPath = scheme.endsWithSlash && !path.endsWith("/") ? `${path}/` : path;
  const parameters = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const lines = signedHeaders.map((name) => `${name}:${String(headers[name] ?? "").trim()}\n`);
  return [method, signedPath, parameters.join("&"), lines.join(""), signedHeaders.join(";"), sha256(body)].join("\n");
};

/** Who signed the request, with the credentials of which session; `undefined` where nobody did who is known. */
export const signedBy = (
  incoming: Incoming,
  sessions: CloudSessions,
  scheme: SignatureScheme,
): CloudSession | undefined => {
  const [, algorithm, accessKeyId = "", scope, names = "", signature = ""] =
    pattern.exec(incoming.headers.authorization ?? "") ?? [];
  const session = sessions.get(accessKeyId);
  const signedHeaders = names.split(";");
  const isComplete = [...scheme.signedHeaders].every((name) => signedHeaders.includes(name));
  if (algorithm !== scheme.algorithm || session === undefined || !isComplete) return undefined;
  if (incoming.headers[scheme.tokenHeader] !== session.token) return undefined;
  const time = scheme.timeHeader === undefined ? [] : [String(incoming.headers[scheme.timeHeader])];
  const hash = sha256(canonicalRequest(incoming, scheme, signedHeaders));
  const text = [algorithm, ...time, ...(scope === undefined ? [] : [scope]), hash].join("\n");
  const first = (scheme.keyPrefix ?? "") + session.secret;
  const key = (scope?.split("/") ?? []).reduce<string | Buffer>((previous, part) => hmac(previous, part), first);
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, "hex")) ? session : undefined;
};

/** New credentials of `owner`, which begin with `prefix`, and are known from now on. */
export const openCloudSession = (sessions: CloudSessions, prefix: string, owner: string) => {
  const accessKeyId = prefix + randomBytes(10).toString("hex");
  const session = { secret: randomBytes(30).toString("base64url"), token: randomBytes(90).toString("base64"), owner };
  sessions.set(accessKeyId, session);
  return { accessKeyId, ...session, expiresAt: new Date(Date.now() + 3_600_000) };
};
