/** What running pods have of their identities, as metrics and log lines. */
import { Gauge, type Registry } from "prom-client";
import { line } from "../reasons/text.ts";
import type { StatusReport } from "../status/report.ts";
import { type PodState, PROBLEM_STATES, STATES } from "../status/states.ts";
import type { Log } from "./log.ts";

const MAX_LENGTH = 500;
/** More of them are what `podpass status` is for. */
const MAX_NAMED = 5;

/** A look at all pods: a report, or why there is none. */
export type Look = { readonly report: StatusReport } | { readonly problem: string };

const logReport = (log: Log, { byState, workloads, pods }: StatusReport): void => {
  const counts = Object.fromEntries(PROBLEM_STATES.map((state) => [state, byState.get(state) ?? 0]));
  if (PROBLEM_STATES.every((state) => counts[state] === 0)) {
    log.info({ pods }, "every pod has its identities as a new one would");
    return;
  }
  const named = workloads.slice(0, MAX_NAMED).map(({ namespace, workload }) => line(`${namespace} ${workload}`, 200));
  log.warn(
    { ...counts, workloads: workloads.length, first: named },
    "pods do not have their identities as new ones would; podpass status says which, and what to run",
  );
};

/** Makes the function that is told of each look: metrics, and a log line where it is another than before. */
export const createPodStatusTelemetry = (registry: Registry, log: Log): ((look: Look) => void) => {
  const registers = [registry];
  const byState = new Gauge({
    name: "podpass_pod_identities",
    help: "Identities of pods that run, by what the pod has of them; a pod counts once for each provider.",
    labelNames: ["state"],
    registers,
  });
  const isLastRead = new Gauge({
    name: "podpass_pod_identities_last_read_successful",
    help: "1 while the last look at all pods came to its end, 0 where it could not.",
    registers,
  });
  for (const state of STATES) byState.set({ state }, 0);
  isLastRead.set(0);
  let told: string | undefined;
  const tellOnce = (text: string, tell: () => void): void => {
    if (text !== told) tell();
    told = text;
  };
  return (look) => {
    if ("problem" in look) {
      // What was known before is the best that there is.
      isLastRead.set(0);
      tellOnce("problem", () =>
        log.warn({ problem: line(look.problem, MAX_LENGTH) }, "pods could not be looked at; trying again"),
      );
      return;
    }
    isLastRead.set(1);
    const { report } = look;
    const count = (state: PodState): number => report.byState.get(state) ?? 0;
    for (const state of STATES) byState.set({ state }, count(state));
    tellOnce(PROBLEM_STATES.map(count).join(), () => logReport(log, report));
  };
};
