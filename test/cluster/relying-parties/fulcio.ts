/** Sigstore's Fulcio: a certificate for a key, in the name of a ServiceAccount. */
import { verify, webcrypto } from "node:crypto";
import {
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { bearer, type Handle, type Incoming, json, jsonBody, type Reply } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const lifetimeMs = 10 * 60_000;
const codeSigning = "1.3.6.1.5.5.7.3.3";

// As gRPC's gateway writes errors.
const failure = (status: number, code: number, message: string): Reply => json(status, { code, message, details: [] });

interface CertificateRequest {
  readonly publicKey?: { readonly content?: string; readonly algorithm?: string };
  readonly signedEmailAddress?: string;
}

/** The request's key, where it proves that it has the private one by a signature of `subject`. */
const provenKey = (incoming: Incoming, subject: string): Buffer | undefined => {
  const { publicKey, signedEmailAddress = "" }: CertificateRequest = jsonBody(incoming);
  const key = Buffer.from(publicKey?.content ?? "", "base64");
  try {
    const isProven = verify(
      "sha256",
      Buffer.from(subject),
      { key, format: "der", type: "spki" },
      Buffer.from(signedEmailAddress, "base64"),
    );
    return isProven ? key : undefined;
  } catch {
    return undefined;
  }
};

/** Whom certificates name where the issuer is of the type `kubernetes`. */
const identityOf = (subject: string): string => {
  const [, , namespace, name] = subject.split(":");
  return `https://kubernetes.io/namespaces/${namespace}/serviceaccounts/${name}`;
};

const certify = async (key: Buffer, subject: string): Promise<string> => {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create({
    issuer: "CN=sigstore-intermediate,O=sigstore.dev",
    notBefore: new Date(),
    notAfter: new Date(Date.now() + lifetimeMs),
    signingAlgorithm: algorithm,
    publicKey: new PublicKey(key),
    signingKey: keys.privateKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([codeSigning]),
      new SubjectAlternativeNameExtension([{ type: "url", value: identityOf(subject) }], true),
    ],
  });
  return certificate.toString("pem");
};

/** Answers `POST /api/v1/signingCert`. */
export const fulcio =
  (trust: Trust): Handle =>
  async (incoming) => {
    if (incoming.method !== "POST" || incoming.path !== "/api/v1/signingCert") return undefined;
    const verdict = await verifyToken(bearer(incoming), trust);
    if (verdict.kind === "refused") return failure(401, 16, "There was an error processing the identity token");
    const key = provenKey(incoming, verdict.subject);
    if (key === undefined) return failure(400, 3, "The signature supplied in the request could not be verified");
    return { status: 201, headers: { SCT: "" }, body: await certify(key, verdict.subject) };
  };
