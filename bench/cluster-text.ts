/** The part of docs/benchmarks.md that needs a control plane. */
import { table } from "../scripts/markdown.ts";
import type { PodCreation } from "./cluster/pods.ts";
import type { Readiness } from "./cluster/readiness.ts";
import { STEADY_PODS, type SteadyCreation } from "./cluster/steady.ts";
import { median } from "./statistics.ts";

interface Report {
  readonly version: string;
  readonly readiness: readonly Readiness[];
  readonly pods: readonly PodCreation[];
  readonly steady: readonly SteadyCreation[];
  readonly rounds: number;
  readonly seconds: number;
}

const timesCell = (times: readonly number[]): string =>
  `${Math.round(median(times))} (${Math.round(Math.max(...times))})`;

const readinessRow = (row: Readiness): readonly string[] => [
  row.accounts.toLocaleString("en"),
  row.federated.toLocaleString("en"),
  timesCell(row.startedFirst),
  timesCell(row.startedAfter),
  String(Math.round(row.residentMiB)),
  String(Math.round(row.peakMiB)),
];

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const podRow = ({ name, podsPerSecond, p50, p99, admission, cpuMicroseconds }: PodCreation): readonly string[] => [
  name,
  String(Math.round(podsPerSecond)),
  p50.toFixed(1),
  p99.toFixed(1),
  ...(admission === undefined
    ? ["", "", ""]
    : [admission.meanMs.toFixed(2), percent(admission.within5Ms), percent(admission.within25Ms)]),
  cpuMicroseconds === undefined ? "" : String(Math.round(cpuMicroseconds)),
];

const steadyRow = ({ name, p50, p99, cpuMicroseconds }: SteadyCreation): readonly string[] => [
  name,
  p50.toFixed(1),
  p99.toFixed(1),
  cpuMicroseconds === undefined ? "" : String(Math.round(cpuMicroseconds)),
];

const READY_BAR_MS = 3_000;
const RESIDENT_BAR_MB = 140;

const verdict = (isMet: boolean): string => (isMet ? "met" : "**not met**");

/** How the largest number of ServiceAccounts did against the bars. */
const barsText = ({ accounts, startedFirst, residentMiB }: Readiness): string => {
  const readyMs = median(startedFirst);
  const residentMB = residentMiB * 1.048576;
  return [
    `With ${accounts.toLocaleString("en")} ServiceAccounts, against the bars for 50,000:`,
    `ready within ${READY_BAR_MS} ms of the API server answering: ${Math.round(readyMs)} ms, ${verdict(readyMs <= READY_BAR_MS)};`,
    `less than ${RESIDENT_BAR_MB} MB resident: ${Math.round(residentMB)} MB, ${verdict(residentMB < RESIDENT_BAR_MB)}.`,
  ].join("\n");
};

/** The text. */
export const clusterText = ({ version, readiness, pods, steady, rounds, seconds }: Report): string => {
  const largest = readiness.at(-1);
  if (largest === undefined) throw new Error("nothing was measured");
  const { startedFirst, startedAfter } = largest;
  return `Kubernetes ${version}: etcd, kube-apiserver, Podpass and the client share the machine. Podpass runs as a pod on the
tests' node stand-in, with a mounted token, one process, and with the bounds of memory that the image sets.

### Ready, and in memory

ServiceAccounts with labels, one in five federated. Each time is until Podpass' \`/readyz\` answers 200, by which it had all
of them; the median, and the slowest in brackets.

- *Podpass first*, ${startedFirst.length} times: Podpass has been waiting for the API server for three seconds or more. From the first 200 of
  the API server's own \`/readyz\`; negative where Podpass was ready before the API server said so of itself.
- *API server first*, ${startedAfter.length} times: from the start of Podpass' process.

Resident memory is the median some seconds later, and the peak is the highest of all runs.

${table(
  ["ServiceAccounts", "federated", "Podpass first, ms", "API server first, ms", "resident MiB", "peak MiB"],
  readiness.map(readinessRow),
)}

${barsText(largest)}

### Pods created through the API server

Sixteen clients create pods of a federated ServiceAccount, with ${largest.accounts.toLocaleString("en")} ServiceAccounts in the cluster: ${rounds} rounds of
${seconds} seconds in turns, and the medians of the rounds. *Empty handler* is a webhook that allows everything, as in the first
part. *Admission* is what the API server itself measured around its call
(\`apiserver_admission_webhook_admission_duration_seconds\`, whose finest bounds are 5 and 25 ms).

${table(
  [
    "webhook",
    "pods/s",
    "p50 ms",
    "p99 ms",
    "admission, mean ms",
    "within 5 ms",
    "within 25 ms",
    "webhook's CPU µs a pod",
  ],
  pods.map(podRow),
)}

### ${STEADY_PODS} pods a second

As a real cluster creates them, ${steady[0]?.pods} pods for each webhook, beside processes that were just started and are idle between
pods: what they do meanwhile is part of their CPU.

${table(["webhook", "p50 ms", "p99 ms", "webhook's CPU µs a pod"], steady.map(steadyRow))}`;
};
