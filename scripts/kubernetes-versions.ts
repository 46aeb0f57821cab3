/** The Kubernetes versions that the tests have run on, and the page that says so. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readModule } from "../test/cluster/controlplane/go-build.ts";
import { kubernetesVersions, versionFolder } from "../test/cluster/controlplane/versions.ts";
import { table } from "./markdown.ts";

/** One run of the tests on a real cluster, all of them. */
export interface RecordedRun {
  /** As `v1.37.2`. */
  readonly version: string;
  /** As `2026-11-26`. */
  readonly date: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Those of the passed that ran on a kubelet with containerd. */
  readonly passedOnRealNode: number;
}

/** Where runs are kept. */
export const RUNS_FILE = fileURLToPath(new URL("../test/cluster/controlplane/runs.json", import.meta.url));

const minorOf = (version: string): string => version.replace(/^v(\d+\.\d+)\..*$/u, "$1");
const order = (version: string): number => Number(minorOf(version).split(".")[1]);

/** The last run of each minor version. */
export const readRuns = (): readonly RecordedRun[] => JSON.parse(readFileSync(RUNS_FILE, "utf8"));

/** The file with `runs`: the last one of each minor version that can still be built, oldest version first. */
export const runsText = (runs: readonly RecordedRun[]): string => {
  const known = kubernetesVersions();
  const last = new Map(runs.map((run) => [minorOf(run.version), run]));
  const kept = [...last.values()].filter(({ version }) => known.includes(minorOf(version)));
  return `${JSON.stringify(
    kept.sort((a, b) => order(a.version) - order(b.version)),
    null,
    2,
  )}\n`;
};

/** What the modules pin, as `v1.37.2`, oldest first. */
const pinnedVersions = async (): Promise<readonly string[]> => {
  const modules = kubernetesVersions().map((version) => readModule(versionFolder(version), "k8s.io/kubernetes"));
  return (await Promise.all(modules)).map(({ version }) => version);
};

/** The table of docs/kubernetes-versions.md: every version that can be built, newest first, and its last run if any. */
export const versionsTable = async (runs: readonly RecordedRun[]): Promise<string> => {
  const rows = (await pinnedVersions()).map((version) => {
    const run = runs.find((candidate) => candidate.version === version);
    const counts = run && [run.passed, run.passedOnRealNode, run.failed, run.skipped].map(String);
    return [minorOf(version), version, run?.date ?? "not yet", ...(counts ?? ["", "", "", ""])];
  });
  const head = ["Kubernetes", "Built from", "Last run", "Tests passed", "of them on a real node", "failed", "skipped"];
  return table(head, rows.reverse());
};
