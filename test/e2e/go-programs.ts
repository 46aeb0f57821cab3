/** Programs on the vendors' SDKs for Go, each a folder of `go`, built once into the user's cache folder. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder, ensurePrograms, withDefaults } from "../cluster/controlplane/go-build.ts";

/** The folder that has the programs, or why there is none. */
export type GoPrograms =
  | { readonly kind: "ready"; readonly folder: string }
  | { readonly kind: "missing"; readonly reason: string };

const folder = join(import.meta.dirname, "go");

/** What `go.mod` requires, as `module@version`. */
export const goModules: readonly string[] = [
  ...readFileSync(join(folder, "go.mod"), "utf8").matchAll(/^\s(\S+) (v\S+)$/gmu),
].map(([, module, version]) => `${module}@${version}`);

const hashSources = (): string => {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", ...globSync("*/*.go", { cwd: folder }).sort()])
    hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 12);
};

const missing = (reason: string): GoPrograms => {
  const line = `TESTS OF GO SDKS ARE SKIPPED: ${reason}`;
  if (process.env["CI"] === "true") throw new Error(line);
  process.stderr.write(`\n${line}\n\n`);
  return { kind: "missing", reason };
};

/** Finds or builds the programs. Says loudly why it cannot; with `CI=true` that is an error. */
export const findGoPrograms = async (): Promise<GoPrograms> => {
  const options = withDefaults({});
  const goVersion = /^go (\S+)$/mu.exec(readFileSync(join(folder, "go.mod"), "utf8"))?.[1] ?? "";
  const digest = hashSources();
  const names = globSync("*/main.go", { cwd: folder }).map((file) => dirname(file));
  const target = join(cacheFolder(options.env), "sdks", `go-${digest}`);
  const packages = Object.fromEntries(names.sort().map((name) => [name, `./${name}`]));
  const module = { folder, version: digest, goVersion, digest };
  const failure = await ensurePrograms({ module, title: "programs on SDKs", packages, target }, options);
  return failure === undefined ? { kind: "ready", folder: target } : missing(failure);
};
