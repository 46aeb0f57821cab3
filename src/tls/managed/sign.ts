/**
 * Making CAs and the leaves that they sign. Node.js has the keys and the signatures, and no way to make a certificate of
 * them: `@peculiar/x509` has, and is loaded when the first one is made.
 * @see https://www.rfc-editor.org/rfc/rfc5280
 */
import { createPrivateKey, createPublicKey, webcrypto, X509Certificate } from "node:crypto";
import { readCertificate, type ServingCertificate } from "../certificate.ts";
import { type Authority, OWN_SUBJECT, readAuthority } from "./certificates.ts";

const CA_KEY = { name: "ECDSA", namedCurve: "P-384" };

/** A handshake signs with the leaf's key. Measured: 0.04 ms with P-256, 0.9 ms with P-384. */
const LEAF_KEY = { name: "ECDSA", namedCurve: "P-256" };

const SIGNATURE = { name: "ECDSA", hash: "SHA-384" };

const OWN_NAME = [{ O: [OWN_SUBJECT.organization] }, { CN: [OWN_SUBJECT.name] }];

const HOUR_MS = 3_600_000;

/** API servers' clocks differ a little, so a CA begins before it is made; a short one not long before. */
const startedBefore = (lifeMs: number): number => Math.min(HOUR_MS, lifeMs / 10);

const load = () => import("./x509.ts");

const makeKeys = (algorithm: typeof CA_KEY) => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const pemOf = async ({ privateKey }: Awaited<ReturnType<typeof makeKeys>>): Promise<string> => {
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
  return createPrivateKey({ key, format: "der", type: "pkcs8" }).export({ type: "pkcs8", format: "pem" }).toString();
};

/** How long something lives; milliseconds since 1970, and milliseconds. */
export interface Life {
  readonly nowMs: number;
  readonly lifeMs: number;
}

/** Makes a CA that signs leaves and no other CA. Rejects where OpenSSL does not read what was made. */
export const createAuthority = async ({ nowMs, lifeMs }: Life): Promise<Authority> => {
  const x509 = await load();
  const keys = await makeKeys(CA_KEY);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: OWN_NAME,
    notBefore: new Date(nowMs - startedBefore(lifeMs)),
    notAfter: new Date(nowMs + lifeMs),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const made = readAuthority(certificate.toString("pem"), await pemOf(keys));
  if ("problem" in made) throw new Error(`the CA that was made cannot be used: ${made.problem}`);
  return made;
};

/** What a leaf is for, and until when; milliseconds since 1970. */
export interface LeafOptions {
  /** DNS names; the first is the subject's. */
  readonly names: readonly string[];
  readonly endMs: number;
}

/**
 * Has `authority` sign a leaf with a key of its own. It begins when the CA does: nothing hangs on its beginning, and so no
 * clock that is behind ours refuses it. Rejects where OpenSSL does not read what was made.
 */
export const signLeaf = async (authority: Authority, { names, endMs }: LeafOptions): Promise<ServingCertificate> => {
  const x509 = await load();
  const keys = await makeKeys(LEAF_KEY);
  const certificate = await x509.X509CertificateGenerator.create({
    // A subject's name has 64 characters at most; clients look at the alternative names alone.
    subject: [{ CN: [names[0]?.slice(0, 64) ?? ""] }],
    issuer: OWN_NAME,
    notBefore: new Date(authority.ca.notBeforeMs),
    notAfter: new Date(endMs),
    signingAlgorithm: SIGNATURE,
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.key).toCryptoKey(CA_KEY, false, ["sign"]),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      await x509.AuthorityKeyIdentifierExtension.create(
        createPublicKey(authority.key).toCryptoKey(CA_KEY, true, ["verify"]),
      ),
    ],
  });
  const cert = certificate.toString("pem");
  const made = readCertificate(cert, await pemOf(keys));
  if ("problem" in made) throw new Error(`the leaf that was signed cannot be served: ${made.problem}`);
  if (!new X509Certificate(cert).checkIssued(new X509Certificate(authority.cert)))
    throw new Error("the leaf that was signed is not its CA's");
  return made.certificate;
};
