/**
 * `npm run bench`: what a decision costs, and this server beside an empty Fastify handler (about five minutes).
 * `npm run bench -- --cluster`: readiness, memory and pod creation on a real control plane (about as long).
 * `npm run bench -- --policies`: what the admission policies cost, on a real control plane (about four minutes).
 * `npm run bench -- --image`: size, start and memory of the image; builds it first, which needs root.
 * Each writes its part of docs/benchmarks.md; with `--quick` it takes a minute or two, and prints the part instead.
 */
import { loadavg } from "node:os";
import { join } from "node:path";
import { machineText, type Part, writePart } from "./page.ts";

const isQuick = process.argv.includes("--quick");
const part: Part =
  (["cluster", "policies", "image"] as const).find((name) => process.argv.includes(`--${name}`)) ?? "loopback";
const page = join(import.meta.dirname, "../docs/benchmarks.md");

const measures: Readonly<Record<Part, () => Promise<string>>> = {
  loopback: async () => (await import("./loopback.ts")).measureLoopback(isQuick),
  cluster: async () => (await import("./cluster.ts")).measureCluster(isQuick),
  policies: async () => (await import("./policies.ts")).measurePolicies(isQuick),
  image: async () => (await import("./image.ts")).measureImage(isQuick),
};

const machine = machineText(loadavg()[0] ?? 0);
const text = `${machine}\n\n${await measures[part]()}`;
if (isQuick) process.stdout.write(`\n${text}\n`);
else {
  writePart(page, part, text);
  process.stdout.write("docs/benchmarks.md is written\n");
}
