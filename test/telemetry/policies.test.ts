import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import type { JudgedPolicies, PolicyStateName } from "../../src/check/policy-states.ts";
import type { Read } from "../../src/check/read.ts";
import { createPolicyTelemetry } from "../../src/telemetry/policies.ts";
import { recordLog } from "../support/log-lines.ts";

const judged = (states: Readonly<Record<string, PolicyStateName>>): Read<JudgedPolicies> => ({
  kind: "read",
  value: { states: new Map(Object.entries(states)), minor: 36 },
});
const GOOD = judged({ identity: "as-configured", inject: "as-configured" });
const DRIFTED = judged({ identity: "warning", inject: "as-configured" });
const FAILED = (message: string): Read<JudgedPolicies> => ({ kind: "failed", message });

const setUp = () => {
  const registry = new Registry();
  const { log, lines } = recordLog();
  const report = createPolicyTelemetry(registry, log);
  const metrics = async (): Promise<Readonly<Record<string, number>>> => {
    const rows = (await registry.metrics()).split("\n").filter((row) => row !== "" && !row.startsWith("#"));
    const values = rows.map((row) => /^podpass_policies(?:\{state="([^"]*)"\}|_last_read_successful) (\d+)$/.exec(row));
    return Object.fromEntries(
      values.map((match) => [match?.[1] ?? "read", Number(match?.[2])] as const).filter(([, value]) => value > 0),
    );
  };
  return { report, lines, metrics, registry };
};

describe("what is told of the policies", () => {
  it("has every state from the start", async () => {
    const { registry, metrics } = setUp();
    const states = (await registry.metrics()).match(/podpass_policies\{state="[^"]*"\} 0/g);
    expect(states).toHaveLength(8);
    expect(await metrics()).toEqual({});
  });

  it("is a line where it changes, and a number at each reading", async () => {
    const { report, lines, metrics } = setUp();
    report(GOOD);
    report(GOOD);
    expect(await metrics()).toEqual({ "as-configured": 2, read: 1 });
    report(DRIFTED);
    report(DRIFTED);
    expect(await metrics()).toEqual({ "as-configured": 1, warning: 1, read: 1 });
    report(GOOD);
    expect(await metrics()).toEqual({ "as-configured": 2, read: 1 });
    expect(lines.map(({ level, msg, drifted }) => [level, msg, drifted])).toEqual([
      ["info", "admission policies are what the configuration comes to", undefined],
      [
        "warn",
        "admission policies are not what the configuration comes to; podpass check says what to do",
        ["identity: warning"],
      ],
      ["info", "admission policies are what the configuration comes to", undefined],
    ]);
  });

  it.each<[string, Read<JudgedPolicies>, string, string, Readonly<Record<string, number>>]>([
    [
      "a change",
      judged({ identity: "changing" }),
      "info",
      "admission policies are the union of this configuration and another one",
      { changing: 1, read: 1 },
    ],
    [
      "none",
      judged({ identity: "missing", inject: "missing" }),
      "warn",
      "there are no admission policies: while no replica answers, nothing is enforced",
      { missing: 2, read: 1 },
    ],
    [
      "no right",
      { kind: "forbidden", permission: "get them" },
      "warn",
      "admission policies may not be read; their drift is not reported until they may",
      {},
    ],
    [
      "no API",
      { kind: "absent" },
      "info",
      "the API server has no ValidatingAdmissionPolicy: there is no drift to report",
      {},
    ],
    ["no answer", FAILED("ECONNREFUSED"), "warn", "admission policies could not be read; trying again", {}],
  ])("is said once of %s", async (_, reading, level, msg, values) => {
    const { report, lines, metrics } = setUp();
    for (let time = 0; time < 3; time++) report(reading);
    expect(lines).toMatchObject([{ level, msg }]);
    expect(await metrics()).toEqual(values);
  });

  it("keeps what was known while nothing is answered, whatever the error", async () => {
    const { report, lines, metrics } = setUp();
    report(DRIFTED);
    report(FAILED("ECONNREFUSED"));
    report(FAILED(`\u001b[31m${"x".repeat(5000)}`));
    expect(await metrics()).toEqual({ "as-configured": 1, warning: 1 });
    expect(lines).toHaveLength(2);
    report({ kind: "forbidden", permission: "get them" });
    expect(await metrics()).toEqual({});
  });

  it("cuts what the API server says", () => {
    const { report, lines } = setUp();
    report(FAILED(`\u001b[31m${"x".repeat(5000)}`));
    expect(String(lines[0]?.["problem"]).length).toBeLessThanOrEqual(500);
    expect(lines[0]?.["problem"]).not.toMatch(/\p{Cc}/u);
  });
});
