/** Throw-away certificates for the demo, the benchmark and the tests; never for a cluster that anybody uses. */
import "reflect-metadata";
import { mkdirSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** A certificate and its key; PEM both. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What a serving certificate is for. */
export interface ServingOptions {
  /** DNS names and IP addresses. Default: localhost and 127.0.0.1. */
  readonly names?: readonly string[];
  /** From when, in milliseconds from now. Default: an hour ago. */
  readonly fromMs?: number;
  /** Until when, in milliseconds from now. Default: a week. */
  readonly untilMs?: number;
}

/** A certificate authority. */
export interface Authority {
  /** Its certificate, PEM. */
  readonly ca: string;
  /** A serving certificate that it signs. */
  issue(options?: ServingOptions): Promise<KeyPair>;
}

const generateKeys = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const LOOPBACK = ["localhost", "127.0.0.1"];

/** Makes an authority. Its certificates have what the strictest client of the tests asks for, which is Python's. */
export const createAuthority = async (name = "Podpass throw-away CA"): Promise<Authority> => {
  const authorityKeys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - WEEK_MS),
    notAfter: new Date(Date.now() + WEEK_MS),
    signingAlgorithm: algorithm,
    keys: authorityKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });

  const issue = async ({ names = LOOPBACK, fromMs = -HOUR_MS, untilMs = WEEK_MS }: ServingOptions = {}) => {
    const keys = await generateKeys();
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${names[0]}`,
      issuer: ca.subject,
      notBefore: new Date(Date.now() + fromMs),
      notAfter: new Date(Date.now() + untilMs),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }))),
        await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      ],
    });
    const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { cert: certificate.toString("pem"), key };
  };
  return { ca: ca.toString("pem"), issue };
};

/** Files of a certificate that a client trusts with `ca`. */
export interface CertificateFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Writes a new authority's certificate, and one for loopback that it signs, into `directory`. */
export const writeCertificates = async (directory: string): Promise<CertificateFiles> => {
  const { ca, issue } = await createAuthority();
  const { cert, key } = await issue({ names: ["podpass.podpass-system.svc", ...LOOPBACK] });
  mkdirSync(directory, { recursive: true });
  const write = (name: string, pem: string): string => {
    const path = join(directory, name);
    writeFileSync(path, pem, { mode: 0o600 });
    return path;
  };
  return { ca: write("ca.crt", ca), certificate: write("tls.crt", cert), key: write("tls.key", key) };
};
