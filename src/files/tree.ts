/** What lies under a path, and a fingerprint of it that changes with it. */
import type { BigIntStats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { messageOf } from "../reasons/text.ts";

/**
 * A file or folder under a path. Links are followed to files, never to folders, so that no circle is walked; and never
 * out of the path, since who fills a folder need not be allowed to read what its reader may.
 */
interface Found {
  readonly path: string;
  readonly stats: BigIntStats;
}

/** A file or folder that is there and cannot be read, and why. */
export interface Unread {
  readonly path: string;
  readonly problem: string;
}

/** What has gone since its folder was listed, and links to nothing. */
const GONE = new Set<unknown>(["ENOENT", "ENOTDIR"]);

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** What lies under a path. */
class Tree {
  readonly found: Found[] = [];
  /** Links to files outside. */
  readonly outside: string[] = [];
  readonly unread: (Unread & { readonly isFolder: boolean })[] = [];
  /** With a separator behind it. */
  private readonly root: string;

  constructor(root: string) {
    this.root = root.endsWith(sep) ? root : root + sep;
  }

  async walk(folder: string): Promise<void> {
    const entries = await this.tried(folder, true, () => readdir(folder, { withFileTypes: true }));
    for (const entry of entries?.sort((a, b) => (a.name < b.name ? -1 : 1)) ?? []) {
      // Hidden ones are nobody's manifests, and a mounted ConfigMap has each file a second time under `..data`.
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      const stats = await this.stat(path, entry.isDirectory());
      if (stats === undefined || (stats.isDirectory() && !entry.isDirectory())) continue;
      if (entry.isSymbolicLink() && !(await this.holds(path))) {
        this.outside.push(path);
        continue;
      }
      this.found.push({ path, stats });
      if (stats.isDirectory()) await this.walk(path);
    }
  }

  stat(path: string, isFolder: boolean): Promise<BigIntStats | undefined> {
    return this.tried(path, isFolder, () => stat(path, { bigint: true }));
  }

  /** What `ask` gives for `path`; undefined where that is gone, and where it cannot be read, which is noted. */
  private async tried<T>(path: string, isFolder: boolean, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!GONE.has(codeOf(error))) this.unread.push({ path, isFolder, problem: messageOf(error) });
      return undefined;
    }
  }

  private async holds(link: string): Promise<boolean> {
    // What has gone meanwhile is not read either.
    const target = await realpath(link).catch(() => "");
    return target.startsWith(this.root);
  }
}

/** `path` itself may be a link: whoever named it means what it leads to. */
const findAll = async (path: string): Promise<Pick<Tree, "found" | "outside" | "unread">> => {
  const tree = new Tree(await realpath(path).catch(() => path));
  const stats = await tree.stat(path, true);
  if (stats !== undefined) tree.found.push({ path, stats });
  if (stats?.isDirectory()) await tree.walk(path);
  return tree;
};

/** The files under a path, the links that lead out of it, and what cannot be read. */
export interface FilesUnder {
  readonly files: readonly string[];
  readonly outside: readonly string[];
  readonly unread: readonly Unread[];
}

/** Is `file` in one of `folders`, however deep? */
export const isInside = (file: string, folders: ReadonlyMap<string, unknown>): boolean => {
  for (let at = file, above = dirname(at); above !== at; at = above, above = dirname(at))
    if (folders.has(above)) return true;
  return false;
};

/** What is said of a link that leads out of `folder`. */
export const showOutside = (folder: string): string =>
  `a symbolic link that leads out of ${folder}; it is not read, unless it is named itself`;

/** The files under `path`, recursively and sorted, of which the name ends in one of `endings`; `path` may be a file. */
export const filesUnder = async (path: string, endings: readonly string[]): Promise<FilesUnder> => {
  const { found, outside, unread } = await findAll(path);
  const isWanted = (file: string) => file === path || endings.some((ending) => file.endsWith(ending));
  return {
    // Reading a pipe or a device could take for ever.
    files: found.filter((one) => one.stats.isFile() && isWanted(one.path)).map((one) => one.path),
    outside: outside.filter(isWanted),
    unread: unread.filter((one) => one.isFolder || isWanted(one.path)),
  };
};

/** What a watcher compares, and the folders it has to listen to. */
export interface Fingerprint {
  readonly text: string;
  readonly folders: readonly string[];
}

/** The fingerprint of everything under `paths`: names, inodes, sizes and times. */
export const fingerprint = async (paths: readonly string[]): Promise<Fingerprint> => {
  const trees = await Promise.all(paths.map(findAll));
  const found = trees.flatMap((tree) => tree.found);
  const read = found.map(({ path, stats }) => [
    path,
    stats.ino,
    ...(stats.isFile() ? [stats.size, stats.mtimeNs, stats.ctimeNs] : []),
  ]);
  const unread = trees.flatMap((tree) => tree.unread).map(({ path, problem }) => [path, problem]);
  return {
    text: [...read, ...unread].map((parts) => parts.join(":")).join("\n"),
    folders: found.filter(({ stats }) => stats.isDirectory()).map(({ path }) => path),
  };
};
