import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveFederation } from "../../src/federation/federation.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";

const SETTINGS = settingsOf(`
providers:
  demo:
    token: { audience: "demo/\${parameter.tenant}" }
    parameters: { tenant: { required: true, pattern: "[a-z]+" }, free: {} }
  limited: { token: { audience: limited }, allowedNamespaces: [elsewhere] }
  constructor: { token: { audience: constructor } }
`);

/** Problems and warnings that one ServiceAccount may have: of nine and of one kind, five told and one that counts. */
const MOST = { problems: 9 * 6, warnings: 6 };

const provider = fc.constantFrom("demo", "limited", "constructor", "__proto__", "toString", "", "nobody", "a.b");
const name = fc.constantFrom(
  "federate",
  "only-containers",
  "skip-containers",
  "expiration-seconds",
  "audience",
  "tenant",
  "free",
  "__proto__",
  "",
);
const key = fc.oneof(
  name.map((one) => `podpass.dev/${one}`),
  fc.tuple(provider, name).map(([before, one]) => `${before}.podpass.dev/${one}`),
  fc.constantFrom("__proto__", "podpass.dev", "/", ""),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", ",", "<", "\u0000", "\ud800", "\u202e", "999999999999999999999", "demo", "demo,limited"),
  fc.array(provider, { maxLength: 50 }).map((names) => names.join(", ")),
  fc
    .tuple(fc.constantFrom("<", ",", "x,", "\u00e9", "😀", "9"), fc.integer({ min: 0, max: 5000 }))
    .map(([unit, count]) => unit.repeat(count)),
);
const extra = fc.integer({ min: 0, max: 1200 });

describe("resolveFederation", () => {
  it("never throws, and never says much, whatever is written", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, text), { maxLength: 30 }), extra, (entries, count) => {
        const many = Array.from({ length: count }, (_, index) => [`k${index}.podpass.dev/x`, "v"] as const);
        const account = { ...serviceAccount({}), annotations: new Map([...entries, ...many]) };
        const { isFederated, identities, problems, warnings, providers } = resolveFederation(account, SETTINGS);
        expect(problems.length).toBeLessThanOrEqual(MOST.problems);
        expect(warnings.length).toBeLessThanOrEqual(MOST.warnings);
        for (const { text: sentence } of [...problems, ...warnings]) expect(sentence.length).toBeLessThan(1000);
        expect(providers.length).toBeLessThanOrEqual(32);
        expect(isFederated).toBe(providers.length > 0);
        const seconds = identities.map(({ requestedSeconds }) => requestedSeconds ?? 0);
        expect(seconds.every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
