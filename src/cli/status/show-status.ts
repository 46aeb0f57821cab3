/** A status report for people, and as data. */
import { line, list } from "../../reasons/text.ts";
import type { AccountStatus, StateCount, StatusReport, WorkloadStatus } from "../../status/report.ts";
import { type Remedy, remediesFor } from "../../status/restart.ts";
import { POD_STATES, type PodState, STATES } from "../../status/states.ts";
import { shellLine } from "../../trust/shell.ts";
import { visibleJson } from "../../trust/visible-json.ts";
import { table } from "../table.ts";
import type { Colors, Output } from "../terminal.ts";

/** More of them are in `-o json`. */
const MAX_SHOWN = 50;

const paint = (state: PodState, colors: Colors): ((text: string) => string) => {
  if (state === "missing" || state === "not-seen" || state === "invalid") return colors.red;
  if (state === "stale") return colors.yellow;
  return state === "current" ? colors.green : (text) => text;
};

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A row for each state that pods of the workload are in. */
const rowsOf = ({ namespace, serviceAccount, workload, states }: WorkloadStatus, isWide: boolean) =>
  states.map(({ provider, state, pods, why, examples }: StateCount) =>
    [
      namespace,
      serviceAccount,
      workload,
      provider,
      String(pods),
      state,
      ...(isWide ? [why, list(examples, 5)] : []),
    ].map((text) => line(text, 300)),
  );

const workloadTable = ({ workloads, unnamedWorkloads }: StatusReport, isWide: boolean, { colors }: Output): string => {
  if (workloads.length === 0) return "";
  const titles = ["NAMESPACE", "SERVICEACCOUNT", "WORKLOAD", "PROVIDER", "PODS", "STATE"];
  const columns = [...titles, ...(isWide ? ["WHY", "FOR EXAMPLE"] : [])].map((title) => ({ title }));
  const rows = workloads.flatMap((workload) => rowsOf(workload, isWide));
  const more = unnamedWorkloads === 0 ? "" : `and ${unnamedWorkloads} pods of more workloads\n`;
  return `${table(columns, rows, colors.dim)}${more}\n`;
};

const accountLines = (accounts: readonly AccountStatus[], { colors }: Output): string => {
  const invalid = accounts.filter(({ problems }) => problems.length > 0);
  if (invalid.length === 0) return "";
  const lines = invalid.slice(0, MAX_SHOWN).map(({ namespace, name, pods, problems }) => {
    const said = line(`${namespace}/${name} (${plural(pods, "pod")}): ${problems.join("; ")}`, 600);
    return `  ${said}\n`;
  });
  const more = invalid.length > MAX_SHOWN ? `  and ${invalid.length - MAX_SHOWN} more\n` : "";
  return `${colors.bold("ServiceAccounts that cannot be resolved")}\n${lines.join("")}${more}\n`;
};

const refusalLines = (workloads: readonly WorkloadStatus[], { colors }: Output): string => {
  const refused = workloads.filter(({ refusal }) => refusal !== undefined);
  if (refused.length === 0) return "";
  const lines = refused
    .slice(0, MAX_SHOWN)
    .map(({ namespace, workload, refusal }) => `  ${line(`${namespace} ${workload}: ${refusal}`, 600)}\n`);
  const more = refused.length > MAX_SHOWN ? `  and ${refused.length - MAX_SHOWN} more\n` : "";
  return `${colors.bold("Would be refused, were their pods created now")}\n${lines.join("")}${more}\n`;
};

const remedyLine = ({ namespace, workload, command, advice }: Remedy): string =>
  command === undefined
    ? `  # ${line(`${namespace} ${workload}: ${advice}`, 300)}\n`
    : `  ${line(shellLine(command), 1000)}\n`;

const remedyLines = (workloads: readonly WorkloadStatus[], { colors }: Output): string => {
  const remedies = remediesFor(workloads);
  if (remedies.length === 0) return "";
  const lines = remedies.slice(0, MAX_SHOWN).map(remedyLine);
  const more = remedies.length > MAX_SHOWN ? `  # and ${remedies.length - MAX_SHOWN} more (-o json has all)\n` : "";
  return `${colors.bold("So that their pods get what new ones would get")}\n${lines.join("")}${more}\n`;
};

/** By namespace and reason, which many workloads share; restarts do not help them. */
const unseenLines = (workloads: readonly WorkloadStatus[], { colors }: Output): string => {
  const unseen = workloads.flatMap(({ namespace, states }) => {
    const found = states.find(({ state }) => state === "not-seen");
    return found === undefined ? [] : [`${namespace}: ${found.why}`];
  });
  if (unseen.length === 0) return "";
  const byReason = new Map<string, number>();
  for (const reason of unseen) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  const lines = [...byReason]
    .slice(0, MAX_SHOWN)
    .map(([reason, count]) => `  ${line(`${plural(count, "workload")} in ${reason}`, 600)}\n`);
  const more = byReason.size > MAX_SHOWN ? `  and ${byReason.size - MAX_SHOWN} more\n` : "";
  const advice = `  ${POD_STATES["not-seen"].todo.replaceAll("`", "")}\n`;
  return `${colors.bold("The webhook is not asked about them")}\n${lines.join("")}${more}${advice}\n`;
};

const totals = ({ accounts, pods, federatedPods, byState }: StatusReport, { colors }: Output): string => {
  const counts = STATES.flatMap((state) => {
    const count = byState.get(state) ?? 0;
    return count === 0 ? [] : [paint(state, colors)(`${count} ${state}`)];
  });
  const said = counts.length === 0 ? "" : `: ${counts.join(", ")}`;
  const of = `${plural(federatedPods, "pod")} of ${pods} with ${plural(accounts.length, "federated ServiceAccount")}`;
  return `${of}${said}\n`;
};

/** The report; ends with a line break. */
export const showStatus = (report: StatusReport, isWide: boolean, out: Output): string =>
  [
    workloadTable(report, isWide, out),
    accountLines(report.accounts, out),
    refusalLines(report.workloads, out),
    remedyLines(report.workloads, out),
    unseenLines(report.workloads, out),
    totals(report, out),
  ].join("");

/** The report for scripts; names of members and states stay. */
export const statusJson = (report: StatusReport): string => {
  const { accounts, workloads, unnamedWorkloads, pods, federatedPods, byState, isHealthy } = report;
  const states = Object.fromEntries(STATES.map((state) => [state, byState.get(state) ?? 0]));
  return `${visibleJson(
    {
      healthy: isHealthy,
      pods,
      federatedPods,
      states,
      problemStates: STATES.filter((state) => POD_STATES[state].isProblem),
      serviceAccounts: accounts,
      workloads: workloads.map(({ refusal, ...rest }) => ({ ...rest, refusal: refusal ?? null })),
      unnamedWorkloads,
      remedies: remediesFor(workloads).map(({ command, ...rest }) => ({ ...rest, command: command ?? null })),
    },
    2,
  )}\n`;
};
