/** Programs that are built with Go, once, into a cache folder outside the checkout. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { withLock } from "./lock.ts";

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is read and told while programs are looked for; the defaults are this process' own. */
export interface FindOptions {
  readonly env?: Environment;
  readonly report?: (line: string) => void;
}

/** A Go module of ours, which does nothing but pin versions. */
export interface GoModule {
  readonly folder: string;
  /** The version of the module that it is there for, as `v1.2.3`. */
  readonly version: string;
  /** The oldest Go that builds it. */
  readonly goVersion: string;
  /** Changes with every pinned version. */
  readonly digest: string;
}

/** What to build. */
export interface GoPrograms {
  readonly module: GoModule;
  /** For people. */
  readonly title: string;
  /** The package of each program. */
  readonly packages: Readonly<Record<string, string>>;
  readonly linkerFlags?: string;
  /** The folder for the programs; it may have some of them. */
  readonly target: string;
}

/** The folder in which everything is kept that takes long to make. */
export const cacheFolder = (env: Environment): string =>
  join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "podpass");

/** `options` with the defaults. */
export const withDefaults = (options: FindOptions): Required<FindOptions> => ({
  env: options.env ?? process.env,
  report: options.report ?? ((line) => void process.stderr.write(`test cluster: ${line}\n`)),
});

/** Reads the module in `folder`, which requires `dependency`. */
export const readModule = async (folder: string, dependency: string): Promise<GoModule> => {
  const text = await readFile(join(folder, "go.mod"), "utf8");
  const line = text
    .split("\n")
    .find((candidate) => candidate.trim().replace("require ", "").startsWith(`${dependency} v`));
  const version = /\s(v\S+)/u.exec(line ?? "")?.[1];
  if (version === undefined) throw new Error(`${folder}/go.mod requires no ${dependency}`);
  const goVersion = /^go (\S+)$/mu.exec(text)?.[1] ?? "";
  return { folder, version, goVersion, digest: createHash("sha256").update(text).digest("hex").slice(0, 12) };
};

/** The programs that are not in `folder`. */
export const lacking = async (folder: string, programs: readonly string[]): Promise<string[]> => {
  const checks = programs.map((program) =>
    access(join(folder, program), constants.X_OK).then(
      () => undefined,
      () => program,
    ),
  );
  return (await Promise.all(checks)).filter((program) => program !== undefined);
};

const runGo = (args: readonly string[], cwd: string, env: Environment): Promise<string | undefined> =>
  new Promise((resolve) => {
    const go = spawn("go", args, { cwd, env: { ...env, CGO_ENABLED: "0" } });
    let errors = "";
    go.stdout.resume();
    go.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    go.on("error", (error) => resolve(error.message));
    go.on("close", (code) => resolve(code === 0 ? undefined : errors.trim().split("\n").at(-1) || `exit code ${code}`));
  });

// Go names a program after the last step of its package's path that is not a major version.
const builtName = (packagePath: string): string => basename(packagePath.replace(/\/v\d+$/u, ""));

/** Builds what is missing in one invocation, so that nothing is compiled twice; a program appears when it is whole. */
const build = async (wanted: GoPrograms, missing: readonly string[], options: Required<FindOptions>) => {
  const { module, title, packages, linkerFlags = "", target } = wanted;
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await Promise.all([mkdir(unfinished, { recursive: true }), mkdir(target, { recursive: true })]);
  options.report(`building ${missing.join(", ")} of ${title} (once, some minutes)`);
  const paths = missing.map((program) => packages[program] ?? "");
  const flags = ["-trimpath", "-ldflags", `-s -w ${linkerFlags}`.trim(), "-o", `${unfinished}/`];
  const failure = await runGo(["build", ...flags, ...paths], module.folder, options.env);
  if (failure !== undefined) return `go build ${paths.join(" ")}: ${failure}`;
  for (const program of missing)
    await rename(join(unfinished, builtName(packages[program] ?? "")), join(target, program));
  await rm(unfinished, { recursive: true });
  options.report(`built in ${target}`);
  return undefined;
};

/** Has all programs in their folder; returns one line that says why that is not possible. */
export const ensurePrograms = async (
  wanted: GoPrograms,
  options: Required<FindOptions>,
): Promise<string | undefined> => {
  const programs = Object.keys(wanted.packages);
  if ((await lacking(wanted.target, programs)).length === 0) return undefined;
  const noGo = await runGo(["version"], wanted.module.folder, options.env);
  if (noGo !== undefined) return `install Go ${wanted.module.goVersion} or newer to build them (${noGo})`;
  await mkdir(join(wanted.target, ".."), { recursive: true });
  return withLock(`${wanted.target}.lock`, async () => {
    const missing = await lacking(wanted.target, programs);
    return missing.length === 0 ? undefined : build(wanted, missing, options);
  });
};
