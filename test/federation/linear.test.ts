import { describe, expect, it } from "vitest";
import { resolveFederation } from "../../src/federation/federation.ts";
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";

const providers = (count: number): string =>
  `providers:\n${Array.from({ length: count }, (_, i) => `  p${i}: { token: { audience: a } }\n`).join("")}`;

const SETTINGS = settingsOf(providers(32));

const many = (count: number, name: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => name(index)).join(",");

const keys = (count: number, key: (index: number) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), ""]));

const RUNS = 9;

/** Milliseconds that one resolution takes, the median of several. */
const medianMs = (resolve: () => unknown): number => {
  resolve();
  const all = Array.from({ length: RUNS }, () => {
    const startedAtMs = performance.now();
    resolve();
    return performance.now() - startedAtMs;
  }).sort((a, b) => a - b);
  return all[Math.floor(RUNS / 2)] ?? 0;
};

const timeOf = (account: ServiceAccount, settings = SETTINGS): number =>
  medianMs(() => resolveFederation(account, settings));

type Annotations = (size: number) => Readonly<Record<string, string>>;

/** Work that grows with the text, each with a size that takes some tenths of a millisecond. */
const GROWING: Readonly<Record<string, readonly [number, Annotations]>> = {
  "empty items in federate": [30_000, (size) => ({ "podpass.dev/federate": `${",".repeat(size)}p0` })],
  "blank items in federate": [20_000, (size) => ({ "podpass.dev/federate": `${" ,".repeat(size)}p0` })],
  "the length of one name": [60_000, (size) => ({ "podpass.dev/federate": "<".repeat(size) })],
  "annotations that are not under the prefix": [
    4000,
    (size) => ({ ...keys(size, (i) => `example.com/${i}`), "podpass.dev/federate": "p0" }),
  ],
  "the length of a lifetime": [
    60_000,
    (size) => ({ "podpass.dev/federate": "p0", "p0.podpass.dev/expiration-seconds": "0".repeat(size) }),
  ],
  "the length of an audience": [
    60_000,
    (size) => ({ "podpass.dev/federate": "p0", "p0.podpass.dev/audience": "\u0001".repeat(size) }),
  ],
};

/** Work that ends at a bound: ten times the bound takes what just above the bound takes. */
const BOUNDED: Readonly<Record<string, readonly [number, Annotations]>> = {
  "unknown names after federate": [40, (size) => ({ "podpass.dev/federate": many(size, (i) => `n${i}`) })],
  "known names after federate": [40, (size) => ({ "podpass.dev/federate": many(size, (i) => `p${i % 32}`) })],
  "names in a filter": [
    1100,
    (size) => ({ "podpass.dev/federate": "p0", "podpass.dev/only-containers": many(size, (i) => `c${i}`) }),
  ],
  "repeated names in a provider's filter": [
    1100,
    (size) => ({ "podpass.dev/federate": "p0", "p0.podpass.dev/skip-containers": many(size, () => "c") }),
  ],
  "keys under the prefix": [
    1100,
    (size) => ({ "podpass.dev/federate": "p0", ...keys(size, (i) => `k${i}.podpass.dev/x`) }),
  ],
};

describe("resolving a ServiceAccount", () => {
  it.each(Object.entries(GROWING))(
    "takes four times as long, not more, for four times %s",
    (_, [size, annotations]) => {
      const one = timeOf(serviceAccount(annotations(size)));
      expect(timeOf(serviceAccount(annotations(4 * size)))).toBeLessThan(10 * Math.max(one, 0.05));
    },
  );

  it.each(Object.entries(BOUNDED))("takes no longer for more %s than are allowed", (_, [size, annotations]) => {
    const one = timeOf(serviceAccount(annotations(size)));
    expect(timeOf(serviceAccount(annotations(40 * size)))).toBeLessThan(10 * Math.max(one, 0.05));
  });

  it("takes four times as long, not more, with four times the providers", () => {
    const account = serviceAccount({ "podpass.dev/federate": many(32, (i) => `n${i}`) });
    const one = timeOf(account, settingsOf(providers(100)));
    expect(timeOf(account, settingsOf(providers(400)))).toBeLessThan(10 * Math.max(one, 0.05));
  });

  it("takes milliseconds for 256 KiB of the worst annotations", () => {
    const worst = [
      { "podpass.dev/federate": many(65_000, (i) => `n${i}`) },
      { "podpass.dev/federate": many(32, () => "p0"), ...keys(15_000, (i) => `podpass.dev/${i}`) },
      { "podpass.dev/federate": "p0", ...keys(999, (i) => `${"x".repeat(200)}${i}.podpass.dev/x`) },
    ];
    for (const annotations of worst) expect(timeOf(serviceAccount(annotations))).toBeLessThan(20);
  });
});
