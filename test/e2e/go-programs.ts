/** Programs on the vendors' SDKs for Go, each a folder of a module, built once into the user's cache folder. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { cacheFolder, ensurePrograms, withDefaults } from "../cluster/controlplane/go-build.ts";

/** The program files by name, or why there are none. */
export type GoPrograms =
  | { readonly kind: "ready"; readonly files: Readonly<Record<string, string>> }
  | { readonly kind: "missing"; readonly reason: string };

/** Teleport's module has another in its place, for nobody else. */
const names = ["go", "go-teleport"] as const;

const folderOf = (name: (typeof names)[number]): string => join(import.meta.dirname, name);

const readModule = (folder: string): string => readFileSync(join(folder, "go.mod"), "utf8");

/** What the modules require, as `module@version`. */
export const goModules: readonly string[] = names.flatMap((name) =>
  [...readModule(folderOf(name)).matchAll(/^(?:require |\t)(\S+) (v\S+)$/gmu)].map(
    ([, module, version]) => `${module}@${version}`,
  ),
);

const hashSources = (folder: string): string => {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", ...globSync("*/**/*.go", { cwd: folder }).sort()])
    hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 12);
};

const missing = (reason: string): GoPrograms => {
  const line = `TESTS OF GO SDKS ARE SKIPPED: ${reason}`;
  if (process.env["CI"] === "true") throw new Error(line);
  process.stderr.write(`\n${line}\n\n`);
  return { kind: "missing", reason };
};

const targetOf = (folder: string): string =>
  join(cacheFolder(process.env), "sdks", `${basename(folder)}-${hashSources(folder)}`);

/** Where a program of a module is once it is built. */
export const goProgram = (module: (typeof names)[number], program: string): string =>
  join(targetOf(folderOf(module)), program);

const findModule = async (folder: string): Promise<GoPrograms> => {
  const options = withDefaults({});
  const goVersion = /^go (\S+)$/mu.exec(readModule(folder))?.[1] ?? "";
  const digest = hashSources(folder);
  const own = globSync("*/main.go", { cwd: folder }).map((file) => dirname(file));
  const target = targetOf(folder);
  const packages = Object.fromEntries(own.sort().map((name) => [name, `./${name}`]));
  const module = { folder, version: digest, goVersion, digest };
  const failure = await ensurePrograms({ module, title: "programs on SDKs", packages, target }, options);
  if (failure !== undefined) return missing(failure);
  return { kind: "ready", files: Object.fromEntries(Object.keys(packages).map((name) => [name, join(target, name)])) };
};

/** Finds or builds the programs. Says loudly why it cannot; with `CI=true` that is an error. */
export const findGoPrograms = async (): Promise<GoPrograms> => {
  let files = {};
  for (const name of names) {
    const found = await findModule(folderOf(name));
    if (found.kind === "missing") return found;
    files = { ...files, ...found.files };
  }
  return { kind: "ready", files };
};
