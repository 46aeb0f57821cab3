/** Debian's packages, unpacked into a folder and not installed. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./command.ts";

type Download = (folder: string) => Promise<unknown>;

/** A machine that was just installed knows the names of no packages. */
const withFreshLists = async (download: () => Promise<unknown>): Promise<void> => {
  try {
    await download();
  } catch {
    await runCommand("apt-get", ["update"]);
    await download();
  }
};

const unpack = async (download: Download, target: string): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "podpass-packages-"));
  try {
    await mkdir(join(folder, "partial"));
    await withFreshLists(() => download(folder));
    await mkdir(target, { recursive: true });
    const files = (await readdir(folder)).filter((file) => file.endsWith(".deb"));
    for (const file of files) await runCommand("dpkg-deb", ["--extract", join(folder, file), target]);
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Unpacks exactly these packages into `target`. Throws where a package cannot be downloaded. */
export const unpackPackages = (names: readonly string[], target: string): Promise<void> =>
  unpack((cwd) => runCommand("apt-get", ["-o", "APT::Sandbox::User=root", "download", ...names], { cwd }), target);

/** Unpacks a package into `target`, with those that it needs and this machine does not have. Throws like the other one. */
export const unpackWithDependencies = (name: string, target: string): Promise<void> => {
  const install = ["install", "--yes", "--download-only", "--no-install-recommends", name];
  const download: Download = (folder) =>
    runCommand("apt-get", ["-o", `Dir::Cache::archives=${folder}/`, "-o", "Debug::NoLocking=true", ...install]);
  return unpack(download, target);
};
