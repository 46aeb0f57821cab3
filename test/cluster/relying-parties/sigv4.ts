/** Verifies AWS Signature Version 4 in the `Authorization` header, as S3 and STS do. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Incoming } from "./listen.ts";

/** What an `Authorization` header says. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  /** Date, region, service and terminator. */
  readonly scope: string;
  readonly service: "s3" | "sts";
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([^/]+)\/(s3|sts)\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/u;

/** Reads the header; `undefined` where it is missing or of another kind. */
export const parseSignature = (incoming: Incoming): Signature | undefined => {
  const found = pattern.exec(incoming.headers.authorization ?? "");
  if (!found) return undefined;
  const [, accessKeyId = "", scope = "", region = "", service = "", headers = "", signature = ""] = found;
  return {
    accessKeyId,
    scope,
    region,
    service: service === "sts" ? "sts" : "s3",
    signedHeaders: headers.split(";"),
    signature,
  };
};

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");

/** Only S3 has it in a header. */
const hashOf = ({ headers, body }: Incoming): string => String(headers["x-amz-content-sha256"] ?? sha256(body));

const canonicalRequest = (incoming: Incoming, { signedHeaders }: Signature): string => {
  const headers = signedHeaders.map((name) => `${name}:${String(incoming.headers[name] ?? "").trim()}\n`);
  const contentHash = hashOf(incoming);
  const { method, path, query } = incoming;
  return [method, path, canonicalQuery(query), headers.join(""), signedHeaders.join(";"), contentHash].join("\n");
};

const required = { s3: ["host", "x-amz-date", "x-amz-content-sha256"], sts: ["host", "x-amz-date"] };

/** Was the request signed with `secret`, and does its body have the signed hash? */
export const isSignedWith = (secret: string, incoming: Incoming, signature: Signature): boolean => {
  const contentHash = hashOf(incoming);
  if (contentHash !== "UNSIGNED-PAYLOAD" && contentHash !== sha256(incoming.body)) return false;
  const present = Object.keys(incoming.headers).filter((name) => name.startsWith("x-amz-"));
  if (![...required[signature.service], ...present].every((name) => signature.signedHeaders.includes(name)))
    return false;
  const date = String(incoming.headers["x-amz-date"]);
  const text = ["AWS4-HMAC-SHA256", date, signature.scope, sha256(canonicalRequest(incoming, signature))].join("\n");
  const key = signature.scope
    .split("/")
    .reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  return timingSafeEqual(hmac(key, text), Buffer.from(signature.signature, "hex"));
};

/** The distance between the signed time and now. */
export const clockSkewMs = (incoming: Incoming): number => {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u.exec(String(incoming.headers["x-amz-date"]));
  if (!date) return Number.POSITIVE_INFINITY;
  const [, year, month, day, hour, minute, second] = date;
  return Math.abs(Date.now() - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`));
};
