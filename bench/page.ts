/** docs/benchmarks.md: four parts, each written by a run of its own. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { replaceBetween } from "../scripts/markdown.ts";

/** The parts, in their order. */
export type Part = "loopback" | "cluster" | "policies" | "image";

const empty = (part: Part): string => `<!-- begin generated: ${part} -->\n<!-- end generated: ${part} -->`;

const NEW_PAGE = `# Benchmarks

Measured by \`npm run bench\` (the first part), and with \`-- --cluster\` (the second), \`-- --policies\` (the third) and
\`-- --image\` (the fourth), which write this page; do not edit it. Servers and clients share one machine, so ratios say more than absolute
numbers.

## Without a cluster

${empty("loopback")}

## On a real control plane

${empty("cluster")}

## Admission policies

${empty("policies")}

## In the image

${empty("image")}
`;

/** The machine, and how busy it was when a part began. */
export const machineText = (loadAverage: number): string => {
  const all = cpus();
  return `Machine: ${all.length} cores, ${all[0]?.model ?? "unknown"}, Node ${process.version}. Its load average was ${loadAverage.toFixed(1)} when
this part began: where that is well above 0, other work shared the machine, and took its part of what is measured here.`;
};

/** Replaces one part of the page and keeps the other. */
export const writePart = (path: string, part: Part, text: string): void => {
  const page = existsSync(path) ? readFileSync(path, "utf8") : NEW_PAGE;
  writeFileSync(path, replaceBetween(page, part, text));
};
