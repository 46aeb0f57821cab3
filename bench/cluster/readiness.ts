/** How soon Podpass is ready, and what it keeps in memory, with the ServiceAccounts that the cluster has. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../test/cluster/cluster.ts";
import { peakMiB, residentMiB } from "../process-usage.ts";
import { median } from "../statistics.ts";
import { federatedOf } from "./accounts.ts";
import type { HeldPodpass } from "./podpass-pod.ts";

/** What was measured with one number of ServiceAccounts; times in milliseconds, medians with the slowest beside them. */
export interface Readiness {
  readonly accounts: number;
  readonly federated: number;
  /** From the start of the process, with the API server answering. */
  readonly startedAfter: readonly number[];
  /** From the first 200 of the API server's `/readyz`, with Podpass waiting for it. */
  readonly startedFirst: readonly number[];
  readonly residentMiB: number;
  readonly peakMiB: number;
}

/** How often, and how long memory may settle. */
export interface ReadinessEffort {
  readonly starts: number;
  readonly restarts: number;
  readonly settleMs: number;
}

interface Sample {
  readonly milliseconds: number;
  readonly resident: number;
  readonly peak: number;
}

const knownAccounts = async (health: string): Promise<number> => {
  const page = await (await fetch(`${health}/metrics`)).text();
  return Number(/^podpass_watch_accounts (\d+)$/mu.exec(page)?.[1]);
};

const finish = async (held: HeldPodpass, milliseconds: number, expected: number, settleMs: number): Promise<Sample> => {
  const known = await knownAccounts(held.health);
  if (known < expected) throw new Error(`Podpass was ready with ${known} of ${expected} ServiceAccounts`);
  await sleep(settleMs);
  const podpass = held.running();
  const sample = { milliseconds, resident: residentMiB(podpass.pid), peak: peakMiB(podpass.pid) };
  await podpass.stop();
  return sample;
};

const startAfter = async (held: HeldPodpass, expected: number, settleMs: number): Promise<Sample> => {
  const startedAt = held.release();
  return finish(held, (await held.untilReady()) - startedAt, expected, settleMs);
};

const untilAnswering = async (cluster: Cluster): Promise<number> => {
  const isUp = () =>
    cluster.request("GET", "/readyz", undefined, { timeoutMs: 2_000 }).then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await isUp())) await sleep(10);
  return performance.now();
};

const startFirst = async (cluster: Cluster, held: HeldPodpass, expected: number, settleMs: number): Promise<Sample> => {
  await cluster.stopApiServer();
  held.release();
  await held.untilListening();
  // Long enough for its retries to have become rare.
  await sleep(3_000);
  const restarted = cluster.restartApiServer();
  const [answeringAt, readyAt] = await Promise.all([untilAnswering(cluster), held.untilReady()]);
  await restarted;
  return finish(held, readyAt - answeringAt, expected, settleMs);
};

/** Starts Podpass again and again, before and after the API server. */
export const measureReadiness = async (
  cluster: Cluster,
  accounts: number,
  hold: () => Promise<HeldPodpass>,
  { starts, restarts, settleMs }: ReadinessEffort,
): Promise<Readiness> => {
  const after: Sample[] = [];
  const first: Sample[] = [];
  for (let i = 0; i < starts; i++) after.push(await startAfter(await hold(), accounts, settleMs));
  for (let i = 0; i < restarts; i++) first.push(await startFirst(cluster, await hold(), accounts, settleMs));
  const all = [...after, ...first];
  const times = (samples: readonly Sample[]) => samples.map(({ milliseconds }) => milliseconds);
  return {
    accounts,
    federated: federatedOf(accounts),
    startedAfter: times(after),
    startedFirst: times(first),
    residentMiB: median(all.map(({ resident }) => resident)),
    peakMiB: Math.max(...all.map(({ peak }) => peak)),
  };
};
