/** Programs of Debian's packages, unpacked into a folder; nothing is installed. */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unpackPackages } from "../image/debian-packages.ts";

const packages = ["runc", "libseccomp2", "busybox-static"];

type DebianPrograms =
  | { readonly kind: "found"; readonly runc: string; readonly busybox: string }
  | { readonly kind: "missing"; readonly reason: string };

// runc is linked against a library that the machine may not have.
const runcScript = (folder: string): string => `#!/bin/sh
LD_LIBRARY_PATH=$(echo ${folder}/usr/lib/*-linux-gnu) exec ${folder}/usr/sbin/runc "$@"
`;

/** Has runc and busybox in a folder below `cache`. */
export const ensureDebianPrograms = async (cache: string): Promise<DebianPrograms> => {
  const folder = join(cache, "debian");
  const programs = { runc: join(folder, "runc.sh"), busybox: join(folder, "bin", "busybox") };
  if (existsSync(programs.runc)) return { kind: "found", ...programs };
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, "debian-unfinished-"));
  try {
    await unpackPackages(packages, unfinished);
    await writeFile(join(unfinished, "runc.sh"), runcScript(folder));
    await chmod(join(unfinished, "runc.sh"), 0o755);
    // Another run may have been faster.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(programs.runc)) throw error;
    });
    return { kind: "found", ...programs };
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return { kind: "missing", reason: `no Debian packages ${packages.join(", ")}: ${message}` };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};
