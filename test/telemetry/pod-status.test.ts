import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import type { StatusReport } from "../../src/status/report.ts";
import { type PodState, STATES } from "../../src/status/states.ts";
import { createPodStatusTelemetry } from "../../src/telemetry/pod-status.ts";
import { recordLog } from "../support/log-lines.ts";

const reportOf = (byState: Partial<Record<PodState, number>>): { readonly report: StatusReport } => ({
  report: {
    accounts: [],
    workloads: [
      {
        namespace: "production",
        serviceAccount: "a",
        workload: "deployment/a",
        pods: 1,
        states: [],
        refusal: undefined,
      },
    ],
    unnamedWorkloads: 0,
    pods: 7,
    federatedPods: 3,
    byState: new Map(Object.entries(byState) as [PodState, number][]),
    isHealthy: false,
  },
});

const setUp = () => {
  const registry = new Registry();
  const { log, lines } = recordLog();
  const tell = createPodStatusTelemetry(registry, log);
  const metrics = async () => {
    const rows = (await registry.metrics()).matchAll(
      /^podpass_pod_identities(?:\{state="([^"]*)"\}|_last_read_successful) (\d+)$/gmu,
    );
    return Object.fromEntries([...rows].map(([, state = "read", value]) => [state, Number(value)]));
  };
  return { tell, lines, metrics };
};

describe("what is told of running pods", () => {
  it("has every state from the start", async () => {
    expect(await setUp().metrics()).toEqual({ ...Object.fromEntries(STATES.map((state) => [state, 0])), read: 0 });
  });

  it("is a number after each look, and a line where something changed", async () => {
    const { tell, lines, metrics } = setUp();
    tell(reportOf({ current: 3 }));
    tell(reportOf({ current: 4 }));
    expect(await metrics()).toMatchObject({ current: 4, missing: 0, read: 1 });
    tell(reportOf({ current: 2, missing: 2 }));
    tell(reportOf({ current: 2, missing: 2 }));
    expect(await metrics()).toMatchObject({ current: 2, missing: 2 });
    tell(reportOf({ current: 4 }));
    expect(lines.map(({ level, missing, first }) => [level, missing, first])).toEqual([
      ["info", undefined, undefined],
      ["warn", 2, ["production deployment/a"]],
      ["info", undefined, undefined],
    ]);
  });

  it("keeps what was known where a look fails, and says so once", async () => {
    const { tell, lines, metrics } = setUp();
    tell(reportOf({ stale: 1 }));
    tell({ problem: "403" });
    tell({ problem: "403 again" });
    expect(await metrics()).toMatchObject({ stale: 1, read: 0 });
    expect(lines).toHaveLength(2);
  });
});
