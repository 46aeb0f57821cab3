/** A certificate authority for one test run, and the serving certificates that it signs. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { bits, boolean, element, integer, objectId, octets, sequence, set, utcTime, utf8 } from "./der.ts";

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A certificate authority; `issue` signs a serving certificate for host names and IPv4 addresses. */
export interface Authority {
  readonly caPem: string;
  issue(names: readonly string[]): KeyPair;
}

const dayMs = 86_400_000;
const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));
const oids = {
  commonName: "2.5.4.3",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  subjectAltName: "2.5.29.17",
  subjectKeyId: "2.5.29.14",
  authorityKeyId: "2.5.29.35",
} as const;

const distinguishedName = (name: string): Buffer => sequence(set(sequence(objectId(oids.commonName), utf8(name))));
const extension = (oid: string, value: Buffer, isCritical = false): Buffer =>
  sequence(objectId(oid), ...(isCritical ? [boolean(true)] : []), octets(value));
const publicDer = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });
const keyId = (key: KeyObject): Buffer => createHash("sha1").update(publicDer(key)).digest();
const pem = (der: Buffer): string => {
  const lines = der.toString("base64").replace(/.{64}/gu, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};

interface CertificateFields {
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const certificate = ({ issuer, issuerKey, subject, subjectKey, extensions }: CertificateFields): string => {
  const content = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...randomBytes(15)])),
    ecdsaWithSha256,
    distinguishedName(issuer),
    sequence(utcTime(new Date(Date.now() - dayMs)), utcTime(new Date(Date.now() + 7 * dayMs))),
    distinguishedName(subject),
    publicDer(subjectKey),
    element(0xa3, sequence(...extensions)),
  );
  return pem(sequence(content, ecdsaWithSha256, bits(sign("sha256", content, issuerKey))));
};

const alternativeName = (name: string): Buffer =>
  isIP(name) === 4 ? element(0x87, Buffer.from(name.split(".").map(Number))) : element(0x82, Buffer.from(name));

/** Makes a self-signed authority. */
export const createAuthority = (name: string): Authority => {
  const ca = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const caPem = certificate({
    issuer: name,
    issuerKey: ca.privateKey,
    subject: name,
    subjectKey: ca.publicKey,
    extensions: [
      extension(oids.basicConstraints, sequence(boolean(true)), true),
      extension(oids.keyUsage, bits(Buffer.from([0b1000_0100]), 2), true),
      extension(oids.subjectKeyId, octets(keyId(ca.publicKey))),
    ],
  });
  const issue = (names: readonly string[]): KeyPair => {
    const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const certPem = certificate({
      issuer: name,
      issuerKey: ca.privateKey,
      subject: names[0] ?? "localhost",
      subjectKey: leaf.publicKey,
      extensions: [
        extension(oids.subjectAltName, sequence(...names.map(alternativeName))),
        extension(oids.extendedKeyUsage, sequence(objectId(oids.serverAuth))),
        extension(oids.authorityKeyId, sequence(element(0x80, keyId(ca.publicKey)))),
      ],
    });
    return { certPem, keyPem: leaf.privateKey.export({ type: "pkcs8", format: "pem" }) as string };
  };
  return { caPem, issue };
};
