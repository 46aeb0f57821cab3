/**
 * Runs once before the tests on a real cluster: finds or builds the control plane and a node's programs, and says so once
 * where it cannot.
 */
import type { TestProject } from "vitest/node";
import { type Binaries, findBinaries } from "./controlplane/binaries.ts";
import { findNodePrograms, type NodePrograms } from "./realnode/programs.ts";
import { reportMissingNode } from "./realnode/report.ts";

declare module "vitest" {
  interface ProvidedContext {
    controlPlane?: Binaries;
    nodePrograms?: NodePrograms;
  }
}

/** One line for people; an error where tests must not be skipped. */
export const reportMissing = (binaries: Binaries): void => {
  if (binaries.kind === "found") return;
  const line = `TESTS ON A REAL CLUSTER ARE SKIPPED: ${binaries.reason}`;
  if (process.env["CI"] === "true") throw new Error(line);
  process.stderr.write(`\n${line}\n\n`);
};

export default async ({ provide }: TestProject): Promise<void> => {
  const nodePrograms = await findNodePrograms();
  reportMissingNode(nodePrograms);
  const binaries = await findBinaries({ withNode: nodePrograms.kind === "found" });
  reportMissing(binaries);
  provide("nodePrograms", nodePrograms);
  provide("controlPlane", binaries);
};
