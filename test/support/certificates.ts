/** Certificates for tests: a CA, and what it signs. */
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;

/** A certificate and its key; PEM both. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** From when until when, in milliseconds from now. */
export interface Validity {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** A certificate authority. */
export interface Authority {
  readonly ca: string;
  /** A serving certificate for localhost and 127.0.0.1, valid for an hour unless told. */
  issue(validity?: Validity): Promise<Pair>;
}

const generateKeys = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const sign = async (ca: X509Certificate, signingKey: CryptoKey, validity: Validity): Promise<Pair> => {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=localhost",
    issuer: ca.subject,
    notBefore: new Date(Date.now() + (validity.fromMs ?? -HOUR_MS)),
    notAfter: new Date(Date.now() + (validity.untilMs ?? HOUR_MS)),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { cert: certificate.toString("pem"), key };
};

/** Makes an authority. */
export const createAuthority = async (): Promise<Authority> => {
  const keys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: "CN=test CA",
    notBefore: new Date(Date.now() - 48 * HOUR_MS),
    notAfter: new Date(Date.now() + 48 * HOUR_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  return { ca: ca.toString("pem"), issue: (validity = {}) => sign(ca, keys.privateKey, validity) };
};
