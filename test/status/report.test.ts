import { describe, expect, it } from "vitest";
import type { PodStatus } from "../../src/status/judge-pod.ts";
import { StatusCounter, type StatusFilter } from "../../src/status/report.ts";
import { remediesFor } from "../../src/status/restart.ts";
import type { RunningPod } from "../../src/status/running-pod.ts";
import type { PodState } from "../../src/status/states.ts";
import { pod, serviceAccount, settingsOf } from "../support/pods.ts";

const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api" };

const running = (name: string, workload: string): RunningPod => ({
  namespace: "production",
  name,
  serviceAccount: "my-api",
  workload,
  pod: pod(),
});

const having = (state: PodState, provider = "aws", why = ""): PodStatus => ({
  providers: [{ provider, state, why }],
  refusal: undefined,
});

const counterWith = (filter: StatusFilter = {}): StatusCounter => {
  const counter = new StatusCounter(settingsOf(), filter);
  counter.addAccount(serviceAccount(AWS));
  return counter;
};

describe("a status report", () => {
  it("counts pods by workload, provider and state, and names the first of them", () => {
    const counter = counterWith();
    for (let index = 0; index < 7; index++) counter.add(running(`a-${index}`, "deployment/a"), having("missing"));
    counter.add(running("a-7", "deployment/a"), having("current"));
    counter.add(running("b-0", "statefulset/b"), having("current"));
    counter.add({ ...running("c", "pod/c"), serviceAccount: "other" }, { providers: [], refusal: undefined });
    const report = counter.finish();
    expect(report).toMatchObject({ pods: 10, federatedPods: 9, isHealthy: false, unnamedWorkloads: 0 });
    expect(Object.fromEntries(report.byState)).toEqual({ missing: 7, current: 2 });
    expect(report.accounts).toMatchObject([{ name: "my-api", providers: ["aws"], pods: 9, problems: [] }]);
    expect(report.workloads).toMatchObject([
      {
        workload: "deployment/a",
        pods: 8,
        states: [
          { state: "missing", pods: 7, examples: ["a-0", "a-1", "a-2", "a-3", "a-4"] },
          { state: "current", pods: 1 },
        ],
      },
      { workload: "statefulset/b", pods: 1 },
    ]);
  });

  it("of one provider", () => {
    const counter = counterWith({ provider: "gcp" });
    counter.add(running("a", "deployment/a"), having("missing"));
    counter.add(running("b", "deployment/b"), having("current", "gcp"));
    const report = counter.finish();
    expect(report).toMatchObject({ federatedPods: 1, isHealthy: true, accounts: [] });
    expect(report.workloads.map(({ workload }) => workload)).toEqual(["deployment/b"]);
  });

  it("of problems only", () => {
    const counter = counterWith({ problems: true });
    counter.add(running("a", "deployment/a"), having("stale"));
    counter.add(running("b", "deployment/b"), having("current"));
    counter.add(running("c", "deployment/c"), { ...having("current"), refusal: "is refused" });
    const report = counter.finish();
    expect(report.workloads.map(({ workload }) => workload)).toEqual(["deployment/a", "deployment/c"]);
    expect(report.federatedPods).toBe(3);
  });

  it("of an account that cannot be resolved", () => {
    const counter = new StatusCounter(settingsOf(), {});
    counter.addAccount(serviceAccount({ ...AWS, "aws.podpass.dev/role-arn": "no ARN" }));
    const report = counter.finish();
    expect(report.isHealthy).toBe(false);
    expect(report.accounts[0]?.problems).toEqual([expect.stringContaining("aws.podpass.dev/role-arn")]);
  });

  it("keeps no more workloads than helps anybody, and still counts all", () => {
    const counter = counterWith();
    for (let index = 0; index < 10_500; index++)
      counter.add(running(`p-${index}`, `pod/p-${index}`), having("current"));
    counter.add(running("bad", "pod/bad"), having("missing"));
    const report = counter.finish();
    expect(report.workloads).toHaveLength(10_001);
    expect(report).toMatchObject({ unnamedWorkloads: 500, federatedPods: 10_501, isHealthy: false });
  });

  it("keeps no more states than helps anybody, and still counts all", () => {
    const counter = counterWith();
    for (let index = 0; index < 2000; index++) {
      const providers = Array.from({ length: 60 }, (_, at) => ({
        provider: `made-up-${index}-${at}`,
        state: "stale" as const,
        why: "",
      }));
      counter.add(running(`p-${index}`, `pod/p-${index}`), { providers, refusal: undefined });
    }
    const { workloads, byState } = counter.finish();
    expect(workloads.reduce((sum, { states }) => sum + states.length, 0)).toBe(100_000);
    expect(byState.get("stale")).toBe(120_000);
  });

  it("says what restarts what", () => {
    const counter = counterWith();
    const workloads: readonly (readonly [string, PodState])[] = [
      ["deployment/a", "stale"],
      ["cronjob/b", "missing"],
      ["pod/c", "missing"],
      ["rollout/d", "stale"],
      ["deployment/e", "current"],
      ["deployment/f", "invalid"],
      ["deployment/g", "not-seen"],
    ];
    for (const [workload, state] of workloads) counter.add(running(workload, workload), having(state));
    expect(remediesFor(counter.finish().workloads)).toEqual([
      { namespace: "production", workload: "cronjob/b", command: undefined, advice: "its next run has it" },
      {
        namespace: "production",
        workload: "deployment/a",
        command: ["kubectl", "-n", "production", "rollout", "restart", "deployment/a"],
        advice: "",
      },
      {
        namespace: "production",
        workload: "pod/c",
        command: undefined,
        advice: "delete it and create it again, if it cannot wait",
      },
      {
        namespace: "production",
        workload: "rollout/d",
        command: undefined,
        advice: "restart it the way its controller wants: rollout d",
      },
    ]);
  });
});
