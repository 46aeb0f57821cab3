import { describe, expect, it } from "vitest";
import { podStatusProblems, startPodStatusLoop } from "../../src/cli/pod-status.ts";
import type { StatusReport } from "../../src/status/report.ts";
import type { Look } from "../../src/telemetry/pod-status.ts";
import { ManualClock } from "../kube/manual-clock.ts";

const MINUTE_MS = 60_000;
const REPORT: StatusReport = {
  accounts: [],
  workloads: [],
  unnamedWorkloads: 0,
  pods: 0,
  federatedPods: 0,
  byState: new Map(),
  isHealthy: true,
};

const trial = (answer: () => Promise<StatusReport>) => {
  const clock = new ManualClock();
  const told: Look[] = [];
  let looks = 0;
  const look = () => {
    looks++;
    return answer();
  };
  const loop = startPodStatusLoop({ clock, everyMs: 30 * MINUTE_MS, look, tell: (said) => told.push(said) });
  const pass = async (minutes: number) => {
    for (let passed = 0; passed < minutes; passed++) {
      clock.advance(MINUTE_MS);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { told, loop, pass, looks: () => looks };
};

describe("the loop that looks at pods", () => {
  it("looks after a minute, and then every half an hour", async () => {
    const { pass, told, looks } = trial(async () => REPORT);
    expect(looks()).toBe(0);
    await pass(2);
    expect(told).toEqual([{ report: REPORT }]);
    await pass(29);
    expect(looks()).toBe(1);
    await pass(4);
    expect(looks()).toBe(2);
  });

  it("goes on after a failure", async () => {
    const { pass, told } = trial(() => Promise.reject(new Error("403")));
    await pass(40);
    expect(told).toEqual([{ problem: "403" }, { problem: "403" }]);
  });

  it("has no two looks at once, and none after it was closed", async () => {
    let finish: (report: StatusReport) => void = () => {};
    const { pass, told, loop, looks } = trial(() => new Promise((resolve) => (finish = resolve)));
    await pass(100);
    expect(looks()).toBe(1);
    loop.close();
    finish(REPORT);
    await pass(100);
    expect(looks()).toBe(1);
    expect(told).toEqual([]);
  });

  it("needs a cluster", () => {
    expect(podStatusProblems({ podStatus: 5, manifests: "deploy/" })).toHaveLength(1);
    expect(podStatusProblems({ podStatus: 5 })).toEqual([]);
    expect(podStatusProblems({ podStatusWebhook: "podpass" })).toHaveLength(1);
    expect(podStatusProblems({ podStatus: 5, podStatusWebhook: "podpass" })).toEqual([]);
    expect(podStatusProblems({ manifests: "deploy/" })).toEqual([]);
  });
});
