/** How many cores each file of tests needs. */
import { join, relative } from "node:path";
import { CORES } from "./turns.ts";

const root = join(import.meta.dirname, "../..");

/** The file whose parts take turns of their own: it waits for minutes between them. Begun first, since it ends last. */
export const REAL_NODE = "test/e2e/installed/real-node.test.ts";

/** Files that wait for minutes until something expires, and do little beside. */
export const WAITING: readonly string[] = ["test/e2e/managed-certificates.test.ts", "test/e2e/silence.test.ts"];

/** Files that assert times, or what becomes of requests under load: nothing else is to run beside them. */
export const ALONE: readonly string[] = [
  "test/e2e/faults.test.ts",
  "test/e2e/hostile.test.ts",
  "test/e2e/policies/hostile-size.test.ts",
  "test/e2e/policies/many-accounts.test.ts",
  "test/e2e/policies/outage.test.ts",
  "test/e2e/policies/restart.test.ts",
  "test/e2e/policies/upgrade.test.ts",
  "test/http/hostile-accounts.test.ts",
  "test/http/hostile.test.ts",
  "test/http/memory.test.ts",
  "test/http/serve.test.ts",
  "test/property/growth.test.ts",
];

/** The cores that a file of tests needs while it runs, by its absolute path. */
export const coresFor = (file: string): number => {
  const path = relative(root, file);
  if (WAITING.includes(path)) return 0;
  return ALONE.includes(path) ? CORES : 1;
};

/** Where a file's place is among all: a file with a smaller number is begun earlier. */
export const placeOf = (file: string): number => {
  const path = relative(root, file);
  if (path === REAL_NODE) return 0;
  if (WAITING.includes(path)) return 1;
  return ALONE.includes(path) ? 3 : 2;
};
