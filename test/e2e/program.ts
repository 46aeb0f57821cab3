/** The program under test: the bundle where it is current, else the sources. */
import { existsSync, globSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bundle = `${root}dist/podpass.mjs`;

const isCurrent = (): boolean => {
  if (!existsSync(bundle)) return false;
  const builtAt = statSync(bundle).mtimeMs;
  return globSync("src/**/*.ts", { cwd: root }).every((file) => statSync(root + file).mtimeMs <= builtAt);
};

let chosen: string | undefined;

/** The file that Node.js runs. Chosen once, so that no test meets two versions. */
export const program = (): string => {
  chosen ??= isCurrent() ? bundle : `${root}src/main.ts`;
  return chosen;
};
