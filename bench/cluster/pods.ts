/** Pod creations through the API server: without a webhook, with one that does nothing, and with Podpass. */
import type { Cluster } from "../../test/cluster/cluster.ts";
import { cpuMicroseconds } from "../process-usage.ts";
import { median, quantile } from "../statistics.ts";
import { type AdmissionLatency, latencyBetween, readAdmission } from "./admission-metrics.ts";
import { type Contender, createPod, WEBHOOK, whileCalled } from "./contender.ts";

/** What one contender did; medians of the rounds, latencies as the client sees them. */
export interface PodCreation {
  readonly name: string;
  readonly podsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** The webhook's own processor time for each pod. */
  readonly cpuMicroseconds?: number;
  readonly admission?: AdmissionLatency;
}

/** How much is measured. */
export interface PodEffort {
  readonly rounds: number;
  readonly seconds: number;
}

type Round = Omit<PodCreation, "name">;

const WORKERS = 16;
const createPods = async (cluster: Cluster, seconds: number, contender: Contender): Promise<readonly number[]> => {
  const latencies: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  const work = async (): Promise<void> => {
    while (performance.now() < deadline) latencies.push(await createPod(cluster, contender));
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return latencies;
};

const measureRound = async (cluster: Cluster, contender: Contender, seconds: number): Promise<Round> => {
  const { webhook } = contender;
  const cpu = () => (webhook === undefined ? 0 : cpuMicroseconds(webhook.pid));
  const before = { admission: await readAdmission(cluster, WEBHOOK), cpu: cpu(), at: performance.now() };
  const latencies = await createPods(cluster, seconds, contender);
  const elapsed = (performance.now() - before.at) / 1000;
  const round = {
    podsPerSecond: latencies.length / elapsed,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
  if (webhook === undefined) return round;
  const admission = latencyBetween(before.admission, await readAdmission(cluster, WEBHOOK));
  return { ...round, admission, cpuMicroseconds: (cpu() - before.cpu) / latencies.length };
};

const summary = (name: string, rounds: readonly Round[]): PodCreation => {
  const of = (read: (round: Round) => number) => median(rounds.map(read));
  const result = {
    name,
    podsPerSecond: of((round) => round.podsPerSecond),
    p50: of((round) => round.p50),
    p99: of((round) => round.p99),
  };
  if (rounds.every(({ admission }) => admission === undefined)) return result;
  const ofAdmission = (field: keyof AdmissionLatency) => of(({ admission }) => admission?.[field] ?? 0);
  const admission = {
    meanMs: ofAdmission("meanMs"),
    within5Ms: ofAdmission("within5Ms"),
    within25Ms: ofAdmission("within25Ms"),
  };
  return { ...result, admission, cpuMicroseconds: of((round) => round.cpuMicroseconds ?? 0) };
};

/** Measures the contenders in turns. */
export const measurePods = async (
  cluster: Cluster,
  contenders: readonly Contender[],
  caFile: string,
  { rounds, seconds }: PodEffort,
): Promise<readonly PodCreation[]> => {
  const results = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  // The first round warms everything up.
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const result = await whileCalled(cluster, { contender, caFile }, () =>
        measureRound(cluster, contender, round === 0 ? 1 : seconds),
      );
      if (round > 0) results.get(contender.name)?.push(result);
    }
  }
  return contenders.map(({ name }) => summary(name, results.get(name) ?? []));
};
