/** What docs/benchmarks.md says of a server that was just started. */
import { table } from "../scripts/markdown.ts";
import { COUNTS, type ColdRow, SETTLED_MS } from "./cold.ts";
import { median } from "./statistics.ts";

const THOUSAND = COUNTS.indexOf(1000);

const BARS = { cpu: 1.15, p50: 1.25, readyMs: 300, wakeUps: 10, idleCpuMs: 0.7 } as const;

const cpuOf = ({ runs }: ColdRow, at: number): number =>
  median(runs.map(({ first }) => first[at]?.cpuMicroseconds ?? 0));

const p50Of = ({ runs }: ColdRow): number => median(runs.map(({ first }) => first[THOUSAND]?.p50 ?? 0));

const cells = (row: ColdRow): readonly string[] => {
  const { name, runs, idle } = row;
  return [
    name,
    ...COUNTS.map((_, at) => String(Math.round(cpuOf(row, at)))),
    p50Of(row).toFixed(2),
    String(Math.round(median(runs.map(({ readyMs }) => readyMs)))),
    String(Math.round(median(runs.map(({ startedCpuMs }) => startedCpuMs)))),
    String(Math.round(median(runs.map(({ mib }) => mib)))),
    idle.wakeUpsPerSecond.toFixed(1),
    idle.cpuMsPerSecond.toFixed(2),
  ];
};

/** The median of the turns' ratios, since the machine is not the same from one turn to the next. */
const ratioOf = (one: ColdRow, other: ColdRow, field: "cpuMicroseconds" | "p50"): number =>
  median(
    one.runs.map(
      ({ first }, turn) => (first[THOUSAND]?.[field] ?? 0) / (other.runs[turn]?.first[THOUSAND]?.[field] ?? Number.NaN),
    ),
  );

const verdict = (isMet: boolean): string => (isMet ? "met" : "**not met**");

const barsText = (podpass: ColdRow, empty: ColdRow): string => {
  const cpu = ratioOf(podpass, empty, "cpuMicroseconds");
  const p50 = ratioOf(podpass, empty, "p50");
  const readyMs = median(podpass.runs.map((run) => run.readyMs));
  const { wakeUpsPerSecond, cpuMsPerSecond } = podpass.idle;
  return [
    "Against the bars, over the first 1,000 requests (the medians of the turns' ratios):",
    `at most ${BARS.cpu} of the empty handler's CPU: ${cpu.toFixed(2)}, ${verdict(cpu <= BARS.cpu)};`,
    `at most ${BARS.p50} of its p50: ${p50.toFixed(2)}, ${verdict(p50 <= BARS.p50)};`,
    `ready within ${BARS.readyMs} ms: ${Math.round(readyMs)} ms, ${verdict(readyMs <= BARS.readyMs)};`,
    `idle at most ${BARS.wakeUps} wake-ups a second: ${wakeUpsPerSecond.toFixed(1)}, ${verdict(wakeUpsPerSecond <= BARS.wakeUps)};`,
    `and ${BARS.idleCpuMs} ms of CPU: ${cpuMsPerSecond.toFixed(2)}, ${verdict(cpuMsPerSecond <= BARS.idleCpuMs)}.`,
  ].join("\n");
};

/** The text of `rows`: Podpass, the empty handler and the bare one. */
export const coldText = (rows: readonly ColdRow[]): string => {
  const [podpass, empty] = rows;
  if (podpass === undefined || empty === undefined) throw new Error("nothing was measured");
  return `### Just started

A cluster creates a few pods a second, so that a new replica is cold for minutes: V8 has not compiled yet what is used most.
Each of ${podpass.runs.length} turns starts every server anew, and sends \`deployment.json\` (one provider) over one connection, one request
after the other, from ${SETTLED_MS} ms after it was ready on. *Bare handler* is Node.js' own HTTPS server without Fastify: the limit.
CPU is what the kernel's scheduler counted of all threads, in nanoseconds; *CPU until then* is all that the process had before
the first request, the made-up reviews that Podpass answers meanwhile among it. Idle is a process of its own that is asked
nothing. Medians.

${table(
  [
    "server",
    ...COUNTS.map((count) => `CPU µs, first ${count.toLocaleString("en")}`),
    "p50 ms, first 1,000",
    "ready ms",
    "CPU ms until then",
    "MiB after",
    "idle wake-ups/s",
    "idle CPU ms/s",
  ],
  rows.map(cells),
)}

${barsText(podpass, empty)}`;
};
