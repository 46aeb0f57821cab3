/** Says once that tests on a real node are skipped. */
import type { NodePrograms } from "./programs.ts";

/** One line for people; an error for root with `CI=true`, who can have a node. */
export const reportMissingNode = (programs: NodePrograms): void => {
  if (programs.kind === "found") return;
  const line = `TESTS ON A REAL NODE ARE SKIPPED: ${programs.reason}`;
  if (process.env["CI"] === "true" && process.getuid?.() === 0) throw new Error(line);
  process.stderr.write(`\n${line}\n\n`);
};
