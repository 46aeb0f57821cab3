/** Files that get other texts, in UTF-8: each whole or not at all, and none before all of them are written beside their places. */
import { constants, type Stats } from "node:fs";
import { access, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";

/** A file and what is in it afterwards. */
export interface ReplacedFile {
  readonly path: string;
  /** What was read from it, so that nobody's changes since then are lost. */
  readonly before: string;
  readonly after: string;
}

/** Thrown where a file is not what was read from it, is read-only, or is there twice. */
class NotReplaceable extends Error {
  override readonly name = "NotReplaceable";
}

/** The files themselves, not the links to them; each with its own. */
const placesOf = async (files: readonly ReplacedFile[]): Promise<ReadonlyMap<string, ReplacedFile>> => {
  const places = new Map<string, ReplacedFile>();
  for (const file of files) {
    const place = await realpath(file.path);
    const other = places.get(place);
    if (other !== undefined)
      throw new NotReplaceable(`${other.path} and ${file.path} are the same file; allowed: each file once`);
    places.set(place, file);
  }
  return places;
};

/** A new file beside the one that it takes the place of, as that was. */
interface Prepared {
  readonly temporary: string;
  readonly place: string;
  readonly path: string;
  readonly was: Stats;
}

const WRITERS = 0o222;

const check = async (place: string, { path, before }: ReplacedFile): Promise<Stats> => {
  const was = await stat(place);
  // Nobody needs the right to a file to rename another one to its name, and root needs none at all.
  if ((was.mode & WRITERS) === 0) throw new NotReplaceable(`${path} is read-only`);
  await access(place, constants.W_OK);
  // Only what can be written back byte for byte: another encoding would be lost.
  if ((await readFile(place, "utf8")) !== before)
    throw new NotReplaceable(`${path} is not what was read from it: it was changed meanwhile, or is not UTF-8`);
  return was;
};

/** Writes the file beside `place`, with its mode and its owner; leaves nothing behind where it cannot. */
const prepare = async (place: string, file: ReplacedFile): Promise<Prepared> => {
  const was = await check(place, file);
  const temporary = `${place}.podpass-${process.pid}`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(file.after);
    const { uid, gid } = await handle.stat();
    if (uid !== was.uid || gid !== was.gid) await handle.chown(was.uid, was.gid);
    await handle.chmod(was.mode & 0o7777);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return { temporary, place, path: file.path, was };
};

/** Others take time to be written, in which somebody may have changed it. */
const checkAgain = async ({ place, path, was }: Prepared): Promise<void> => {
  const { ino, size, mtimeMs } = await stat(place);
  if (ino !== was.ino || size !== was.size || mtimeMs !== was.mtimeMs)
    throw new NotReplaceable(`${path} was changed meanwhile`);
};

/** Replaces `files`; throws where one cannot be, and then none is unless its renaming was what failed. */
export const replaceFiles = async (files: readonly ReplacedFile[]): Promise<void> => {
  const prepared: Prepared[] = [];
  try {
    for (const [place, file] of await placesOf(files)) prepared.push(await prepare(place, file));
    for (const one of prepared) await checkAgain(one);
    for (const { temporary, place } of prepared) await rename(temporary, place);
  } finally {
    for (const { temporary } of prepared) await rm(temporary, { force: true });
  }
};
