/** Java: this machine's own, or Debian's package, unpacked into a cache folder. */
import { execFile } from "node:child_process";
import { existsSync, globSync, readdirSync, readlinkSync } from "node:fs";
import { rename, rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { unpackWithDependencies } from "../cluster/image/debian-packages.ts";

const run = promisify(execFile);
const oldest = 17;

/** How Java is started. */
export interface JavaRuntime {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

const versionOf = async (command: string): Promise<number> => {
  try {
    return Number(/ version "(\d+)/u.exec((await run(command, ["-version"])).stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
};

/** Has links that lead to `/etc` lead to the folder's own: nothing of the package is installed. */
const leadLinksInto = async (target: string, folder: string): Promise<void> => {
  const links = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  for (const link of links.map(({ parentPath, name }) => join(parentPath, name))) {
    const leadsTo = readlinkSync(link);
    if (!leadsTo.startsWith("/etc/") || !existsSync(join(target, leadsTo))) continue;
    await unlink(link);
    await symlink(join(target, leadsTo), link);
  }
};

const homeIn = (target: string): string => globSync(join(target, "usr/lib/jvm/java-*/bin/java"))[0] ?? "";

/** A Java whose package was unpacked into `target`. */
const unpackedRuntime = (target: string): JavaRuntime => ({
  command: homeIn(target),
  env: { LD_LIBRARY_PATH: globSync(join(target, "{usr/,}lib/*-linux-gnu*")).join(":") },
});

/** Makes what was unpacked into `unfinished` run from `target`. */
const settleRuntime = async (unfinished: string, target: string): Promise<void> => {
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
  await leadLinksInto(target, join(target, "usr/lib/jvm"));
};

/** Finds or unpacks a Java. Throws where there is none to have. */
export const findJava = async (cache: string): Promise<JavaRuntime> => {
  if ((await versionOf("java")) >= oldest) return { command: "java", env: {} };
  const target = join(cache, "java-runtime");
  if (homeIn(target) === "") {
    const unfinished = `${target}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await unpackWithDependencies("default-jre-headless", unfinished);
    await settleRuntime(unfinished, target);
  }
  return unpackedRuntime(target);
};
