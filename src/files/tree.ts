/** What lies under a path, and a fingerprint of it that changes with it. */
import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A file or folder under a path; links are followed to files, never to folders, so that no circle is walked. */
interface Found {
  readonly path: string;
  readonly stats: BigIntStats;
}

const statOf = async (path: string): Promise<BigIntStats | undefined> => {
  try {
    return await stat(path, { bigint: true });
  } catch {
    return undefined;
  }
};

const walk = async (folder: string, found: Found[]): Promise<void> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // Hidden ones are nobody's manifests, and a mounted ConfigMap has each file a second time under `..data`.
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    const stats = await statOf(path);
    if (stats === undefined || (stats.isDirectory() && !entry.isDirectory())) continue;
    found.push({ path, stats });
    if (stats.isDirectory()) await walk(path, found);
  }
};

const findAll = async (path: string): Promise<readonly Found[]> => {
  const stats = await statOf(path);
  if (stats === undefined) return [];
  const found: Found[] = [{ path, stats }];
  if (stats.isDirectory()) await walk(path, found);
  return found;
};

/** The files under `path`, recursively and sorted, of which the name ends in one of `endings`; `path` may be a file. */
export const filesUnder = async (path: string, endings: readonly string[]): Promise<readonly string[]> =>
  (await findAll(path))
    .filter(({ stats }) => stats.isFile())
    .map((found) => found.path)
    .filter((file) => file === path || endings.some((ending) => file.endsWith(ending)));

/** What a watcher compares, and the folders it has to listen to. */
export interface Fingerprint {
  readonly text: string;
  readonly folders: readonly string[];
}

/** The fingerprint of everything under `paths`: names, inodes, sizes and times. */
export const fingerprint = async (paths: readonly string[]): Promise<Fingerprint> => {
  const found = (await Promise.all(paths.map(findAll))).flat();
  return {
    text: found
      .map(({ path, stats }) => [
        path,
        stats.ino,
        ...(stats.isFile() ? [stats.size, stats.mtimeNs, stats.ctimeNs] : []),
      ])
      .map((parts) => parts.join(":"))
      .join("\n"),
    folders: found.filter(({ stats }) => stats.isDirectory()).map(({ path }) => path),
  };
};
