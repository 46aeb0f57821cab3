/** Certificates from PEM texts and Secrets, as plain values. */
import { X509Certificate } from "node:crypto";
import type { Bundle, CaSecret, Certificate, Leaf } from "../../check/certificates.ts";
import { type JsonObject, mapAt } from "../../check/json.ts";
import { messageOf } from "../../reasons/text.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";
/** Of a bundle; two are there during a rotation. */
const MAX_CERTIFICATES = 100;

const blocksIn = (pem: string): readonly string[] =>
  pem
    .split(BEGIN)
    .slice(1, MAX_CERTIFICATES + 1)
    .map((rest) => `${BEGIN}${rest.slice(0, rest.indexOf(END) + 1 || rest.length)}${END.slice(1)}\n`);

type Parsed = { readonly certificates: readonly X509Certificate[] } | { readonly problem: string };

const parse = (pem: string): Parsed => {
  const blocks = blocksIn(pem);
  if (blocks.length === 0) return { problem: "there is no PEM certificate in it" };
  try {
    return { certificates: blocks.map((block) => new X509Certificate(block)) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
};

const plain = (certificate: X509Certificate): Certificate => ({
  subject: certificate.subject.replaceAll("\n", ", "),
  fingerprint: certificate.fingerprint256,
  notBefore: Date.parse(certificate.validFrom),
  notAfter: Date.parse(certificate.validTo),
});

const bundleOf = (parsed: Parsed): Bundle =>
  "problem" in parsed ? parsed : { certificates: parsed.certificates.map(plain) };

const decode = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");

/** A `caBundle` as it is in an object; undefined where it is empty. */
export const readCaBundle = (base64: string): Bundle | undefined =>
  base64 === "" ? undefined : bundleOf(parse(decode(base64)));

const bundleAt = (secret: JsonObject, key: string): Bundle | undefined =>
  readCaBundle(mapAt(secret, "data").get(key) ?? "");

/** The CA's Secret. */
export const readCaSecret = (secret: JsonObject): CaSecret => ({
  current: bundleAt(secret, "ca.crt"),
  previous: bundleAt(secret, "previous-ca.crt"),
});

/** What a serving certificate is held against. */
export interface LeafContext {
  readonly secret: string;
  readonly key: string;
  /** The Service's DNS name. */
  readonly host: string;
  /** Of the webhook configurations; each has to vouch for it that is not empty. */
  readonly caBundles: readonly string[];
}

const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.fingerprint256 === authority.fingerprint256 ||
  (certificate.checkIssued(authority) && certificate.verify(authority.publicKey));

const vouchesFor = (caBundle: string, chain: readonly X509Certificate[]): boolean => {
  const bundle = parse(decode(caBundle));
  const authorities = "certificates" in bundle ? bundle.certificates : [];
  return chain.some((one) => authorities.some((authority) => isIssuedBy(one, authority)));
};

/** The serving certificate in `secret`; undefined where it holds none. */
export const readLeaf = (secret: JsonObject, { secret: name, key, host, caBundles }: LeafContext): Leaf | undefined => {
  const base64 = mapAt(secret, "data").get(key);
  if (base64 === undefined || base64 === "") return undefined;
  const parsed = parse(decode(base64));
  const chain = "certificates" in parsed ? parsed.certificates : [];
  return {
    secret: name,
    bundle: bundleOf(parsed),
    isForService: chain[0]?.checkHost(host) !== undefined,
    isTrusted: caBundles.filter((one) => one !== "").every((one) => vouchesFor(one, chain)),
  };
};
