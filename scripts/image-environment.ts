/** How the image bounds the memory of its process, for what measures or tests that process without the image. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const NAMES = ["NODE_OPTIONS", "MALLOC_ARENA_MAX"] as const;

/** The variables of the Dockerfile's last `ENV` that bound memory; throws where one is not there. */
export const memoryEnvironment = (): Readonly<Record<string, string>> => {
  const dockerfile = readFileSync(join(import.meta.dirname, "../Dockerfile"), "utf8");
  return Object.fromEntries(
    NAMES.map((name) => {
      const [, quoted, plain] = new RegExp(`^ +${name}=(?:"([^"]+)"|(\\S+))`, "mu").exec(dockerfile) ?? [];
      const value = quoted ?? plain;
      if (value === undefined) throw new Error(`the Dockerfile does not set ${name}`);
      return [name, value];
    }),
  );
};
