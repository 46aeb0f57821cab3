import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { createEvents } from "../../src/telemetry/events.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { eventually } from "../support/eventually.ts";
import { recordLog } from "../support/log-lines.ts";

const settingsOf = (rest: string): Settings => {
  const read = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n${rest}\n`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.settings;
};

const federated = (name: string, provider: string): ServiceAccount => ({
  namespace: "production",
  name,
  annotations: new Map([["podpass.dev/federate", provider]]),
});

const setUp = (accounts: readonly ServiceAccount[], first: Settings) => {
  const recorded = recordLog();
  const metrics = createMetrics(false);
  let settings = first;
  const events = createEvents({ log: recorded.log, metrics, settings: () => settings, accounts: () => accounts });
  const reload = (next: Settings) => {
    settings = next;
    events.configurationReloaded({ ok: true, written: {}, settings: next });
  };
  return { ...recorded, metrics, events, reload };
};

const UNRESOLVED = "federated ServiceAccount cannot be resolved";
const ENKRYPTIFY = settingsOf("providers: { enkryptify: { preset: enkryptify } }");

describe("createEvents", () => {
  it("names only those that a new configuration makes invalid, and counts all", async () => {
    const { events, reload, of, metrics } = setUp(
      [federated("good", "enkryptify"), federated("bad", "nobody")],
      ENKRYPTIFY,
    );
    events.accountsChanged();
    const named = () => of(UNRESOLVED).map((line) => line["serviceAccount"]);
    await eventually(() => expect(named()).toStrictEqual(["production/bad"]));
    reload(settingsOf("providers: { aws: { preset: aws } }"));
    await eventually(() => expect(of("configuration reloaded")).toMatchObject([{ federated: 2, invalid: 2 }]));
    expect(named()).toStrictEqual(["production/bad", "production/good"]);
    expect(await metrics.render()).toContain('podpass_serviceaccounts_invalid{reason="unknown-provider"} 2');
  });

  it("does not hide the rest of the log behind them", async () => {
    const many = Array.from({ length: 250 }, (_, index) => federated(`a${index}`, "nobody"));
    const { events, of } = setUp(many, ENKRYPTIFY);
    events.accountsChanged();
    await eventually(() =>
      expect(of("more federated ServiceAccounts cannot be resolved")).toMatchObject([{ more: 150 }]),
    );
    expect(of(UNRESOLVED)).toHaveLength(100);
  });

  it("logs what was adjusted once for each configuration", () => {
    const adjusted = settingsOf("policy: { tokens: { expirationSeconds: { max: 700 } } }");
    const { events, of, reload } = setUp([], adjusted);
    events.configurationOpened();
    expect(adjusted.notices.length).toBeGreaterThan(0);
    expect(of("configuration notice")).toHaveLength(adjusted.notices.length);
    reload(ENKRYPTIFY);
    expect(of("configuration notice")).toHaveLength(adjusted.notices.length);
  });

  it("does not warn of what is well as it is", () => {
    const twice = settingsOf(
      "providers: { one: { preset: aws }, two: { preset: aws } }\npolicy: { tokens: { requests: Warn } }",
    );
    const { events, of } = setUp([], twice);
    events.configurationOpened();
    expect(of("configuration notice").map(({ level, notice }) => [level, String(notice).split(" ")[0]])).toEqual([
      ["info", "providers"],
      ["warn", "policy.tokens.requests"],
    ]);
  });

  it("writes a line of a few kilobytes about a ServiceAccount with 65,000 unknown providers", async () => {
    const names = Array.from({ length: 65_000 }, (_, index) => `n${index}`).join(",");
    const { events, of } = setUp([federated("huge", names)], ENKRYPTIFY);
    events.accountsChanged();
    await eventually(() => expect(of(UNRESOLVED)).toHaveLength(1));
    expect(JSON.stringify(of(UNRESOLVED)).length).toBeLessThan(4096);
  });

  it("cuts what is long in a line, and counts what is more than a few problems", async () => {
    const names = [...Array.from({ length: 10 }, (_, i) => `${"\u0001".repeat(300)}${i}`), "enkryptify"].join(",");
    const { events, of } = setUp([federated("loud", names)], settingsOf(`annotationPrefix: podpass.dev`));
    events.accountsChanged();
    await eventually(() => expect(of(UNRESOLVED)).toHaveLength(1));
    const [line] = of(UNRESOLVED);
    expect(line?.["problems"]).toHaveLength(6);
    expect(JSON.stringify(line).length).toBeLessThan(4096);
  });
});
