/** A server that was just started: what its first requests cost, and what it does while nothing is asked of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerProcess } from "../scripts/serve-process.ts";
import { createPoster } from "./poster.ts";
import { residentMiB } from "./process-usage.ts";
import { type Scheduled, Threads } from "./scheduler.ts";
import { median } from "./statistics.ts";

/** A server that can be started again and again. */
export interface ColdSide {
  readonly name: string;
  readonly url: string;
  start(): Promise<ServerProcess>;
}

/** The first `requests` of them. */
export interface FirstRequests {
  readonly requests: number;
  readonly cpuMicroseconds: number;
  readonly p50: number;
}

/** One start. */
export interface ColdRun {
  readonly readyMs: number;
  /** From the start of the process until the first request, {@link SETTLED_MS} after it was ready. */
  readonly startedCpuMs: number;
  readonly first: readonly FirstRequests[];
  readonly mib: number;
}

/** While nothing is asked. */
export interface Idle {
  readonly wakeUpsPerSecond: number;
  readonly cpuMsPerSecond: number;
}

/** One server, run by run. */
export interface ColdRow {
  readonly name: string;
  readonly runs: readonly ColdRun[];
  readonly idle: Idle;
}

/** How much is measured. */
export interface ColdEffort {
  readonly turns: number;
  readonly idleSeconds: number;
}

/** About what it takes until an API server calls a replica that has become ready. */
export const SETTLED_MS = 1000;

/** Requests from the first on. */
export const COUNTS = [50, 200, 1000, 4000] as const;

const BODY = readFileSync(join(import.meta.dirname, "../test/data/admission-reviews/deployment.json"));

const threadsOf = ({ child }: ServerProcess): Threads => new Threads(child.pid ?? 0);

const askFirst = async (url: string, threads: Threads): Promise<readonly FirstRequests[]> => {
  const { post, close } = createPoster(url);
  const before = threads.read().cpuNanoseconds;
  const latencies: number[] = [];
  const first: FirstRequests[] = [];
  try {
    for (const requests of COUNTS) {
      while (latencies.length < requests) latencies.push((await post(BODY)).ms);
      const cpuMicroseconds = (threads.read().cpuNanoseconds - before) / 1000 / requests;
      first.push({ requests, cpuMicroseconds, p50: median(latencies) });
    }
    return first;
  } finally {
    close();
  }
};

const runOnce = async ({ url, start }: ColdSide): Promise<ColdRun> => {
  const server = await start();
  try {
    await sleep(SETTLED_MS);
    const threads = threadsOf(server);
    const startedCpuMs = threads.read().cpuNanoseconds / 1e6;
    const first = await askFirst(url, threads);
    return { readyMs: server.readyMs, startedCpuMs, first, mib: residentMiB(server.child.pid ?? 0) };
  } finally {
    await server.stop();
  }
};

const perSecond = (before: Scheduled, after: Scheduled, seconds: number): Idle => ({
  wakeUpsPerSecond: (after.wakeUps - before.wakeUps) / seconds,
  cpuMsPerSecond: (after.cpuNanoseconds - before.cpuNanoseconds) / 1e6 / seconds,
});

const measureIdle = async ({ start }: ColdSide, seconds: number): Promise<Idle> => {
  const server = await start();
  try {
    await sleep(2 * SETTLED_MS);
    const threads = threadsOf(server);
    const before = threads.read();
    await sleep(seconds * 1000);
    return perSecond(before, threads.read(), seconds);
  } finally {
    await server.stop();
  }
};

const report = ({ name, runs, idle }: ColdRow): void => {
  const costs = COUNTS.map((_, at) => Math.round(median(runs.map(({ first }) => first[at]?.cpuMicroseconds ?? 0))));
  process.stdout.write(
    `${name}, just started: ${costs.join(", ")} µs of CPU for each of the first ${COUNTS.join(", ")} requests; idle ${idle.wakeUpsPerSecond.toFixed(1)} wake-ups and ${idle.cpuMsPerSecond.toFixed(2)} ms of CPU a second\n`,
  );
};

/** Measures `sides` in turns, a new process for each run. */
export const measureCold = async (sides: readonly ColdSide[], effort: ColdEffort): Promise<readonly ColdRow[]> => {
  const runs = sides.map((): ColdRun[] => []);
  // The client's own code is warm after the first turn, which is not counted.
  for (let turn = 0; turn <= effort.turns; turn++)
    for (const [at, side] of sides.entries()) {
      const run = await runOnce(side);
      if (turn > 0) runs[at]?.push(run);
    }
  const rows: ColdRow[] = [];
  for (const [at, side] of sides.entries()) {
    const row = { name: side.name, runs: runs[at] ?? [], idle: await measureIdle(side, effort.idleSeconds) };
    report(row);
    rows.push(row);
  }
  return rows;
};
