/** The part of docs/benchmarks.md that needs no cluster. */
import type { ColdRow } from "./cold.ts";
import { coldText } from "./cold-text.ts";
import type { DecisionResult } from "./decisions.ts";
import type { HostileRow } from "./hostile.ts";
import { loadClient } from "./load.ts";
import { median } from "./statistics.ts";

/** One server under load; `cpuMicroseconds` is for each request. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
  readonly mib: number;
}

/** This server beside the empty handler; the ratios are the medians of the ratios of each pair of runs. */
export interface HttpRow {
  readonly name: string;
  readonly baseline: string;
  readonly connections: number;
  readonly ratio: number;
  readonly cpuRatio: number;
  readonly podpass: Measured;
  readonly empty: Measured;
}

/** Milliseconds from the start of the process until it was ready. */
export interface Starts {
  readonly cached: readonly number[];
  readonly plain: readonly number[];
}

/** All that was measured. */
export interface Report {
  readonly decisions: readonly DecisionResult[];
  readonly http: readonly HttpRow[];
  readonly startsMs: Starts;
  readonly coldRows: readonly ColdRow[];
  readonly hostileRows: readonly HostileRow[];
  readonly processes: number;
  readonly warmUpSeconds: number;
  readonly pairs: number;
  readonly seconds: number;
}

const cells = ({ requestsPerSecond, p50, p99, cpuMicroseconds, mib }: Measured): string =>
  [Math.round(requestsPerSecond), p50.toFixed(2), p99.toFixed(2), Math.round(cpuMicroseconds), Math.round(mib)].join(
    " | ",
  );

const hostileCells = ({ name, mib, answer, answeredMs, othersMs, peakMiB }: HostileRow): string =>
  `| ${name} | ${mib.toFixed(1)} | \`${answer}\` | ${Math.round(answeredMs)} | **${Math.round(othersMs)}** | ${Math.round(peakMiB)} |`;

/** The text. */
export const loopbackText = ({
  decisions,
  http,
  startsMs,
  coldRows,
  hostileRows,
  processes,
  warmUpSeconds,
  pairs,
  seconds,
}: Report): string => `### What a decision costs

From the pod as parsed JSON to the JSON Patch, in one process; the median of nine batches.

| case | µs | operations in the patch |
|---|---|---|
${decisions.map((row) => `| ${row.name} | ${row.microseconds.toFixed(1)} | ${row.operations} |`).join("\n")}

### Over HTTPS, beside a server that does nothing

The baseline is a Fastify handler that parses the review and allows it. Both run as one process on the same body, in
turns: after ${warmUpSeconds} s each, in which V8 compiles what is used most, ${pairs} pairs of ${seconds} s. That with ${processes} processes of each,
since V8 compiles differently each time; each ratio is the median of all pairs' ratios. The bar is 0.90 of the baseline's requests/s on \`deployment.json\`. Where the baseline
sends the *same answer*, the ratio is without what an answer with a patch costs to write and to encrypt. The load comes
from ${loadClient}, on the same machine.

On a machine that others use as well, the processor time that a server took for a request (all of its threads, and the
kernel for it) is the steadier number.

| body | connections | requests/s, ratio | CPU, ratio | server | requests/s | p50 ms | p99 ms | CPU µs a request | memory MiB |
|---|---|---|---|---|---|---|---|---|---|
${http
  .flatMap((row) => [
    `| ${row.name} | ${row.connections} | **${row.ratio.toFixed(2)}** | ${row.cpuRatio.toFixed(2)} | Podpass | ${cells(row.podpass)} |`,
    `| | | | | ${row.baseline} | ${cells(row.empty)} |`,
  ])
  .join("\n")}

### Start

From the start of the process until \`/readyz\` answers 200, ${startsMs.plain.length} times each, in turns. The bar is 300 ms.

| | median ms | slowest ms |
|---|---|---|
| with the compile cache that the build makes, as an image sets it up | **${Math.round(median(startsMs.cached))}** | ${Math.round(Math.max(...startsMs.cached))} |
| \`dist/podpass.mjs\` alone | ${Math.round(median(startsMs.plain))} | ${Math.round(Math.max(...startsMs.plain))} |

${coldText(coldRows)}

### The dearest reviews

What a pod's author can make Podpass read, within [the bounds](limits.md) and beyond them, and what that costs others: small
pods are sent one after the other on another connection, and *others waited* is the longest that one of them waited, also for
the kernel and the client, which share the machine. The ServiceAccount has six providers. A server that was just started for
each review; the bars are 250 ms and 256 MiB.

| review | MiB | answer | answered after ms | others waited ms | peak MiB |
|---|---|---|---|---|---|
${hostileRows.map(hostileCells).join("\n")}`;
