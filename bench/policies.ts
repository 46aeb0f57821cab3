/** What the admission policies cost each pod: with few and many ServiceAccounts beside it, in both modes. */
import { compileConfiguration } from "../src/configuration/compile.ts";
import type { Installation } from "../src/policies/installation.ts";
import { renderPolicies } from "../src/policies/render.ts";
import { type Cluster, startCluster } from "../test/cluster/cluster.ts";
import { findBinaries } from "../test/cluster/controlplane/binaries.ts";
import { applyPolicies, removePolicies } from "../test/cluster/policies.ts";
import { createAccounts, createCandidate, type PolicyPod, untilUsable } from "./policies/candidates.ts";
import { type PolicyRow, policiesText } from "./policies-text.ts";
import { median, quantile } from "./statistics.ts";

interface Effort {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
}

const QUICK: Effort = { sizes: [1, 100], rounds: 1, seconds: 1 };
const FULL: Effort = { sizes: [1, 100, 2_000], rounds: 3, seconds: 2 };

const WORKERS = 16;

/** Without policies, and with them in either mode. */
export const SETTINGS = ["no policy", "exact", "label"] as const;

type Mode = (typeof SETTINGS)[number];

const policiesOf = (mode: Installation["mode"], minor: number) => {
  const compiled = compileConfiguration({
    policy: { tokens: { expirationSeconds: { max: 86_400 }, audiences: { allow: ["https://internal.example.com"] } } },
  });
  if (!compiled.ok) throw new Error("the benchmark's configuration does not compile");
  return renderPolicies(compiled.settings, { name: "podpass", minor, mode, digest: "sha256:0" }).objects;
};

interface Sample {
  readonly p50: number;
  readonly podsPerSecond: number;
}

const measure = async (cluster: Cluster, pod: PolicyPod, seconds: number): Promise<Sample> => {
  const alone: number[] = [];
  const until = async (workers: number, each: (ms: number) => void): Promise<void> => {
    const deadline = performance.now() + seconds * 1000;
    const work = async (): Promise<void> => {
      while (performance.now() < deadline) each(await createCandidate(cluster, pod));
    };
    await Promise.all(Array.from({ length: workers }, work));
  };
  await until(1, (ms) => alone.push(ms));
  let count = 0;
  const startedAt = performance.now();
  await until(WORKERS, () => count++);
  return { p50: median(alone), podsPerSecond: (count / (performance.now() - startedAt)) * 1000 };
};

const report = (line: string): void => void process.stdout.write(`${line}\n`);

const measureMode = async (cluster: Cluster, mode: Mode, minor: number, effort: Effort): Promise<PolicyRow[]> => {
  const objects = mode === "no policy" ? [] : policiesOf(mode, minor);
  await applyPolicies(cluster, objects);
  const rows: PolicyRow[] = [];
  for (const accounts of effort.sizes)
    for (const isFederated of [false, true]) {
      const pod = { namespace: `accounts-${accounts}`, isFederated, isServed: mode !== "no policy" };
      await untilUsable(cluster, pod);
      const samples: Sample[] = [];
      for (let round = 0; round < effort.rounds; round++) samples.push(await measure(cluster, pod, effort.seconds));
      const row = {
        mode,
        accounts,
        isFederated,
        p50: median(samples.map(({ p50 }) => p50)),
        slowest: quantile(
          samples.map(({ p50 }) => p50),
          1,
        ),
        podsPerSecond: median(samples.map(({ podsPerSecond }) => podsPerSecond)),
      };
      rows.push(row);
      report(
        `${mode}, ${accounts} ServiceAccounts, ${isFederated ? "federated" : "plain"}: p50 ${row.p50.toFixed(1)} ms, ${Math.round(row.podsPerSecond)} pods/s`,
      );
    }
  await removePolicies(cluster, objects);
  return rows;
};

/** Measures everything; resolves to the text of the page. */
export const measurePolicies = async (isQuick: boolean): Promise<string> => {
  const effort = isQuick ? QUICK : FULL;
  const binaries = await findBinaries();
  if (binaries.kind === "missing") throw new Error(`there is no control plane here: ${binaries.reason}`);
  const minor = Number(/^v?1\.(\d+)/u.exec(binaries.version)?.[1]);
  const cluster = await startCluster({ binaries });
  try {
    for (const size of effort.sizes) await createAccounts(cluster, `accounts-${size}`, size);
    const rows: PolicyRow[] = [];
    for (const mode of SETTINGS) rows.push(...(await measureMode(cluster, mode, minor, effort)));
    return policiesText({ version: binaries.version, rows, rounds: effort.rounds, seconds: effort.seconds });
  } finally {
    await cluster.stop();
  }
};
