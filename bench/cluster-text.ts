/** The part of docs/benchmarks.md that needs a control plane. */
import { table } from "../scripts/markdown.ts";
import type { PodCreation } from "./cluster/pods.ts";
import type { Readiness } from "./cluster/readiness.ts";
import { median } from "./statistics.ts";

interface Report {
  readonly version: string;
  readonly readiness: readonly Readiness[];
  readonly pods: readonly PodCreation[];
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

/** The text. */
export const clusterText = ({ version, readiness, pods, rounds, seconds }: Report): string => {
  const [first] = readiness;
  return `Kubernetes ${version}: etcd, kube-apiserver, Podpass and the client share the machine. Podpass runs as a pod on the
tests' node stand-in, with a mounted token, one process.

### Ready, and in memory

ServiceAccounts with labels, one in five federated. *Podpass first*: from the first 200 of the API server's \`/readyz\`, with
Podpass waiting for it for at least three seconds by then (${first?.startedFirst.length}
times); a negative number means that it was ready before
the API server said so of itself. *API server first*: from the start of Podpass' process (${first?.startedAfter.length} times). Median, and the slowest in
brackets, in milliseconds until \`/readyz\` answers 200; each time it had all of the ServiceAccounts by then. Resident memory
is the median some seconds later, and the peak is the highest of all runs. The bars: 50,000 ready within 3,000 ms, and
less than 140 MB (134 MiB) resident.

${table(
  ["ServiceAccounts", "federated", "Podpass first, ms", "API server first, ms", "resident MiB", "peak MiB"],
  readiness.map(readinessRow),
)}

### Pods created through the API server

Sixteen clients create pods of a federated ServiceAccount, with ${readiness.at(-1)?.accounts.toLocaleString("en")} ServiceAccounts in the cluster: ${rounds} rounds of
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
)}`;
};
