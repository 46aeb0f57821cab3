/** docs/benchmarks.md, from the numbers of one run. */
import type { DecisionResult } from "./decisions.ts";

interface Measured {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly mib: number;
}

/** This server beside the empty handler; `ratio` is the median of the ratios of each pair of runs. */
export interface HttpRow {
  readonly name: string;
  readonly connections: number;
  readonly ratio: number;
  readonly podpass: Measured;
  readonly empty: Measured;
}

/** All that was measured. */
export interface Report {
  readonly machine: string;
  readonly decisions: readonly DecisionResult[];
  readonly http: readonly HttpRow[];
  /** Milliseconds from process start to ready. */
  readonly starts: readonly number[];
  readonly median: (values: readonly number[]) => number;
  readonly rounds: number;
  readonly seconds: number;
}

const cells = (name: string, { requestsPerSecond, p50, p99, mib }: Measured): string =>
  `${name} | ${Math.round(requestsPerSecond)} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${Math.round(mib)}`;

/** The page. */
export const page = ({ machine, decisions, http, starts, median, rounds, seconds }: Report): string => `# Benchmarks

Written by \`npm run bench\`; do not edit. Machine: ${machine}. Server and client share the machine, so the ratios say more
than the absolute numbers.

## What a decision costs

From the pod as parsed JSON to the JSON Patch, in one process; the median of nine batches.

| case | µs | operations in the patch |
|---|---|---|
${decisions.map((row) => `| ${row.name} | ${row.microseconds.toFixed(1)} | ${row.operations} |`).join("\n")}

## Over HTTPS, beside a server that does nothing

The baseline is a Fastify handler that parses the review and allows it. Both run as one process on the same body, in
turns: ${rounds} pairs of ${seconds} seconds, and the ratio is the median of the pairs' ratios. The bar is 0.90 on
\`deployment.json\`.

| body | connections | ratio | server | requests/s | p50 ms | p99 ms | memory MiB |
|---|---|---|---|---|---|---|---|
${http
  .flatMap((row) => [
    `| ${row.name} | ${row.connections} | **${row.ratio.toFixed(2)}** | ${cells("Podpass", row.podpass)} |`,
    `| | | | ${cells("empty handler", row.empty)} |`,
  ])
  .join("\n")}

## Start

From the start of the process until \`/readyz\` answers 200, ${starts.length} times: median ${Math.round(median(starts))} ms,
slowest ${Math.round(Math.max(...starts))} ms. The bar is 300 ms.
`;
