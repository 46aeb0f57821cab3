/** A few pods a second, as a real cluster creates them, beside webhooks that were just started. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../test/cluster/cluster.ts";
import { Threads } from "../scheduler.ts";
import { quantile } from "../statistics.ts";
import { type Contender, createPod, whileCalled } from "./contender.ts";

/** A second. */
export const STEADY_PODS = 5;

/** What one contender did; latencies in milliseconds, as the client sees them. */
export interface SteadyCreation {
  readonly name: string;
  readonly pods: number;
  readonly p50: number;
  readonly p99: number;
  /** The webhook's own, for each pod, what it does between pods included. */
  readonly cpuMicroseconds?: number;
}

const createSteadily = async (cluster: Cluster, contender: Contender, seconds: number): Promise<readonly number[]> => {
  const creations: Promise<number>[] = [];
  const startedAt = performance.now();
  for (let pod = 0; pod < seconds * STEADY_PODS; pod++) {
    await sleep(Math.max(0, startedAt + (pod * 1000) / STEADY_PODS - performance.now()));
    creations.push(createPod(cluster, contender));
  }
  return Promise.all(creations);
};

const measureOne = async (cluster: Cluster, contender: Contender, seconds: number): Promise<SteadyCreation> => {
  const threads = contender.webhook && new Threads(contender.webhook.pid);
  const before = threads?.read().cpuNanoseconds ?? 0;
  const latencies = await createSteadily(cluster, contender, seconds);
  const pods = latencies.length;
  const result = {
    name: contender.name,
    pods,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
  if (threads === undefined) return result;
  return { ...result, cpuMicroseconds: (threads.read().cpuNanoseconds - before) / 1000 / pods };
};

/** Measures the contenders one after the other. */
export const measureSteady = async (
  cluster: Cluster,
  contenders: readonly Contender[],
  { caFile, seconds }: { readonly caFile: string; readonly seconds: number },
): Promise<readonly SteadyCreation[]> => {
  const results: SteadyCreation[] = [];
  for (const contender of contenders)
    results.push(await whileCalled(cluster, { contender, caFile }, () => measureOne(cluster, contender, seconds)));
  return results;
};
