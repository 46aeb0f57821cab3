import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Authority, createAuthority, type KeyPair } from "../../scripts/certificates.ts";
import { readCertificate, unusableBecause } from "../../src/tls/certificate.ts";
import { openCertificateFiles } from "../../src/tls/files.ts";
import type { OnCertificate } from "../../src/tls/source.ts";
import { eventually } from "../support/eventually.ts";
import { MountedVolume, temporaryFolder } from "../support/folder.ts";

const HOUR_MS = 3_600_000;
let authority: Authority;
let pair: KeyPair;
let other: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  [pair, other] = await Promise.all([authority.issue({ untilMs: HOUR_MS }), authority.issue()]);
});

const problemOf = (cert: string, key: string): string => {
  const read = readCertificate(cert, key);
  return "problem" in read ? read.problem : "";
};

describe("readCertificate", () => {
  it("takes a pair, also with a chain", () => {
    expect(readCertificate(pair.cert, pair.key)).toHaveProperty("certificate");
    expect(readCertificate(`${pair.cert}\n${authority.ca}`, pair.key)).toHaveProperty("certificate");
  });

  it("refuses a key that is not the certificate's", () => {
    expect(problemOf(pair.cert, other.key)).toContain("the key is not the certificate's");
  });

  it("refuses what is no certificate, and what is no key", () => {
    expect(problemOf("nonsense", pair.key)).toContain("the certificate is not PEM");
    expect(problemOf(pair.cert, "nonsense")).toContain("the key or the chain cannot be used");
  });

  it("refuses a key behind a passphrase", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const locked = privateKey
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
      .toString();
    expect(problemOf(pair.cert, locked)).toContain("the key or the chain cannot be used");
  });

  it("never repeats the key", () => {
    expect(problemOf(pair.cert, other.key)).not.toContain(other.key.split("\n")[1]);
  });
});

describe("unusableBecause", () => {
  const at = (ms: number) => {
    const read = readCertificate(pair.cert, pair.key);
    if ("problem" in read) throw new Error(read.problem);
    return unusableBecause(read.certificate, Date.now() + ms);
  };

  it("goes by the clock", () => {
    expect(at(0)).toBeUndefined();
    expect(at(2 * HOUR_MS)).toMatch(/^the serving certificate expired at \d{4}-/);
    expect(at(-2 * HOUR_MS)).toMatch(/^the serving certificate is not valid before \d{4}-/);
  });
});

const files = ({ cert, key }: KeyPair) => ({ "tls.crt": cert, "tls.key": key });

const openVolume = async (first: KeyPair) => {
  const volume = new MountedVolume(temporaryFolder());
  await volume.swap(files(first));
  const opened = await openCertificateFiles({
    certPath: volume.path("tls.crt"),
    keyPath: volume.path("tls.key"),
    timing: { pollMs: 50, quietMs: 10 },
  });
  if ("problem" in opened) throw new Error(opened.problem);
  const { source } = opened;
  onTestFinished(() => source.close());
  const results: Parameters<OnCertificate>[0][] = [];
  await source.watch((result) => void results.push(result));
  return { volume, source, results };
};

describe("openCertificateFiles", () => {
  it("serves a new pair when the volume is swapped", async () => {
    const { volume, source, results } = await openVolume(pair);
    await volume.swap(files(other));
    await eventually(() => expect(source.current().cert).toBe(other.cert));
    expect(results).toHaveLength(1);
  });

  it.each<[string, () => Promise<KeyPair>, string]>([
    ["does not match", async () => ({ cert: other.cert, key: pair.key }), "the key is not the certificate's"],
    ["is broken", async () => ({ cert: "", key: "" }), "the certificate is not PEM"],
    ["is out of date", () => authority.issue({ fromMs: -2 * HOUR_MS, untilMs: -HOUR_MS }), "expired at"],
    ["is not valid yet", () => authority.issue({ fromMs: HOUR_MS, untilMs: 2 * HOUR_MS }), "not valid before"],
  ])("keeps the old pair when the new one %s, and takes the next good one", async (_name, bad, problem) => {
    const { volume, source, results } = await openVolume(pair);
    await volume.swap(files(await bad()));
    await eventually(() => expect(results).toMatchObject([{ problem: expect.stringContaining(problem) }]));
    expect(source.current().cert).toBe(pair.cert);
    await volume.swap(files(other));
    await eventually(() => expect(source.current().cert).toBe(other.cert));
  });

  it("takes one that is out of date at the start, since a later one may replace it", async () => {
    const { volume, source, results } = await openVolume(await authority.issue({ fromMs: -2000, untilMs: -1000 }));
    expect(unusableBecause(source.current(), Date.now())).toContain("expired");
    expect(results).toStrictEqual([]);
    await volume.swap(files(pair));
    await eventually(() => expect(unusableBecause(source.current(), Date.now())).toBeUndefined());
  });

  it("says which files are not there", async () => {
    const opened = await openCertificateFiles({ certPath: "/nowhere/tls.crt", keyPath: "/nowhere/tls.key" });
    expect(opened).toMatchObject({ problem: expect.stringContaining("/nowhere/tls.crt") });
  });
});
