/**
 * Runs the tests on a real cluster: `npm run test:cluster -- [--kubernetes MINOR] [--record] [VITEST_ARGUMENT]...`.
 * `--kubernetes 1.34` takes that version in place of the newest; `--record` writes how all the tests ended to the file
 * that docs/kubernetes-versions.md is generated from.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChosenModule, versionVariable } from "../test/cluster/controlplane/versions.ts";
import { type RecordedRun, RUNS_FILE, readRuns, runsText } from "./kubernetes-versions.ts";

/** The part of vitest's report that is kept. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly { status: string }[] }[];
}

const parseArguments = (args: readonly string[]) => {
  const queue = [...args];
  const rest: string[] = [];
  let kubernetes = process.env[versionVariable];
  let isRecorded = false;
  for (let argument = queue.shift(); argument !== undefined; argument = queue.shift()) {
    if (argument === "--record") isRecorded = true;
    else if (argument === "--kubernetes") kubernetes = queue.shift();
    else if (argument.startsWith("--kubernetes=")) kubernetes = argument.slice("--kubernetes=".length);
    else rest.push(argument);
  }
  return { kubernetes, isRecorded, rest };
};

const { kubernetes, isRecorded, rest } = parseArguments(process.argv.slice(2));
const env = { ...process.env, ...(kubernetes === undefined ? {} : { [versionVariable]: kubernetes }) };
const { version } = await readChosenModule(env);
if (isRecorded && rest.length > 0) throw new Error(`--record is for a run of all tests: leave ${rest.join(" ")} away`);
const folder = mkdtempSync(join(tmpdir(), "podpass-report-"));
const reportFile = join(folder, "report.json");

const record = (): void => {
  const report: Report = JSON.parse(readFileSync(reportFile, "utf8"));
  const onNode = report.testResults.filter(({ name }) => name.includes("/realnode/") || name.includes("/installed/"));
  const nodeTests = onNode.flatMap(({ assertionResults }) => assertionResults);
  const run: RecordedRun = {
    version,
    date: new Date().toISOString().slice(0, 10),
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
    passedOnRealNode: nodeTests.filter(({ status }) => status === "passed").length,
  };
  writeFileSync(RUNS_FILE, runsText([...readRuns(), run]));
};

const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
const vitest = ["vitest", "run", "--project", "cluster", ...(isRecorded ? reporters : []), ...rest];
const { status } = spawnSync("npx", vitest, { env, stdio: "inherit" });
if (isRecorded) record();
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;
