/**
 * `npm run bench`: what a decision costs, and this server beside an empty Fastify handler (about five minutes).
 * `npm run bench -- --cluster`: readiness, memory and pod creation on a real control plane (about as long).
 * Each writes its part of docs/benchmarks.md; with `--quick` it takes a minute or two, and prints the part instead.
 */
import { loadavg } from "node:os";
import { join } from "node:path";
import { machineText, type Part, writePart } from "./page.ts";

const isQuick = process.argv.includes("--quick");
const part: Part = process.argv.includes("--cluster") ? "cluster" : "loopback";
const page = join(import.meta.dirname, "../docs/benchmarks.md");

const measure = async (): Promise<string> =>
  part === "cluster"
    ? (await import("./cluster.ts")).measureCluster(isQuick)
    : (await import("./loopback.ts")).measureLoopback(isQuick);

const machine = machineText(loadavg()[0] ?? 0);
const text = `${machine}\n\n${await measure()}`;
if (isQuick) process.stdout.write(`\n${text}\n`);
else {
  writePart(page, part, text);
  process.stdout.write("docs/benchmarks.md is written\n");
}
