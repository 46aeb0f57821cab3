/** Files that get other texts: each whole or not at all, and none before all of them are written beside their places. */
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/** A file and what is in it afterwards. */
export interface ReplacedFile {
  readonly path: string;
  /** What was read from it, so that nobody's changes since then are lost. */
  readonly before: string;
  readonly after: string;
}

class NotAsRead extends Error {
  override readonly name = "NotAsRead";

  constructor(path: string) {
    super(`${path} is not what was read from it: it was changed meanwhile, or is not UTF-8`);
  }
}

const prepare = async ({ path, before, after }: ReplacedFile): Promise<readonly [string, string]> => {
  // The file itself, not the link to it.
  const place = await realpath(path);
  const { mode } = await stat(place);
  if ((await readFile(place, "utf8")) !== before) throw new NotAsRead(path);
  const temporary = `${place}.podpass-${process.pid}`;
  await writeFile(temporary, after, { mode: 0o600, flag: "wx" });
  await chmod(temporary, mode & 0o7777);
  return [temporary, place];
};

/** Replaces `files`; throws where one cannot be, and then none is unless its renaming was what failed. */
export const replaceFiles = async (files: readonly ReplacedFile[]): Promise<void> => {
  const prepared: (readonly [string, string])[] = [];
  try {
    for (const file of files) prepared.push(await prepare(file));
    for (const [temporary, place] of prepared) await rename(temporary, place);
  } finally {
    for (const [temporary] of prepared) await rm(temporary, { force: true });
  }
};
