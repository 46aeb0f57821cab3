/** Certificates as they come out of a Secret or a `caBundle`: whoever may write there may have written anything. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { messageOf } from "../../reasons/text.ts";
import type { Ca } from "./facts.ts";

/** The subject of each CA that Podpass makes. */
export const OWN_SUBJECT = { organization: "podpass.dev", name: "podpass-ca" } as const;

const OWN_SUBJECT_TEXT = `O=${OWN_SUBJECT.organization}\nCN=${OWN_SUBJECT.name}`;

/** In characters; one of ours has 900. */
const MAX_PEM_LENGTH = 16 * 1024;

/** In characters of base64. */
const MAX_BUNDLE_LENGTH = 256 * 1024;

/** In one `caBundle`; those after them are not looked at. */
const MAX_LOOKED_AT = 64;

/** The curve of each CA of ours: P-384, under the name that OpenSSL has for it. */
const CURVE = "secp384r1";

/** A certificate of a CA, and the text that it was. */
export interface CaCertificate {
  readonly ca: Ca;
  /** PEM. */
  readonly cert: string;
}

/** A CA that can sign. */
export interface Authority extends CaCertificate {
  /** PEM. */
  readonly key: string;
}

const PEM = /-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----/g;

const factsOf = (certificate: X509Certificate): Ca => ({
  id: certificate.fingerprint256,
  notBeforeMs: Date.parse(certificate.validFrom),
  notAfterMs: Date.parse(certificate.validTo),
  isOwn: certificate.subject === OWN_SUBJECT_TEXT,
});

const readOne = (text: string): { readonly certificate: X509Certificate } | { readonly problem: string } => {
  if (text.length > MAX_PEM_LENGTH) return { problem: `is longer than ${MAX_PEM_LENGTH} characters` };
  const found = text.match(PEM) ?? [];
  if (found.length !== 1) return { problem: `has ${found.length} certificates; allowed: one, in PEM` };
  try {
    return { certificate: new X509Certificate(text) };
  } catch (error) {
    return { problem: `is no certificate: ${messageOf(error)}` };
  }
};

/** One certificate, without its key; or what is wrong with the text, to follow its name. */
export const readCaCertificate = (text: string): CaCertificate | { readonly problem: string } => {
  const read = readOne(text);
  if ("problem" in read) return read;
  return { ca: factsOf(read.certificate), cert: read.certificate.toString() };
};

const readKey = (text: string): KeyObject | { readonly problem: string } => {
  if (text.length > MAX_PEM_LENGTH) return { problem: `is longer than ${MAX_PEM_LENGTH} characters` };
  try {
    return createPrivateKey(text);
  } catch (error) {
    return { problem: `is no private key in PEM: ${messageOf(error)}` };
  }
};

/** What keeps it from being a CA that Podpass made; to follow the name of the text. */
const notOwnBecause = (certificate: X509Certificate): string | undefined => {
  if (!certificate.ca) return "is not the certificate of a CA";
  if (!factsOf(certificate).isOwn) return "is a CA that Podpass did not make";
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== "ec" || asymmetricKeyDetails?.namedCurve !== CURVE)
    return "has a key of another kind; allowed: ECDSA with P-384";
  return certificate.verify(certificate.publicKey) ? undefined : "is not signed with its own key";
};

/** The CA whose certificate and key these texts are; or a sentence about what is wrong. That it is in date is not judged. */
export const readAuthority = (cert: string, key: string): Authority | { readonly problem: string } => {
  const read = readOne(cert);
  if ("problem" in read) return { problem: `ca.crt ${read.problem}` };
  const { certificate } = read;
  const problem = notOwnBecause(certificate);
  if (problem !== undefined) return { problem: `ca.crt ${problem}` };
  const privateKey = readKey(key);
  if ("problem" in privateKey) return { problem: `ca.key ${privateKey.problem}` };
  if (!certificate.checkPrivateKey(privateKey)) return { problem: "ca.key is not the key of ca.crt" };
  return { ca: factsOf(certificate), cert: certificate.toString(), key };
};

/** What is in a `caBundle`. */
export interface Bundle {
  readonly certificates: readonly CaCertificate[];
  /** There is nothing else in it, and none is there twice. */
  readonly isTidy: boolean;
}

const EMPTY: Bundle = { certificates: [], isTidy: true };

/** Reads a `caBundle`, which is PEM in base64; what is no certificate is passed over. */
export const readBundle = (base64: string): Bundle => {
  if (base64 === "") return EMPTY;
  if (base64.length > MAX_BUNDLE_LENGTH) return { certificates: [], isTidy: false };
  const text = Buffer.from(base64, "base64").toString("latin1");
  const found = text.match(PEM) ?? [];
  const certificates = new Map<string, CaCertificate>();
  for (const one of found.slice(0, MAX_LOOKED_AT)) {
    const read = readCaCertificate(one);
    if ("ca" in read) certificates.set(read.ca.id, read);
  }
  const isTidy = certificates.size === found.length && text.replace(PEM, "").trim() === "";
  return { certificates: [...certificates.values()], isTidy };
};

/** The text of a `caBundle` with these certificates: PEM in base64. */
export const writeBundle = (certificates: readonly CaCertificate[]): string =>
  Buffer.from(certificates.map(({ cert }) => `${cert.trim()}\n`).join("")).toString("base64");
