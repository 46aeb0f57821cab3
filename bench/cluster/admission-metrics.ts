/** What kube-apiserver counts of its calls to one webhook. */
import type { Cluster } from "../../test/cluster/cluster.ts";

/** Calls since the API server started; seconds in all, and calls by the upper bound of their time in seconds. */
export interface AdmissionCount {
  readonly calls: number;
  readonly seconds: number;
  readonly within: ReadonlyMap<number, number>;
}

const METRIC = "apiserver_admission_webhook_admission_duration_seconds";

/** Reads `apiserver_admission_webhook_admission_duration_seconds` for the webhook called `name`. */
export const readAdmission = async (cluster: Cluster, name: string): Promise<AdmissionCount> => {
  const page = await cluster.must<string>("GET", "/metrics");
  const lines = page.split("\n").filter((line) => line.startsWith(METRIC) && line.includes(`name="${name}"`));
  const valueIn = (line: string) => Number(line.slice(line.lastIndexOf(" ") + 1));
  const sum = (suffix: string) =>
    lines.filter((line) => line.startsWith(`${METRIC}_${suffix}{`)).reduce((total, line) => total + valueIn(line), 0);
  const within = new Map<number, number>();
  for (const line of lines) {
    const [, bound] = /_bucket\{.*le="([^"]+)"/u.exec(line) ?? [];
    if (bound !== undefined) within.set(Number(bound), (within.get(Number(bound)) ?? 0) + valueIn(line));
  }
  return { calls: sum("count"), seconds: sum("sum"), within };
};

/** The mean in milliseconds, and the shares of calls within some times, of what happened between two readings. */
export interface AdmissionLatency {
  readonly meanMs: number;
  readonly within5Ms: number;
  readonly within25Ms: number;
}

/** What happened between two readings. */
export const latencyBetween = (before: AdmissionCount, after: AdmissionCount): AdmissionLatency => {
  const calls = after.calls - before.calls;
  const share = (seconds: number) => ((after.within.get(seconds) ?? 0) - (before.within.get(seconds) ?? 0)) / calls;
  return {
    meanMs: ((after.seconds - before.seconds) / calls) * 1000,
    within5Ms: share(0.005),
    within25Ms: share(0.025),
  };
};
