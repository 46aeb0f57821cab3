/** Without a cluster: what a decision costs, and this server beside an empty Fastify handler on the same bodies. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCertificates } from "../scripts/certificates.ts";
import { freePort, startServer } from "../scripts/serve-process.ts";
import { type ColdEffort, type ColdRow, measureCold } from "./cold.ts";
import { measureDecisions } from "./decisions.ts";
import { measureHostile } from "./hostile.ts";
import { type HttpRow, loopbackText, type Starts } from "./loopback-text.ts";
import { measurePairs, type PairsEffort, type Side } from "./pairs.ts";
import { createPoster } from "./poster.ts";
import { manifest, SERVICE_ACCOUNTS } from "./service-accounts.ts";
import { median } from "./statistics.ts";

const root = join(import.meta.dirname, "..");
const bundle = join(root, "dist/podpass.mjs");

/** What an image sets, so that Node.js finds what the build left for it. */
const WITH_COMPILE_CACHE = { NODE_COMPILE_CACHE: join(root, "dist/compile-cache"), NODE_COMPILE_CACHE_PORTABLE: "1" };

const directory = mkdtempSync(join(tmpdir(), "podpass-bench-"));
const manifests = join(directory, "serviceaccount.json");
const { certificate, key } = await writeCertificates(directory);

const side = async (argv: (port: number, healthPort: number) => readonly string[]): Promise<Side> => {
  const [port, healthPort] = [await freePort(), await freePort()];
  return {
    url: `https://127.0.0.1:${port}/mutate/pods?timeout=10s`,
    start: (env = {}) => startServer(argv(port, healthPort), `http://127.0.0.1:${healthPort}/readyz`, env),
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
const handler = (name: string, ...more: readonly string[]): Promise<Side> =>
  side((port, healthPort) => [
    join(root, `bench/${name}-handler.ts`),
    ...[certificate, key, `${port}`, `${healthPort}`],
    ...more,
  ]);
const [empty, bare] = [await handler("empty"), await handler("bare")];

/** What the empty handler answers with where it sends what Podpass would. */
const answerFile = join(directory, "answer.json");
const sameAnswer = await handler("empty", answerFile);

/** How much is measured. */
interface Effort {
  readonly pairs: PairsEffort;
  readonly starts: number;
  readonly hostile: number;
  readonly cold: ColdEffort;
}

type Case = readonly [
  name: string,
  review: string,
  account: keyof typeof SERVICE_ACCOUNTS,
  connections: number,
  baseline?: "same answer",
];

const CASES: readonly Case[] = [
  ["deployment.json, one provider", "deployment", "one", 1],
  ["deployment.json, one provider", "deployment", "one", 16],
  ["deployment.json, one provider", "deployment", "one", 16, "same answer"],
  ["deployment.json, not federated", "deployment", "none", 16],
  ["deployment.json, three providers", "deployment", "three", 16],
  ["deployment.json, three providers", "deployment", "three", 16, "same answer"],
  ["big.json, one provider", "big", "one", 16],
];

/** The members of Podpass' response to `body`, in a file. */
const recordAnswer = async (body: string): Promise<void> => {
  const server = await podpass.start();
  const { post, close } = createPoster(podpass.url);
  try {
    writeFileSync(answerFile, JSON.stringify(JSON.parse((await post(Buffer.from(body))).body).response));
  } finally {
    close();
    await server.stop();
  }
};

const compare = async ([name, review, account, connections, baseline]: Case, effort: PairsEffort): Promise<HttpRow> => {
  writeFileSync(manifests, manifest(SERVICE_ACCOUNTS[account]));
  const body = readFileSync(join(root, `test/data/admission-reviews/${review}.json`), "utf8");
  if (baseline !== undefined) await recordAnswer(body);
  const other = baseline === undefined ? empty : sameAnswer;
  const { ours, theirs, ...ratios } = await measurePairs([podpass, other], { body, connections }, effort);
  const row: HttpRow = {
    name,
    baseline: baseline === undefined ? "empty handler" : "empty handler, same answer",
    connections,
    ...ratios,
    podpass: ours,
    empty: theirs,
  };
  process.stdout.write(
    `${name}, ${connections} connections: ${row.ratio.toFixed(2)} of the requests/s of the ${row.baseline}, ${row.cpuRatio.toFixed(2)} of its processor time a request (${Math.round(ours.cpuMicroseconds)} against ${Math.round(theirs.cpuMicroseconds)} µs)\n`,
  );
  return row;
};

const startUp = async (starts: number): Promise<Starts> => {
  const measured = { cached: [] as number[], plain: [] as number[] };
  for (let i = 0; i < starts; i++)
    for (const [times, env] of [[measured.cached, WITH_COMPILE_CACHE] as const, [measured.plain, {}] as const]) {
      const server = await podpass.start(env);
      times.push(server.readyMs);
      await server.stop();
    }
  return measured;
};

const coldStarts = (effort: ColdEffort): Promise<readonly ColdRow[]> => {
  writeFileSync(manifests, manifest(SERVICE_ACCOUNTS.one));
  const sides = [
    { name: "Podpass", url: podpass.url, start: () => podpass.start(WITH_COMPILE_CACHE) },
    { name: "empty handler", url: empty.url, start: () => empty.start() },
    { name: "bare handler", url: bare.url, start: () => bare.start() },
  ];
  return measureCold(sides, effort);
};

const QUICK: Effort = {
  pairs: { processes: 1, warmUpSeconds: 4, pairs: 5, seconds: 1 },
  starts: 3,
  hostile: 2,
  cold: { turns: 2, idleSeconds: 5 },
};
const FULL: Effort = {
  pairs: { processes: 3, warmUpSeconds: 10, pairs: 9, seconds: 1 },
  starts: 15,
  hostile: 7,
  cold: { turns: 15, idleSeconds: 10 },
};

/** Measures everything; resolves to the text of the page. */
export const measureLoopback = async (isQuick: boolean): Promise<string> => {
  const effort = isQuick ? QUICK : FULL;
  try {
    const decisions = measureDecisions();
    for (const row of decisions) process.stdout.write(`${row.name}: ${row.microseconds.toFixed(1)} µs a decision\n`);
    writeFileSync(manifests, manifest(SERVICE_ACCOUNTS.one));
    const startsMs = await startUp(effort.starts);
    process.stdout.write(
      `started and ready in ${Math.round(median(startsMs.cached))} ms, without the compile cache in ${Math.round(median(startsMs.plain))} ms\n`,
    );
    const coldRows = await coldStarts(effort.cold);
    const http: HttpRow[] = [];
    for (const one of CASES) http.push(await compare(one, effort.pairs));
    writeFileSync(manifests, manifest(SERVICE_ACCOUNTS.hostile));
    const hostile = await measureHostile(podpass, effort.hostile);
    return loopbackText({ ...effort.pairs, decisions, http, startsMs, coldRows, hostileRows: hostile });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
