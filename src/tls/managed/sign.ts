/**
 * Making CAs and the leaves that they sign. Node.js has the keys and the signatures, and no way to make a certificate of
 * them; docs/adr/0006 says why no library does.
 * @see https://www.rfc-editor.org/rfc/rfc5280
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { readCertificate, type ServingCertificate } from "../certificate.ts";
import { type Authority, CURVE, OWN_SUBJECT, readAuthority } from "./certificates.ts";
import { bits, type Der, integer, octets, oid, sequence, setOf, TRUE, tagged, time, utf8 } from "./der.ts";

/** A handshake signs with the leaf's key. Measured: 0.04 ms with P-256, 0.9 ms with P-384. */
const LEAF_CURVE = "prime256v1";

const HOUR_MS = 3_600_000;

/** API servers' clocks differ a little, so a CA begins before it is made; a short one not long before. */
const startedBefore = (lifeMs: number): number => Math.min(HOUR_MS, lifeMs / 10);

const SIGNATURE = sequence(oid("1.2.840.10045.4.3.3")); // ecdsa-with-SHA384

const attribute = (type: string, value: string): Der => setOf(sequence(oid(type), utf8(value)));

const commonName = (name: string): Der => attribute("2.5.4.3", name);

const OWN_NAME = sequence(attribute("2.5.4.10", OWN_SUBJECT.organization), commonName(OWN_SUBJECT.name));

const critical = (type: string, value: Der): Der => sequence(oid(type), TRUE, octets(value));

const extension = (type: string, value: Der): Der => sequence(oid(type), octets(value));

/** What tells a key from another: section 4.2.1.2. */
const keyIdentifier = (key: KeyObject): Buffer => {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const point = [Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  return createHash("sha1").update(Buffer.concat(point)).digest();
};

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";

const caExtensions = (key: KeyObject): readonly Der[] => [
  // A CA, and none below it.
  critical(BASIC_CONSTRAINTS, sequence(TRUE, integer(Buffer.from([0])))),
  // keyCertSign, cRLSign
  critical(KEY_USAGE, bits(Buffer.from([0b0000_0110]), 1)),
  extension("2.5.29.14", octets(keyIdentifier(key))),
];

const leafExtensions = (names: readonly string[], issuerKey: KeyObject): readonly Der[] => [
  critical(BASIC_CONSTRAINTS, sequence()),
  // digitalSignature
  critical(KEY_USAGE, bits(Buffer.from([0b1000_0000]), 7)),
  // serverAuth
  extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
  extension("2.5.29.17", sequence(...names.map((name) => tagged(0x82, Buffer.from(name))))),
  extension("2.5.29.35", sequence(tagged(0x80, keyIdentifier(issuerKey)))),
];

interface Content {
  readonly subject: Der;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly key: KeyObject;
  readonly extensions: readonly Der[];
}

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;

/** Each certificate has a number of its own: of 159 bits, which is the longest that a positive one may have. */
const serialNumber = (): Der => {
  const bytes = randomBytes(20);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return integer(bytes);
};

/** Every issuer is one of our CAs, and all of those have the same name. */
const certify = (
  { subject, notBeforeMs, notAfterMs, key, extensions }: Content,
  signingKey: KeyObject | string,
): string => {
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    serialNumber(),
    SIGNATURE,
    OWN_NAME,
    sequence(time(notBeforeMs), time(notAfterMs)),
    subject,
    key.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  return pem("CERTIFICATE", sequence(content, SIGNATURE, bits(sign("sha384", content, signingKey))));
};

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/** How long something lives; milliseconds since 1970, and milliseconds. */
export interface Life {
  readonly nowMs: number;
  readonly lifeMs: number;
}

/** Makes a CA that signs leaves and no other CA. */
export const createAuthority = ({ nowMs, lifeMs }: Life): Authority => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: CURVE });
  const content = {
    subject: OWN_NAME,
    notBeforeMs: nowMs - startedBefore(lifeMs),
    notAfterMs: nowMs + lifeMs,
    key: publicKey,
    extensions: caExtensions(publicKey),
  };
  const made = readAuthority(certify(content, privateKey), pemOf(privateKey));
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
 * clock that is behind ours refuses it.
 */
export const signLeaf = (authority: Authority, { names, endMs }: LeafOptions): ServingCertificate => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: LEAF_CURVE });
  const content = {
    // A subject's name has 64 characters at most; clients look at the alternative names alone.
    subject: sequence(commonName(names[0]?.slice(0, 64) ?? "")),
    notBeforeMs: authority.ca.notBeforeMs,
    notAfterMs: endMs,
    key: publicKey,
    extensions: leafExtensions(names, createPublicKey(authority.key)),
  };
  const cert = certify(content, authority.key);
  const made = readCertificate(cert, pemOf(privateKey));
  if ("problem" in made) throw new Error(`the leaf that was signed cannot be served: ${made.problem}`);
  if (!new X509Certificate(cert).checkIssued(new X509Certificate(authority.cert)))
    throw new Error("the leaf that was signed is not its CA's");
  return made.certificate;
};
