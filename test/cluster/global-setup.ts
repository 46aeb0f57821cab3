/** Runs once before the tests on a real cluster: finds or builds the control plane, and says so once where it cannot. */
import type { TestProject } from "vitest/node";
import { type Binaries, findBinaries } from "./controlplane/binaries.ts";

declare module "vitest" {
  interface ProvidedContext {
    controlPlane?: Binaries;
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
  const binaries = await findBinaries();
  reportMissing(binaries);
  provide("controlPlane", binaries);
};
