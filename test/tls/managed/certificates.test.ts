import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createAuthority as createForeign, type KeyPair } from "../../../scripts/certificates.ts";
import {
  type Authority,
  readAuthority,
  readBundle,
  readCaCertificate,
  writeBundle,
} from "../../../src/tls/managed/certificates.ts";
import { createAuthority, signLeaf } from "../../../src/tls/managed/sign.ts";

const HOUR_MS = 3_600_000;
const make = (): Promise<Authority> => createAuthority({ nowMs: Date.now(), lifeMs: HOUR_MS });

let own: Authority;
let other: Authority;
let foreign: string;
let foreignLeaf: KeyPair;
let ownLeaf: string;

beforeAll(async () => {
  own = await make();
  other = await make();
  ownLeaf = (await signLeaf(own, { names: ["a"], endMs: Date.now() + HOUR_MS })).cert;
  const authority = await createForeign("somebody else's");
  foreign = authority.ca;
  foreignLeaf = await authority.issue();
});

/** PEM as before, and other bytes in it. */
const spoilt = (cert: string): string => cert.replace(/\n[A-Za-z0-9+/]{64}/, `\n${"A".repeat(64)}`);

const problemOf = (cert: string, key: string): string => {
  const read = readAuthority(cert, key);
  return "problem" in read ? read.problem : "";
};

const pkcs8 = (namedCurve: string): string =>
  generateKeyPairSync("ec", { namedCurve }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("readAuthority", () => {
  it("takes back what was made", () => {
    expect(readAuthority(own.cert, own.key)).toStrictEqual(own);
    expect(own.ca.isOwn).toBe(true);
    expect(readAuthority(`\n${own.cert}\n\n`, own.key)).toStrictEqual(own);
  });

  it.each<[string, () => readonly [string, string], string]>([
    ["nothing", () => ["", ""], "ca.crt has 0 certificates; allowed: one, in PEM"],
    ["nonsense", () => ["nonsense", own.key], "ca.crt has 0 certificates"],
    ["half a certificate", () => [own.cert.slice(0, 300), own.key], "ca.crt has 0 certificates"],
    ["a spoilt certificate", () => [spoilt(own.cert), own.key], "ca.crt is no certificate"],
    ["two certificates", () => [own.cert + other.cert, own.key], "ca.crt has 2 certificates"],
    ["megabytes", () => [own.cert.repeat(2000), own.key], "ca.crt is longer than 16384 characters"],
    ["a leaf", () => [ownLeaf, own.key], "is not the certificate of a CA"],
    ["a foreign CA", () => [foreign, foreignLeaf.key], "ca.crt is a CA that Podpass did not make"],
    ["no key", () => [own.cert, "nonsense"], "ca.key is no private key in PEM"],
    ["a long key", () => [own.cert, own.key.repeat(100)], "ca.key is longer than 16384 characters"],
    ["another CA's key", () => [own.cert, other.key], "ca.key is not the key of ca.crt"],
    ["a key of another curve", () => [own.cert, pkcs8("prime256v1")], "ca.key is not the key of ca.crt"],
  ])("refuses %s", (_, texts, problem) => {
    expect(problemOf(...texts())).toContain(problem);
  });

  it("never repeats a key", () => {
    const secret = own.key.split("\n")[1] ?? "";
    for (const text of [
      problemOf(own.cert, other.key),
      problemOf(own.key, own.cert),
      problemOf(own.cert, `${own.key}x`),
    ])
      expect(text).not.toContain(secret.slice(0, 20));
  });
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const idsIn = (text: string) => readBundle(text).certificates.map(({ ca }) => ca.id);

describe("readBundle", () => {
  it("takes back what was written, and knows whose CAs they are", () => {
    const theirs = readCaCertificate(foreign);
    if ("problem" in theirs) throw new Error(theirs.problem);
    const bundle = readBundle(writeBundle([own, theirs]));
    expect(bundle.isTidy).toBe(true);
    expect(bundle.certificates.map(({ ca }) => ca)).toStrictEqual([own.ca, theirs.ca]);
    expect(bundle.certificates.map(({ ca }) => ca.isOwn)).toStrictEqual([true, false]);
  });

  it.each<[string, () => string, () => readonly string[], boolean]>([
    ["is empty", () => "", () => [], true],
    ["is no base64", () => "%%%", () => [], true],
    ["is nonsense", () => base64("nonsense"), () => [], false],
    ["has the same twice", () => base64(own.cert + own.cert), () => [own.ca.id], false],
    ["has text between", () => base64(`# ours\n${own.cert}`), () => [own.ca.id], false],
    ["has a key in it", () => base64(own.cert + own.key), () => [own.ca.id], false],
    ["has a spoilt one", () => base64(spoilt(own.cert) + other.cert), () => [other.ca.id], false],
    ["is larger than is read", () => base64(own.cert.repeat(400)), () => [], false],
  ])("reads one that %s", (_, text, ids, isTidy) => {
    expect(idsIn(text())).toStrictEqual(ids());
    expect(readBundle(text()).isTidy).toBe(isTidy);
  });

  it("takes time in proportion to a hostile text", () => {
    const began = performance.now();
    readBundle(base64("-----BEGIN CERTIFICATE-----".repeat(6000)));
    readBundle(base64(`-----BEGIN CERTIFICATE-----${"A".repeat(190_000)}`));
    expect(performance.now() - began).toBeLessThan(500);
  });
});
