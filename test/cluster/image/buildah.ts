/** Buildah: this machine's own, or Debian's package, unpacked into a cache folder. */
import { globSync } from "node:fs";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasProgram, runCommand } from "./command.ts";
import { unpackWithDependencies } from "./debian-packages.ts";

/** Runs `buildah ...args`, with images and containers in a storage of its own. */
export type Buildah = (command: string, ...args: readonly string[]) => Promise<string>;

const unpacked = async (cache: string): Promise<string> => {
  const target = join(cache, "buildah");
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere) return target;
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await unpackWithDependencies("buildah", unfinished);
  await rename(unfinished, target);
  return target;
};

/**
 * The command that runs an unpacked Buildah. It starts itself again without its environment, `LD_LIBRARY_PATH` among it,
 * so that its libraries have to be in the linker's cache: in one that only this process and its children see.
 */
const unpackedCommand = async (target: string, folder: string): Promise<readonly string[]> => {
  const [settings, linkerCache] = [join(folder, "ld.so.conf"), join(folder, "ld.so.cache")];
  const libraries = globSync(join(target, "{usr/,}lib/*-linux-gnu*"));
  await writeFile(settings, ["include /etc/ld.so.conf", ...libraries, ""].join("\n"));
  await runCommand("/sbin/ldconfig", ["-X", "-f", settings, "-C", linkerCache]);
  const script = 'mount --bind "$0" /etc/ld.so.cache && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", script, linkerCache, join(target, "usr/bin/buildah")];
};

const ACCEPT_ANYTHING = JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] });

/** Buildah with its storage in `folder`, which may be removed afterwards. It needs root, and neither a daemon nor cgroups. */
export const findBuildah = async (cache: string, folder: string): Promise<Buildah> => {
  await mkdir(folder, { recursive: true });
  const [program = "", ...first] = (await hasProgram("buildah"))
    ? ["buildah"]
    : await unpackedCommand(await unpacked(cache), folder);
  const policy = join(folder, "policy.json");
  const registries = join(folder, "registries.conf");
  const storage = join(folder, "storage.conf");
  const places = `graphroot = "${join(folder, "root")}"\nrunroot = "${join(folder, "run")}"`;
  await Promise.all([
    writeFile(policy, ACCEPT_ANYTHING),
    writeFile(registries, ""),
    writeFile(storage, `[storage]\ndriver = "vfs"\n${places}\n`),
  ]);
  const env = {
    ...process.env,
    BUILDAH_ISOLATION: "chroot",
    // The machine's own settings of containers are another program's.
    CONTAINERS_CONF: "/dev/null",
    CONTAINERS_REGISTRIES_CONF: registries,
    CONTAINERS_STORAGE_CONF: storage,
  };
  return (command, ...args) => runCommand(program, [...first, command, "--signature-policy", policy, ...args], { env });
};
