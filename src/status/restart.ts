/** What to run, so that pods get what new ones would get. */

import type { WorkloadStatus } from "./report.ts";
import type { PodState } from "./states.ts";

const RESTARTABLE: ReadonlySet<string> = new Set(["deployment", "statefulset", "daemonset"]);

/** The problems that a new pod would not have. */
const needsRestart = (state: PodState): boolean => state === "missing" || state === "stale";

/**
 * A command, or a sentence where no command does it: pods of Jobs run to their end, and who made a bare pod makes it again.
 */
export interface Remedy {
  readonly namespace: string;
  readonly workload: string;
  readonly command: readonly string[] | undefined;
  readonly advice: string;
}

const remedyFor = ({ namespace, workload }: WorkloadStatus): Remedy => {
  const [kind = "", name = ""] = workload.split("/");
  if (RESTARTABLE.has(kind)) {
    const command = ["kubectl", "-n", namespace, "rollout", "restart", workload];
    return { namespace, workload, command, advice: "" };
  }
  if (kind === "cronjob") return { namespace, workload, command: undefined, advice: "its next run has it" };
  if (kind === "job" || kind === "pod")
    return { namespace, workload, command: undefined, advice: "delete it and create it again, if it cannot wait" };
  return {
    namespace,
    workload,
    command: undefined,
    advice: `restart it the way its controller wants: ${kind} ${name}`,
  };
};

/** What is to be done about `workloads`, those that need nothing left out. */
export const remediesFor = (workloads: readonly WorkloadStatus[]): readonly Remedy[] =>
  workloads.filter(({ states }) => states.some(({ state }) => needsRestart(state))).map(remedyFor);
