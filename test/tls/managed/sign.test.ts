import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { connect, createServer } from "node:tls";
import * as peculiar from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthority, signLeaf } from "../../../src/tls/managed/sign.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const NAMES = ["podpass.podpass-system.svc", "podpass.podpass-system.svc.cluster.local", "podpass"];

const authority = () => createAuthority({ nowMs: NOW_MS, lifeMs: 365 * DAY_MS });

describe("createAuthority", () => {
  it("makes a CA of a year, which began an hour ago", async () => {
    const { ca, cert } = await authority();
    expect(ca).toMatchObject({ isOwn: true, notBeforeMs: NOW_MS - 3_600_000, notAfterMs: NOW_MS + 365 * DAY_MS });
    const read = new X509Certificate(cert);
    expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
    expect([read.ca, read.checkIssued(read), read.verify(read.publicKey)]).toStrictEqual([true, true, true]);
  });

  it("makes no two that are alike", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, authority));
    const serials = made.map(({ cert }) => new X509Certificate(cert).serialNumber);
    expect(new Set(serials).size).toBe(20);
  });

  it("writes what another reader of certificates reads", async () => {
    const read = new peculiar.X509Certificate((await authority()).cert);
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
  it("signs a leaf for these names and no others, for servers alone, from the CA's beginning on", async () => {
    const signer = await authority();
    const leaf = await signLeaf(signer, { names: NAMES, endMs: NOW_MS + DAY_MS });
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

  it("takes a name that is longer than a subject's may be", async () => {
    const name = `${"a".repeat(63)}.${"b".repeat(63)}.svc`;
    const leaf = await signLeaf(await authority(), { names: [name], endMs: NOW_MS + DAY_MS });
    expect(new X509Certificate(leaf.cert).checkHost(name)).toBe(name);
  });

  it("is trusted by a client that has this CA and an older one of the same name, and by no other", async () => {
    const make = () => createAuthority({ nowMs: Date.now(), lifeMs: DAY_MS });
    const [signer, older] = [await make(), await make()];
    const { cert, key } = await signLeaf(signer, { names: NAMES, endMs: Date.now() + DAY_MS });
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

it("writes every moment of a certificate as OpenSSL reads it", async () => {
  const seconds = fc.integer({ min: Date.parse("1990-01-01") / 1000, max: Date.parse("2090-01-01") / 1000 });
  await fc.assert(
    fc.asyncProperty(seconds, async (second) => {
      const { ca } = await createAuthority({ nowMs: second * 1000, lifeMs: 10_000 });
      expect([ca.notBeforeMs, ca.notAfterMs]).toStrictEqual([second * 1000 - 1000, second * 1000 + 10_000]);
    }),
    { numRuns: 30 },
  );
});
