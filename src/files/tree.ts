/** What lies under a path, and a fingerprint of it that changes with it. */
import type { BigIntStats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/**
 * A file or folder under a path. Links are followed to files, never to folders, so that no circle is walked; and never
 * out of the path, since who fills a folder need not be allowed to read what its reader may.
 */
interface Found {
  readonly path: string;
  readonly stats: BigIntStats;
}

/** What lies under a path. */
class Tree {
  readonly found: Found[] = [];
  /** Links to files outside. */
  readonly outside: string[] = [];
  /** With a separator behind it. */
  private readonly root: string;

  constructor(root: string) {
    this.root = root.endsWith(sep) ? root : root + sep;
  }

  async walk(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      // Hidden ones are nobody's manifests, and a mounted ConfigMap has each file a second time under `..data`.
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      const stats = await statOf(path);
      if (stats === undefined || (stats.isDirectory() && !entry.isDirectory())) continue;
      if (entry.isSymbolicLink() && !(await this.holds(path))) {
        this.outside.push(path);
        continue;
      }
      this.found.push({ path, stats });
      if (stats.isDirectory()) await this.walk(path);
    }
  }

  private async holds(link: string): Promise<boolean> {
    // What has gone meanwhile is not read either.
    const target = await realpath(link).catch(() => "");
    return target.startsWith(this.root);
  }
}

const statOf = async (path: string): Promise<BigIntStats | undefined> => {
  try {
    return await stat(path, { bigint: true });
  } catch {
    return undefined;
  }
};

const NOTHING: Pick<Tree, "found" | "outside"> = { found: [], outside: [] };

/** `path` itself may be a link: whoever named it means what it leads to. */
const findAll = async (path: string): Promise<Pick<Tree, "found" | "outside">> => {
  const stats = await statOf(path);
  if (stats === undefined) return NOTHING;
  if (!stats.isDirectory()) return { found: [{ path, stats }], outside: [] };
  const tree = new Tree(await realpath(path).catch(() => path));
  tree.found.push({ path, stats });
  await tree.walk(path);
  return tree;
};

/** The files under a path, and the links that lead out of it. */
export interface FilesUnder {
  readonly files: readonly string[];
  readonly outside: readonly string[];
}

/** What is said of a link that leads out of `folder`. */
export const showOutside = (folder: string): string =>
  `a symbolic link that leads out of ${folder}; it is not read, unless it is named itself`;

/** The files under `path`, recursively and sorted, of which the name ends in one of `endings`; `path` may be a file. */
export const filesUnder = async (path: string, endings: readonly string[]): Promise<FilesUnder> => {
  const { found, outside } = await findAll(path);
  const isWanted = (file: string) => file === path || endings.some((ending) => file.endsWith(ending));
  return {
    // Reading a pipe or a device could take for ever.
    files: found.filter((one) => one.stats.isFile() && isWanted(one.path)).map((one) => one.path),
    outside: outside.filter(isWanted),
  };
};

/** What a watcher compares, and the folders it has to listen to. */
export interface Fingerprint {
  readonly text: string;
  readonly folders: readonly string[];
}

/** The fingerprint of everything under `paths`: names, inodes, sizes and times. */
export const fingerprint = async (paths: readonly string[]): Promise<Fingerprint> => {
  const found = (await Promise.all(paths.map(findAll))).flatMap((tree) => tree.found);
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
