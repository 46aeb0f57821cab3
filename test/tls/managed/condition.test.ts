import { describe, expect, it } from "vitest";
import { describeCondition } from "../../../src/tls/managed/condition.ts";
import type { Ca, ConfigurationView, SecretView, View } from "../../../src/tls/managed/facts.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse("2026-06-01T00:00:00Z");
const CA: Ca = { id: "a", notBeforeMs: NOW_MS - DAY_MS, notAfterMs: NOW_MS + 300 * DAY_MS, isOwn: true };

const present = (common: readonly Ca[], changedMs = 0): ConfigurationView => ({
  state: "present",
  kind: "MutatingWebhookConfiguration",
  name: "podpass",
  common,
  all: common,
  isTidy: true,
  changedMs,
  seenForMs: 0,
});

interface Case {
  readonly secret?: SecretView;
  readonly configuration?: ConfigurationView;
  readonly served?: Ca | undefined;
  readonly leafEndMs?: number;
  readonly wasReady?: boolean;
  readonly failures?: readonly string[];
  readonly clockDifferenceMs?: number;
}

const describeCase = (one: Case) => {
  const { served, leafEndMs = NOW_MS + DAY_MS, wasReady = true, failures = [], clockDifferenceMs = 0 } = one;
  const view: View = {
    nowMs: NOW_MS,
    secret: one.secret ?? { state: "usable", ca: CA, previous: undefined },
    configurations: [one.configuration ?? present([CA])],
    replica: { served: "served" in one ? served : CA, leafEndMs, wasReady },
    lifetimes: { caMs: 0, leafMs: 0 },
  };
  return describeCondition(
    view,
    { failures, clockDifferenceMs },
    { namespace: "podpass-system", secret: "podpass-ca" },
  );
};

describe("describeCondition", () => {
  it("has nothing to say where all is well, also of a change beside what is served", () => {
    const nothing = { missing: undefined, notices: [] };
    expect(describeCase({})).toStrictEqual(nothing);
    expect(describeCase({ wasReady: false })).toStrictEqual(nothing);
    expect(describeCase({ configuration: present([CA], NOW_MS) })).toStrictEqual(nothing);
  });

  it.each<[string, Case, string]>([
    ["no CA", { served: undefined, secret: { state: "empty" } }, "the Secret podpass-system/podpass-ca has no CA yet"],
    [
      "no right to read the Secret",
      { served: undefined, secret: { state: "unknown", problem: "403" } },
      "the Secret podpass-system/podpass-ca cannot be read: 403",
    ],
    [
      "no right to make it",
      { served: undefined, secret: { state: "absent" }, failures: ["making it failed: 403"] },
      "making it failed: 403; the Secret podpass-system/podpass-ca is not there",
    ],
    [
      "a caBundle without the CA",
      { wasReady: false, configuration: present([]) },
      'the caBundle of the MutatingWebhookConfiguration "podpass" does not hold the CA',
    ],
    [
      "one that has just got it",
      { wasReady: false, configuration: present([CA], NOW_MS - 2000) },
      'the caBundle of the MutatingWebhookConfiguration "podpass" holds the CA for some seconds only, which API servers take to notice',
    ],
    [
      "no right to read the configuration",
      {
        wasReady: false,
        configuration: { state: "unknown", kind: "MutatingWebhookConfiguration", name: "podpass", problem: "403" },
      },
      'the MutatingWebhookConfiguration "podpass" cannot be read: 403',
    ],
    ["a leaf that has ended", { leafEndMs: NOW_MS - 1 }, "the serving certificate expired at 2026-05-31T23:59:59.999Z"],
    ["the beginning", { served: undefined }, "there is no serving certificate yet"],
  ])("is not ready with %s", (_, given, missing) => {
    expect(describeCase(given)).toStrictEqual({ missing, notices: [] });
  });

  it.each<[string, Case, string]>([
    [
      "a spoilt Secret",
      { secret: { state: "unusable", problem: "ca.crt is missing" } },
      "no usable CA: ca.crt is missing",
    ],
    ["a caBundle without the CA", { configuration: present([]) }, "does not hold the CA"],
    [
      "no configuration",
      {
        wasReady: false,
        configuration: {
          state: "idle",
          kind: "MutatingWebhookConfiguration",
          name: "podpass",
          problem: "is not there",
        },
      },
      "is not there: no API server calls this webhook",
    ],
    ["a write that failed", { failures: ["writing it failed: 403"] }, "writing it failed: 403"],
    ["a clock ahead", { clockDifferenceMs: 3_600_000 }, "this machine's clock is 60 minutes ahead of the API server's"],
    ["a clock behind", { clockDifferenceMs: -90_000 }, "this machine's clock is 1 minutes behind the API server's"],
    [
      "a renewal that is late",
      { secret: { state: "usable", ca: { ...CA, notBeforeMs: NOW_MS - 900 * DAY_MS }, previous: undefined } },
      "the CA should have been renewed at ",
    ],
  ])("is ready with %s, and says so", (_, given, notice) => {
    expect(describeCase(given)).toStrictEqual({ missing: undefined, notices: [expect.stringContaining(notice)] });
  });
});
