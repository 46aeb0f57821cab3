/** What the API server's audit log says of pods that were created without Podpass. */
import { readFile } from "node:fs/promises";
import { vi } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Attempt } from "./steady-load.ts";

interface AuditEvent {
  readonly auditID: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const openedKey = /^failed-open\.mutation\.webhook\.admission\.k8s\.io\//u;

const readEvents = async ({ apiServerLog }: Cluster): Promise<ReadonlyMap<string, AuditEvent>> => {
  const lines = (await readFile(apiServerLog, "utf8")).split("\n");
  const events = lines
    .filter((line) => line.startsWith('{"kind":"Event","apiVersion":"audit.k8s.io/') && line.endsWith("}"))
    .map((line): AuditEvent => JSON.parse(line));
  return new Map(events.map((event) => [event.auditID, event]));
};

const didFailOpen = (event: AuditEvent | undefined): boolean =>
  Object.entries(event?.annotations ?? {}).some(
    ([name, value]) => openedKey.test(name) && value.includes("pods.podpass.dev"),
  );

/** The attempts of which the audit log does not say that the API server could not call Podpass and went on without it. */
export const unexplained = async (cluster: Cluster, without: readonly Attempt[]): Promise<readonly Attempt[]> => {
  if (without.length === 0) return [];
  return vi.waitFor(
    async () => {
      const events = await readEvents(cluster);
      const missing = without.filter(({ auditId }) => !events.has(auditId));
      if (missing.length > 0) throw new Error(`${missing.length} requests are not in the audit log`);
      return without.filter(({ auditId }) => !didFailOpen(events.get(auditId)));
    },
    { timeout: 5_000, interval: 100 },
  );
};

/** Why the API server went on without Podpass, each reason with how often it is in its log since `offset`. */
export const reasonsToOpen = async (
  { apiServerLog }: Cluster,
  offset = 0,
): Promise<Readonly<Record<string, number>>> => {
  const text = (await readFile(apiServerLog)).subarray(offset).toString();
  const counts: Record<string, number> = {};
  for (const [, reason = ""] of text.matchAll(
    /failing open pods\.podpass\.dev: failed calling webhook[^:]*: (.*)$/gmu,
  )) {
    const short = reason.replace(/^.*: ((?:[^:]|::)+)"?$/u, "$1");
    counts[short] = (counts[short] ?? 0) + 1;
  }
  return counts;
};
