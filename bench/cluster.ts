/** On a real control plane: readiness and memory with many ServiceAccounts, and pods created through the API server. */
import { join } from "node:path";
import { freePort, startServer } from "../scripts/serve-process.ts";
import { type Cluster, startCluster } from "../test/cluster/cluster.ts";
import { findBinaries } from "../test/cluster/controlplane/binaries.ts";
import { createPopulation } from "./cluster/accounts.ts";
import { installPodpass } from "./cluster/podpass-pod.ts";
import { measurePods, type PodEffort } from "./cluster/pods.ts";
import { measureReadiness, type Readiness, type ReadinessEffort } from "./cluster/readiness.ts";
import { measureSteady } from "./cluster/steady.ts";
import { clusterText } from "./cluster-text.ts";
import { median } from "./statistics.ts";

interface Effort {
  readonly sizes: readonly number[];
  readonly readiness: ReadinessEffort;
  readonly pods: PodEffort;
  readonly steadySeconds: number;
}

const QUICK: Effort = {
  sizes: [1_000, 5_000],
  readiness: { starts: 1, restarts: 1, settleMs: 1_000 },
  pods: { rounds: 1, seconds: 2 },
  steadySeconds: 10,
};
const FULL: Effort = {
  sizes: [1_000, 10_000, 50_000],
  readiness: { starts: 3, restarts: 3, settleMs: 5_000 },
  pods: { rounds: 5, seconds: 4 },
  steadySeconds: 60,
};

type Installed = Awaited<ReturnType<typeof installPodpass>>;

const report = (line: string): void => void process.stdout.write(`${line}\n`);

const measureSizes = async (cluster: Cluster, { hold }: Installed, effort: Effort): Promise<readonly Readiness[]> => {
  const population = await createPopulation(cluster);
  const rows: Readiness[] = [];
  for (const size of effort.sizes) {
    await population.growTo(size);
    const row = await measureReadiness(cluster, size, hold, effort.readiness);
    rows.push(row);
    report(
      `${size} ServiceAccounts: ready ${Math.round(median(row.startedAfter))} ms after its start, ${Math.round(median(row.startedFirst))} ms after the API server's; ${Math.round(row.residentMiB)} MiB resident`,
    );
  }
  return rows;
};

const measureCreation = async (cluster: Cluster, installed: Installed, { pods, steadySeconds }: Effort) => {
  const { hold, files } = installed;
  const held = await hold();
  held.release();
  await held.untilReady();
  const podpass = held.running();
  const [port, healthPort] = [await freePort(), await freePort()];
  const script = join(import.meta.dirname, "empty-handler.ts");
  const argv = [script, files.certificate, files.key, `${port}`, `${healthPort}`];
  const empty = await startServer(argv, `http://127.0.0.1:${healthPort}/readyz`);
  try {
    const idle = { url: `https://127.0.0.1:${port}/mutate/pods`, pid: empty.child.pid ?? 0 };
    const contenders = [
      { name: "no webhook", isInjecting: false },
      { name: "empty handler", webhook: idle, isInjecting: false },
      { name: "Podpass", webhook: podpass, isInjecting: true },
    ];
    // First, while both are cold.
    const steady = await measureSteady(cluster, contenders, { caFile: files.ca, seconds: steadySeconds });
    return { steady, pods: await measurePods(cluster, contenders, files.ca, pods) };
  } finally {
    await Promise.all([podpass.stop(), empty.stop()]);
  }
};

/** Measures everything; resolves to the text of the page. */
export const measureCluster = async (isQuick: boolean): Promise<string> => {
  const effort = isQuick ? QUICK : FULL;
  const binaries = await findBinaries();
  if (binaries.kind === "missing") throw new Error(`there is no control plane here: ${binaries.reason}`);
  const cluster = await startCluster({ binaries });
  try {
    const installed = await installPodpass(cluster);
    const readiness = await measureSizes(cluster, installed, effort);
    const { pods, steady } = await measureCreation(cluster, installed, effort);
    for (const { name, podsPerSecond } of pods) report(`${name}: ${Math.round(podsPerSecond)} pods/s`);
    return clusterText({ version: binaries.version, readiness, pods, steady, ...effort.pods });
  } finally {
    await cluster.stop();
  }
};
