import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { connect, createServer } from "node:tls";
import * as peculiar from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { bits, integer, oid, tagged, time } from "../../../src/tls/managed/der.ts";
import { createAuthority, signLeaf } from "../../../src/tls/managed/sign.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const NAMES = ["podpass.podpass-system.svc", "podpass.podpass-system.svc.cluster.local", "podpass"];

const authority = () => createAuthority({ nowMs: NOW_MS, lifeMs: 365 * DAY_MS });

describe("createAuthority", () => {
  it("makes a CA of a year, which began an hour ago", () => {
    const { ca, cert } = authority();
    expect(ca).toMatchObject({ isOwn: true, notBeforeMs: NOW_MS - 3_600_000, notAfterMs: NOW_MS + 365 * DAY_MS });
    const read = new X509Certificate(cert);
    expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
    expect([read.ca, read.checkIssued(read), read.verify(read.publicKey)]).toStrictEqual([true, true, true]);
  });

  it("makes no two that are alike", () => {
    const serials = Array.from({ length: 20 }, () => new X509Certificate(authority().cert).serialNumber);
    expect(new Set(serials).size).toBe(20);
  });

  it("writes what another reader of certificates reads", async () => {
    const read = new peculiar.X509Certificate(authority().cert);
    expect(read.subject).toBe("O=podpass.dev, CN=podpass-ca");
    expect(await read.isSelfSigned()).toBe(true);
    const constraints = read.getExtension(peculiar.BasicConstraintsExtension);
    expect([constraints?.critical, constraints?.ca, constraints?.pathLength]).toStrictEqual([true, true, 0]);
    const usages = read.getExtension(peculiar.KeyUsagesExtension);
    expect(usages?.usages).toBe(peculiar.KeyUsageFlags.keyCertSign | peculiar.KeyUsageFlags.cRLSign);
    const identifier = await peculiar.SubjectKeyIdentifierExtension.create(read.publicKey);
    expect(read.getExtension(peculiar.SubjectKeyIdentifierExtension)?.keyId).toBe(identifier.keyId);
  });
});

describe("signLeaf", () => {
  it("signs a leaf for these names and no others, for servers alone, from the CA's beginning on", () => {
    const signer = authority();
    const leaf = signLeaf(signer, { names: NAMES, endMs: NOW_MS + DAY_MS });
    const read = new X509Certificate(leaf.cert);
    expect(read.subjectAltName).toBe(NAMES.map((name) => `DNS:${name}`).join(", "));
    expect(read.checkHost("podpass.podpass-system.svc")).toBeDefined();
    expect(read.checkHost("podpass.other.svc")).toBeUndefined();
    expect([leaf.notBefore.getTime(), leaf.notAfter.getTime()]).toStrictEqual([signer.ca.notBeforeMs, NOW_MS + DAY_MS]);
    expect([read.ca, read.verify(new X509Certificate(signer.cert).publicKey)]).toStrictEqual([false, true]);
    expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    const other = new peculiar.X509Certificate(leaf.cert);
    const usages = other.getExtension(peculiar.ExtendedKeyUsageExtension)?.usages;
    expect([...(usages ?? [])]).toStrictEqual([peculiar.ExtendedKeyUsage.serverAuth]);
    const keyId = new peculiar.X509Certificate(signer.cert).getExtension(peculiar.SubjectKeyIdentifierExtension)?.keyId;
    expect(other.getExtension(peculiar.AuthorityKeyIdentifierExtension)?.keyId).toBe(keyId);
  });

  it("takes a name that is longer than a subject's may be", () => {
    const name = `${"a".repeat(63)}.${"b".repeat(63)}.svc`;
    const leaf = signLeaf(authority(), { names: [name], endMs: NOW_MS + DAY_MS });
    expect(new X509Certificate(leaf.cert).checkHost(name)).toBe(name);
  });

  it("is trusted by a client that has this CA and an older one of the same name, and by no other", async () => {
    const [signer, older] = [0, 1].map(() => createAuthority({ nowMs: Date.now(), lifeMs: DAY_MS }));
    if (signer === undefined || older === undefined) throw new Error("there are none");
    const { cert, key } = signLeaf(signer, { names: NAMES, endMs: Date.now() + DAY_MS });
    const server = createServer({ cert, key }, (socket) => socket.end());
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const shake = (ca: readonly string[]) =>
      new Promise<string>((resolve) => {
        const socket = connect({ host: "127.0.0.1", port, servername: NAMES[0] ?? "", ca: [...ca] });
        socket.once("secureConnect", () => resolve("trusted")).once("error", ({ message }) => resolve(message));
        socket.resume();
      });
    expect(await shake([older.cert, signer.cert])).toBe("trusted");
    expect(await shake([older.cert])).not.toBe("trusted");
  });
});

describe("DER", () => {
  it.each<[string, Buffer, string]>([
    ["a long length", tagged(0x04, Buffer.alloc(300)).subarray(0, 4), "0482012c"],
    ["a length of two bytes", tagged(0x04, Buffer.alloc(200)).subarray(0, 3), "0481c8"],
    ["zero", integer(Buffer.from([0, 0])), "020100"],
    ["a number with its first bit set", integer(Buffer.from([0x80])), "02020080"],
    ["a number without leading zeros", integer(Buffer.from([0, 0x7f])), "02017f"],
    ["an identifier", oid("1.2.840.10045.4.3.3"), "06082a8648ce3d040303"],
    ["bits", bits(Buffer.from([0x80]), 7), "03020780"],
    [
      "a moment before 2050",
      time(Date.parse("2049-12-31T23:59:59.999Z")),
      `170d${Buffer.from("491231235959Z").toString("hex")}`,
    ],
    ["one after", time(Date.parse("2050-01-01T00:00:00Z")), `180f${Buffer.from("20500101000000Z").toString("hex")}`],
  ])("writes %s", (_, der, hex) => {
    expect(der.toString("hex")).toBe(hex);
  });

  it("writes every moment of a certificate as others read it", () => {
    const seconds = fc.integer({ min: Date.parse("1990-01-01") / 1000, max: Date.parse("2090-01-01") / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        const { ca } = createAuthority({ nowMs: second * 1000, lifeMs: 10_000 });
        expect([ca.notBeforeMs, ca.notAfterMs]).toStrictEqual([second * 1000 - 1000, second * 1000 + 10_000]);
      }),
      { numRuns: 30 },
    );
  });
});
