/**
 * `npm run bench`: what a decision costs, and this server beside an empty Fastify handler on the same bodies in the same
 * run. Prints ratios and writes docs/benchmarks.md. Loopback only, and it stops by itself (about four minutes;
 * `--quick` one).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { writeCertificates } from "../scripts/certificates.ts";
import { freePort, type ServerProcess, startServer } from "../scripts/serve-process.ts";
import { type DecisionResult, measureDecisions } from "./decisions.ts";
import { type LoadResult, loadClient, runLoad } from "./load.ts";
import { type HttpRow, page } from "./page.ts";
import { manifest, SERVICE_ACCOUNTS } from "./service-accounts.ts";

const isQuick = process.argv.includes("--quick");
const ROUNDS = isQuick ? 2 : 5;
const SECONDS = isQuick ? 2 : 4;
const STARTS = isQuick ? 3 : 9;

const root = join(import.meta.dirname, "..");
const bundle = join(root, "dist/podpass.mjs");

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const residentMiB = ({ child }: ServerProcess): number => {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
};

interface Side {
  readonly url: string;
  start(): Promise<ServerProcess>;
}

const directory = mkdtempSync(join(tmpdir(), "podpass-bench-"));
const manifests = join(directory, "serviceaccount.json");
const { certificate, key } = await writeCertificates(directory);

const side = async (argv: (port: number, healthPort: number) => readonly string[]): Promise<Side> => {
  const [port, healthPort] = [await freePort(), await freePort()];
  return {
    url: `https://127.0.0.1:${port}/mutate/pods?timeout=10s`,
    start: () => startServer(argv(port, healthPort), `http://127.0.0.1:${healthPort}/readyz`),
  };
};

const podpass = await side((port, healthPort) =>
  [bundle, "serve", "--manifests", directory, "--tls-cert", certificate, "--tls-key", key].concat([
    "--host",
    "127.0.0.1",
    "--port",
    `${port}`,
    "--health-port",
    `${healthPort}`,
    "--drain-seconds",
    "0",
  ]),
);
const empty = await side((port, healthPort) => [
  join(root, "bench/empty-handler.ts"),
  certificate,
  key,
  `${port}`,
  `${healthPort}`,
]);

const compare = async (
  name: string,
  review: string,
  account: keyof typeof SERVICE_ACCOUNTS,
  connections: number,
): Promise<HttpRow> => {
  writeFileSync(manifests, manifest(SERVICE_ACCOUNTS[account]));
  const body = readFileSync(join(root, `test/data/admission-reviews/${review}.json`), "utf8");
  const ours = await podpass.start();
  const theirs = await empty.start();
  const rounds: (readonly [LoadResult, LoadResult])[] = [];
  try {
    for (const { url } of [podpass, empty]) await runLoad({ url, body, connections, seconds: 2 });
    for (let round = 0; round < ROUNDS; round++)
      rounds.push([
        await runLoad({ url: podpass.url, body, connections, seconds: SECONDS }),
        await runLoad({ url: empty.url, body, connections, seconds: SECONDS }),
      ]);
    const of = (index: 0 | 1, field: keyof LoadResult) => median(rounds.map((round) => round[index][field]));
    const row: HttpRow = {
      name,
      connections,
      ratio: median(rounds.map(([one, other]) => one.requestsPerSecond / other.requestsPerSecond)),
      podpass: {
        requestsPerSecond: of(0, "requestsPerSecond"),
        p50: of(0, "p50"),
        p99: of(0, "p99"),
        mib: residentMiB(ours),
      },
      empty: {
        requestsPerSecond: of(1, "requestsPerSecond"),
        p50: of(1, "p50"),
        p99: of(1, "p99"),
        mib: residentMiB(theirs),
      },
    };
    process.stdout.write(
      `${name}, ${connections} connections: ${row.ratio.toFixed(2)} of the empty handler (${Math.round(row.podpass.requestsPerSecond)} against ${Math.round(row.empty.requestsPerSecond)} requests/s)\n`,
    );
    return row;
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
};

const startUp = async (): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await podpass.start();
    times.push(server.readyMs);
    await server.stop();
  }
  return times;
};

try {
  const decisions: readonly DecisionResult[] = measureDecisions();
  for (const row of decisions) process.stdout.write(`${row.name}: ${row.microseconds.toFixed(1)} µs a decision\n`);
  writeFileSync(manifests, manifest(SERVICE_ACCOUNTS.one));
  const starts = await startUp();
  process.stdout.write(`started and ready in ${Math.round(median(starts))} ms\n`);
  const http = [
    await compare("deployment.json, one provider", "deployment", "one", 1),
    await compare("deployment.json, one provider", "deployment", "one", 16),
    await compare("deployment.json, not federated", "deployment", "none", 16),
    await compare("deployment.json, three providers", "deployment", "three", 16),
    await compare("big.json, one provider", "big", "one", 16),
  ];
  if (!isQuick) {
    const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, client ${loadClient}`;
    writeFileSync(
      join(root, "docs/benchmarks.md"),
      page({ machine, decisions, http, starts, median, rounds: ROUNDS, seconds: SECONDS }),
    );
    process.stdout.write("docs/benchmarks.md is written\n");
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
