/** Programs on the vendors' SDKs for Java, each a file of `java`, compiled once into the user's cache folder. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../cluster/controlplane/go-build.ts";
import { type Artifact, compiler, libraries } from "./java-artifacts.ts";
import { findJava, type JavaRuntime } from "./java-runtime.ts";

/** How a program is run, its class still to follow; or why there is none. */
export type JavaPrograms =
  | { readonly kind: "ready"; readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: "missing"; readonly reason: string };

const run = promisify(execFile);
const sources = join(import.meta.dirname, "java");
const downloadTimeoutMs = 120_000;

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

const classPath = (folder: string): string =>
  [...libraries.map(fileOf), "classes"].map((name) => join(folder, name)).join(":");

const make = async (folder: string, { command, env }: JavaRuntime): Promise<void> => {
  await Promise.all([compiler, ...libraries].map((artifact) => download(artifact, folder)));
  const flags = ["-17", "-proc:none", "-cp", classPath(folder), "-d", join(folder, "classes")];
  const files = globSync("*.java", { cwd: sources }).map((file) => join(sources, file));
  const args = ["-jar", join(folder, fileOf(compiler)), ...flags, ...files];
  await run(command, args, { env: { ...process.env, ...env }, timeout: 180_000 });
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
  const hash = createHash("sha256").update(JSON.stringify([compiler, libraries]));
  for (const file of globSync("*.java", { cwd: sources }).sort()) hash.update(readFileSync(join(sources, file)));
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
    const command = [java.command, "-XX:TieredStopAtLevel=1", "-cp", classPath(folder)];
    return { kind: "ready", command, env: java.env };
  } catch (error) {
    if (process.env["CI"] === "true" && process.getuid?.() === 0) throw error;
    const reason = (error instanceof Error ? error.message.split("\n")[0] : undefined) ?? String(error);
    process.stderr.write(`\nTESTS OF JAVA SDKS ARE SKIPPED: ${reason}\n\n`);
    return { kind: "missing", reason };
  }
};
