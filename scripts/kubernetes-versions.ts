/** The Kubernetes versions that the tests have run on, and the page that says so. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { kubernetesVersions } from "../test/cluster/controlplane/versions.ts";
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

/** The table of docs/kubernetes-versions.md, newest version first. */
export const versionsTable = (runs: readonly RecordedRun[]): string =>
  table(
    ["Kubernetes", "Run with", "On", "Tests passed", "of them on a real node", "failed", "skipped"],
    [...runs]
      .reverse()
      .map(({ version, date, passed, passedOnRealNode, failed, skipped }) => [
        minorOf(version),
        version,
        date,
        String(passed),
        String(passedOnRealNode),
        String(failed),
        String(skipped),
      ]),
  );
