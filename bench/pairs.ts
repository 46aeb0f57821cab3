/** Two servers under the same load, in turns. */
import type { ServerProcess } from "../scripts/serve-process.ts";
import { type Load, type LoadResult, runLoad } from "./load.ts";
import type { Measured } from "./loopback-text.ts";
import { cpuMicroseconds, residentMiB } from "./process-usage.ts";
import { median } from "./statistics.ts";

/** A server that can be started, and where it listens then. */
export interface Side {
  readonly url: string;
  start(env?: Readonly<Record<string, string>>): Promise<ServerProcess>;
}

/** How much is measured: V8 compiles differently each time, so that one process says little about the next. */
export interface PairsEffort {
  /** Processes of each, one after the other. */
  readonly processes: number;
  readonly warmUpSeconds: number;
  /** Pairs of each two processes. */
  readonly pairs: number;
  readonly seconds: number;
}

interface Round extends LoadResult {
  readonly cpuMicroseconds: number;
  readonly mib: number;
}

/** Of both servers, and the medians of the pairs' ratios. */
export interface Pairs {
  readonly ratio: number;
  readonly cpuRatio: number;
  readonly ours: Measured;
  readonly theirs: Measured;
}

const runRound = async ({ child }: ServerProcess, load: Load): Promise<Round> => {
  const pid = child.pid ?? 0;
  const before = cpuMicroseconds(pid);
  const result = await runLoad(load);
  const used = cpuMicroseconds(pid) - before;
  return { ...result, cpuMicroseconds: used / result.requests, mib: residentMiB(pid) };
};

const summary = (rounds: readonly Round[]): Measured => {
  const of = (field: keyof Round) => median(rounds.map((round) => round[field]));
  return {
    requestsPerSecond: of("requestsPerSecond"),
    p50: of("p50"),
    p99: of("p99"),
    cpuMicroseconds: of("cpuMicroseconds"),
    mib: of("mib"),
  };
};

type Pair = readonly [ours: Round, theirs: Round];

/** The pairs of one process each; which of them is first changes from pair to pair. */
const runProcesses = async (
  [ours, theirs]: readonly [Side, Side],
  load: Omit<Load, "url" | "seconds">,
  effort: PairsEffort,
): Promise<readonly Pair[]> => {
  const started: ServerProcess[] = [];
  const pairs: Pair[] = [];
  try {
    const [one, two] = [await ours.start(), await theirs.start()];
    started.push(one, two);
    const warmUp = { ...load, seconds: effort.warmUpSeconds };
    for (const { url } of [ours, theirs]) await runLoad({ ...warmUp, url });
    const runOurs = () => runRound(one, { ...load, seconds: effort.seconds, url: ours.url });
    const runTheirs = () => runRound(two, { ...load, seconds: effort.seconds, url: theirs.url });
    for (let pair = 0; pair < effort.pairs; pair++) {
      const before = pair % 2 === 0 ? undefined : await runTheirs();
      const round = await runOurs();
      pairs.push([round, before ?? (await runTheirs())]);
    }
    return pairs;
  } finally {
    await Promise.all(started.map((server) => server.stop()));
  }
};

/** Measures both under `load`. */
export const measurePairs = async (
  sides: readonly [ours: Side, theirs: Side],
  load: Omit<Load, "url" | "seconds">,
  effort: PairsEffort,
): Promise<Pairs> => {
  const pairs: Pair[] = [];
  for (let process = 0; process < effort.processes; process++) pairs.push(...(await runProcesses(sides, load, effort)));
  const ratioOf = (field: "requestsPerSecond" | "cpuMicroseconds") =>
    median(pairs.map(([ours, theirs]) => ours[field] / theirs[field]));
  return {
    ratio: ratioOf("requestsPerSecond"),
    cpuRatio: ratioOf("cpuMicroseconds"),
    ours: summary(pairs.map(([ours]) => ours)),
    theirs: summary(pairs.map(([, theirs]) => theirs)),
  };
};
