import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Authority, createAuthority, type KeyPair } from "../../scripts/certificates.ts";
import { readCertificate, unusableBecause } from "../../src/tls/certificate.ts";
import { openCertificateFiles } from "../../src/tls/files.ts";
import type { CertificateEvent } from "../../src/tls/source.ts";
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
  const clock = { offsetMs: 0 };
  const opened = await openCertificateFiles({
    certPath: volume.path("tls.crt"),
    keyPath: volume.path("tls.key"),
    timing: { pollMs: 50, quietMs: 10 },
    judgeEveryMs: 20,
    now: () => Date.now() + clock.offsetMs,
  });
  if ("problem" in opened) throw new Error(opened.problem);
  const { source } = opened;
  onTestFinished(() => source.close());
  const events: CertificateEvent[] = [];
  await source.watch((event) => void events.push(event));
  return { volume, source, events, kinds: () => events.map(({ kind }) => kind), clock };
};

/** Long enough for many judgements. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

describe("openCertificateFiles", () => {
  it("serves a new pair when the volume is swapped", async () => {
    const { volume, source, kinds } = await openVolume(pair);
    await volume.swap(files(other));
    await eventually(() => expect(source.current()?.cert).toBe(other.cert));
    expect(kinds()).toStrictEqual(["replaced"]);
  });

  it.each<[string, () => Promise<KeyPair>, CertificateEvent["kind"], string]>([
    [
      "does not match",
      async () => ({ cert: other.cert, key: pair.key }),
      "refused",
      "the key is not the certificate's",
    ],
    ["is broken", async () => ({ cert: "", key: "" }), "refused", "the certificate is not PEM"],
    ["is out of date", () => authority.issue({ fromMs: -2 * HOUR_MS, untilMs: -HOUR_MS }), "postponed", "expired at"],
    [
      "is not valid yet",
      () => authority.issue({ fromMs: HOUR_MS, untilMs: 2 * HOUR_MS }),
      "postponed",
      "not valid before",
    ],
  ])("keeps the old pair when the new one %s, and takes the next good one", async (_name, bad, kind, problem) => {
    const { volume, source, events } = await openVolume(pair);
    await volume.swap(files(await bad()));
    await eventually(() => expect(events).toMatchObject([{ kind, problem: expect.stringContaining(problem) }]));
    expect(events).toMatchObject([{ problem: expect.stringContaining(volume.path("tls.crt")) }]);
    expect(source.current()?.cert).toBe(pair.cert);
    expect(source.unavailable()).toBeUndefined();
    await volume.swap(files(other));
    await eventually(() => expect(source.current()?.cert).toBe(other.cert));
  });

  it("tells of the old pair once more when it takes the place of one that could not be used", async () => {
    const { volume, source, kinds } = await openVolume(pair);
    await volume.swap(files({ cert: "", key: "" }));
    await eventually(() => expect(kinds()).toStrictEqual(["refused"]));
    await volume.swap(files(pair));
    await eventually(() => expect(kinds()).toStrictEqual(["refused", "replaced"]));
    expect(source.current()?.cert).toBe(pair.cert);
  });

  it("serves a pair that becomes valid two seconds later, without another change of the files", async () => {
    const { volume, source, events, kinds } = await openVolume(pair);
    const soon = await authority.issue({ fromMs: 2000 });
    await volume.swap(files(soon));
    await eventually(() => expect(kinds()).toStrictEqual(["postponed"]));
    expect(source.current()?.cert).toBe(pair.cert);
    await pause();
    expect(kinds()).toStrictEqual(["postponed"]);
    await expect.poll(() => source.current()?.cert, { timeout: 4000 }).toBe(soon.cert);
    expect(Date.now()).toBeGreaterThanOrEqual(source.current()?.notBefore.getTime() ?? Number.NaN);
    expect(events).toMatchObject([{ kind: "postponed" }, { kind: "replaced", certificate: { cert: soon.cert } }]);
  });

  it("goes by the wall clock where that jumps: a machine that was suspended", async () => {
    const { volume, source, kinds, clock } = await openVolume(pair);
    const later = await authority.issue({ fromMs: HOUR_MS / 2 });
    await volume.swap(files(later));
    await eventually(() => expect(kinds()).toStrictEqual(["postponed"]));
    clock.offsetMs = HOUR_MS;
    expect(source.unavailable()).toContain("expired");
    await eventually(() => expect(source.current()?.cert).toBe(later.cert));
    expect(source.unavailable()).toBeUndefined();
    expect(kinds()).toStrictEqual(["postponed", "replaced"]);
  });

  it("forgets the pair that waits when the files change again", async () => {
    const { volume, source, kinds, clock } = await openVolume(other);
    await volume.swap(files(await authority.issue({ fromMs: HOUR_MS })));
    await eventually(() => expect(kinds()).toStrictEqual(["postponed"]));
    await volume.swap(files(other));
    await eventually(() => expect(kinds()).toStrictEqual(["postponed", "replaced"]));
    clock.offsetMs = 2 * HOUR_MS;
    await pause();
    expect(source.current()?.cert).toBe(other.cert);
  });

  it("says once that what is served expired, and once that it is in date again", async () => {
    const { source, events, kinds, clock } = await openVolume(pair);
    clock.offsetMs = 2 * HOUR_MS;
    await eventually(() => expect(events).toMatchObject([{ problem: expect.stringContaining("expired at") }]));
    await pause();
    expect(source.unavailable()).toContain("expired at");
    expect(source.current()?.cert).toBe(pair.cert);
    clock.offsetMs = 0;
    await eventually(() => expect(kinds()).toStrictEqual(["out-of-date", "in-date"]));
  });

  it("takes one that is out of date at the start, since a later one may replace it", async () => {
    const { volume, source, kinds } = await openVolume(await authority.issue({ fromMs: -2000, untilMs: -1000 }));
    expect(source.unavailable()).toContain("expired");
    await eventually(() => expect(kinds()).toStrictEqual(["out-of-date"]));
    await volume.swap(files(pair));
    await eventually(() => expect(source.unavailable()).toBeUndefined());
    expect(kinds()).toStrictEqual(["out-of-date", "replaced"]);
  });

  it("says which files are not there", async () => {
    const opened = await openCertificateFiles({ certPath: "/nowhere/tls.crt", keyPath: "/nowhere/tls.key" });
    expect(opened).toMatchObject({ problem: expect.stringContaining("/nowhere/tls.crt") });
  });
});
