/** Pod creations through the API server: without a webhook, with one that does nothing, and with Podpass. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiObject } from "../../test/cluster/api-client.ts";
import type { Cluster } from "../../test/cluster/cluster.ts";
import { cpuMicroseconds } from "../process-usage.ts";
import { median, quantile } from "../statistics.ts";
import { type AdmissionLatency, latencyBetween, readAdmission } from "./admission-metrics.ts";

/** A webhook that the API server may call; none for the API server alone. */
export interface Contender {
  readonly name: string;
  readonly webhook?: { readonly url: string; readonly pid: number };
  readonly isInjecting: boolean;
}

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
const WEBHOOK = "pods.podpass.dev";
const configurations = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
// Where the first, federated ServiceAccount of the population is.
const pods = "/api/v1/namespaces/team-0/pods";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "pod-", labels: { app: "bench" } },
  spec: { serviceAccountName: "account-0", containers: [{ name: "main", image: "registry.example.com/app:1" }] },
};

const create = async (cluster: Cluster, query = ""): Promise<ApiObject> => cluster.must("POST", pods + query, pod);

const isInjected = ({ metadata }: ApiObject): boolean => metadata.annotations?.["podpass.dev/injected"] !== undefined;

const register = async (cluster: Cluster, url: string, caFile: string): Promise<void> => {
  await cluster.must("POST", configurations, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "podpass" },
    webhooks: [
      {
        name: WEBHOOK,
        clientConfig: { url, caBundle: readFileSync(caFile).toString("base64") },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        failurePolicy: "Fail",
        reinvocationPolicy: "IfNeeded",
        timeoutSeconds: 10,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
};

/** Until the API server calls the webhook, or no longer does. */
const untilCalled = async (cluster: Cluster, isExpected: boolean): Promise<void> => {
  for (let unchanged = 0; unchanged < 5; ) {
    const { calls } = await readAdmission(cluster, WEBHOOK);
    await create(cluster, "?dryRun=All");
    const isCalled = (await readAdmission(cluster, WEBHOOK)).calls > calls;
    unchanged = isCalled === isExpected ? unchanged + 1 : 0;
    await sleep(100);
  }
};

const createPods = async (cluster: Cluster, seconds: number, isInjecting: boolean): Promise<readonly number[]> => {
  const latencies: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  const work = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const startedAt = performance.now();
      const created = await create(cluster);
      latencies.push(performance.now() - startedAt);
      if (isInjected(created) !== isInjecting) throw new Error("a pod is not as this webhook should have left it");
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return latencies;
};

const measureRound = async (cluster: Cluster, contender: Contender, seconds: number): Promise<Round> => {
  const { webhook, isInjecting } = contender;
  const cpu = () => (webhook === undefined ? 0 : cpuMicroseconds(webhook.pid));
  const before = { admission: await readAdmission(cluster, WEBHOOK), cpu: cpu(), at: performance.now() };
  const latencies = await createPods(cluster, seconds, isInjecting);
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
      const { name, webhook } = contender;
      if (webhook !== undefined) await register(cluster, webhook.url, caFile);
      await untilCalled(cluster, webhook !== undefined);
      const result = await measureRound(cluster, contender, round === 0 ? 1 : seconds);
      if (round > 0) results.get(name)?.push(result);
      if (webhook !== undefined) await cluster.must("DELETE", `${configurations}/podpass`);
      await cluster.must("DELETE", `${pods}?labelSelector=app%3Dbench&gracePeriodSeconds=0`);
    }
  }
  return contenders.map(({ name }) => summary(name, results.get(name) ?? []));
};
