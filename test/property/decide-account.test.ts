import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { decide } from "../../src/decision/decide.ts";
import { type AccountDecision, decideAccount } from "../../src/decision/decide-account.ts";
import { resolveFederation } from "../../src/federation/federation.ts";
import { asPod } from "../support/pods.ts";
import { accounts, configurations } from "./arbitraries.ts";

/** More for a hunt: `PROPERTY_RUNS=20000 npx vitest run --project unit test/property`. */
const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 200);

type Annotations = ReadonlyMap<string, string>;

interface Scenario {
  readonly settings: Settings;
  readonly after: Annotations;
  readonly before: Annotations;
}

const withPrefix = (annotations: Annotations, prefix: string): Annotations =>
  new Map([...annotations].map(([key, value]) => [key.replace("podpass.dev/", `${prefix}/`), value]));

/** What no person writes: under our keys, near them, and large. */
const hostile = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom("podpass.dev/federate", "aws.podpass.dev/audience", "podpass.dev/skip-containers", "__proto__"),
        fc.string({ unit: "binary", maxLength: 12 }).map((text) => `${text}.podpass.dev/${text}`),
        fc.string({ unit: "binary", maxLength: 12 }),
      ),
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("", ",", "\u0000", "\ud800", "\u202e", "9".repeat(400)),
        fc
          .tuple(fc.constantFrom("<", ",", "a,", "é", "😀", "\u00a0"), fc.constantFrom(33, 1001, 50_000, 140_000))
          .map(([unit, count]) => unit.repeat(count)),
      ),
    ),
    { maxLength: 6 },
  )
  .map((entries) => new Map(entries));

const scenarios: fc.Arbitrary<Scenario> = configurations.chain((configuration) => {
  const usual = accounts(Object.keys(configuration.providers));
  const any = fc.tuple(usual, fc.oneof({ weight: 2, arbitrary: fc.constant(new Map<string, string>()) }, hostile));
  return fc.tuple(any, any).map(([after, before]) => {
    const read = readConfiguration(JSON.stringify(configuration));
    if (!read.ok) throw new Error(showProblems("generated", read.problems));
    const { settings } = read;
    const merged = (parts: readonly Annotations[]) =>
      withPrefix(new Map(parts.flatMap((part) => [...part])), settings.annotationPrefix);
    return { settings, after: merged(after), before: merged(before) };
  });
});

const accountWith = (annotations: Annotations) => ({ namespace: "production", name: "my-api", annotations });

const decideOn = ({ settings, after }: Scenario, before?: Annotations): AccountDecision =>
  decideAccount({ account: accountWith(after), before, settings });

const holds = (property: (scenario: Scenario) => void): void =>
  fc.assert(fc.property(scenarios, property), { numRuns: RUNS });

const POD = asPod({ metadata: { name: "a" }, spec: { serviceAccountName: "my-api", containers: [{ name: "main" }] } });

describe("the decision over a ServiceAccount, whatever is written", () => {
  it("is the same each time, says little, and only what can be printed", () => {
    holds((scenario) => {
      const decision = decideOn(scenario, scenario.before);
      expect(decideOn(scenario, scenario.before)).toEqual(decision);
      const { message = "", warnings, problems, wouldDeny } = decision;
      expect(message.length).toBeLessThanOrEqual(4000);
      expect(warnings.reduce((length, { text }) => length + text.length, 0)).toBeLessThan(16_384);
      expect(problems.length + wouldDeny.length).toBeLessThan(200);
      for (const text of [message, ...warnings.map((warning) => warning.text)])
        expect(text).toMatch(/^[^\p{Cc}\p{Cs}\u202e]*$/u);
    });
  });

  it("refuses a new one exactly where its pods would be refused for it", () => {
    holds((scenario) => {
      const { settings, after } = scenario;
      const decision = decideOn(scenario);
      if (decision.reason === "annotations-too-large") return;
      const ofPod = decide({ pod: POD, namespace: "production", serviceAccount: accountWith(after), settings });
      const isForAccount = ofPod.outcome === "denied" && ofPod.reason === "invalid-service-account";
      expect(decision.outcome === "denied").toBe(isForAccount);
    });
  });

  it("refuses nothing whose annotations under the prefix stay as they were", () => {
    holds((scenario) => {
      const before = new Map([...scenario.after, ["other", "x"]]);
      expect(decideOn(scenario, before).outcome).toBe("unchanged");
    });
  });

  it("refuses in an update exactly what it refuses in a new one, where anything under the prefix changes", () => {
    holds((scenario) => {
      const { settings, after } = scenario;
      const before = new Map([...after, [`aws.${settings.annotationPrefix}/now-gone`, "x"]]);
      expect(decideOn(scenario, before)).toEqual(decideOn(scenario));
    });
  });

  it("refuses none that is not federated, and counts as resolved what has no problem", () => {
    holds((scenario) => {
      const { settings, after } = scenario;
      const { outcome, reason } = decideOn(scenario);
      if (reason === "annotations-too-large") return;
      const { isFederated, problems } = resolveFederation(accountWith(after), settings);
      if (!isFederated) expect([outcome, reason]).toEqual(["unchanged", "not-federated"]);
      else expect(reason).toBe(problems.length > 0 ? "invalid-service-account" : "resolved");
    });
  });
});
