/** Programs on the vendors' SDKs for Java, each a file of `java`, compiled once into the user's cache folder. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../cluster/controlplane/go-build.ts";
import { inParallel } from "./in-parallel.ts";
import { type Artifact, classPaths, compiler, sources } from "./java-artifacts.ts";
import { findJava, type JavaRuntime } from "./java-runtime.ts";

/** How the programs are run, by their names; or why there are none. */
export type JavaPrograms =
  | { readonly kind: "ready"; readonly commands: Commands; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: "missing"; readonly reason: string };

type Commands = Readonly<Record<string, readonly string[]>>;

const run = promisify(execFile);
const programs = Object.keys(classPaths);
const downloadTimeoutMs = 120_000;
const downloadsAtOnce = 16;

const fileOf = ({ id, version }: Artifact): string => `${id.slice(id.indexOf(":") + 1)}-${version}.jar`;

const download = async (artifact: Artifact, folder: string): Promise<void> => {
  const [group = "", name = ""] = artifact.id.split(":");
  const path = [...group.split("."), name, artifact.version, fileOf(artifact)].join("/");
  const url = `https://repo1.maven.org/maven2/${path}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(downloadTimeoutMs) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const sha256 = createHash("sha256").update(content).digest("hex");
  if (sha256 !== artifact.sha256) throw new Error(`${url} has the SHA-256 ${sha256}, not ${artifact.sha256}`);
  await writeFile(join(folder, fileOf(artifact)), content);
};

const classPath = (folder: string, program: string): string =>
  [...(classPaths[program] ?? []).map(fileOf), "classes"].map((name) => join(folder, name)).join(":");

/** Every file once: programs have some in common. */
const everyArtifact = (): readonly Artifact[] => [
  ...new Map([compiler, ...Object.values(classPaths).flat()].map((artifact) => [fileOf(artifact), artifact])).values(),
];

const make = async (folder: string, { command, env }: JavaRuntime): Promise<void> => {
  await inParallel(everyArtifact(), downloadsAtOnce, (artifact) => download(artifact, folder));
  const compile = (program: string) => {
    const flags = ["-17", "-proc:none", "-cp", classPath(folder, program), "-d", join(folder, "classes")];
    const args = ["-jar", join(folder, fileOf(compiler)), ...flags, join(sources, `${program}.java`)];
    return run(command, args, { env: { ...process.env, ...env }, timeout: 180_000 });
  };
  await inParallel(programs, 1, compile);
};

const ensurePrograms = async (cache: string, folder: string, java: JavaRuntime): Promise<void> => {
  if (existsSync(folder)) return;
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, "java-unfinished-"));
  try {
    await make(unfinished, java);
    // Another run may have been faster.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

const hashSources = (): string => {
  const hash = createHash("sha256").update(JSON.stringify([compiler, classPaths]));
  for (const program of programs) hash.update(readFileSync(join(sources, `${program}.java`)));
  return hash.digest("hex").slice(0, 12);
};

/** Finds or makes the programs. Says loudly why it cannot; for root with `CI=true` that is an error. */
export const findJavaPrograms = async (): Promise<JavaPrograms> => {
  const cache = join(cacheFolder(process.env), "sdks");
  const folder = join(cache, `java-${hashSources()}`);
  try {
    const java = await findJava(cache);
    await ensurePrograms(cache, folder, java);
    // Programs that end at once gain nothing from the second compiler.
    const commandOf = (program: string) =>
      [java.command, "-XX:TieredStopAtLevel=1", "-cp", classPath(folder, program), program] as const;
    const commands = Object.fromEntries(programs.map((program) => [program, commandOf(program)]));
    return { kind: "ready", commands, env: java.env };
  } catch (error) {
    if (process.env["CI"] === "true" && process.getuid?.() === 0) throw error;
    const reason = (error instanceof Error ? error.message.split("\n")[0] : undefined) ?? String(error);
    process.stderr.write(`\nTESTS OF JAVA SDKS ARE SKIPPED: ${reason}\n\n`);
    return { kind: "missing", reason };
  }
};
