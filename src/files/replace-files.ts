/** Files that get other texts, in UTF-8: each whole or not at all, and none before all of them are written beside their places. */
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/** A file and what is in it afterwards. */
export interface ReplacedFile {
  readonly path: string;
  /** What was read from it, so that nobody's changes since then are lost. */
  readonly before: string;
  readonly after: string;
}

/** Thrown where a file is not what was read from it, or there twice. */
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

const prepare = async (
  place: string,
  { path, before, after }: ReplacedFile,
): Promise<readonly [temporary: string, place: string]> => {
  const { mode } = await stat(place);
  // Only what can be written back byte for byte: another encoding would be lost.
  if ((await readFile(place, "utf8")) !== before)
    throw new NotReplaceable(`${path} is not what was read from it: it was changed meanwhile, or is not UTF-8`);
  const temporary = `${place}.podpass-${process.pid}`;
  await writeFile(temporary, after, { mode: 0o600, flag: "wx" });
  await chmod(temporary, mode & 0o7777);
  return [temporary, place];
};

/** Replaces `files`; throws where one cannot be, and then none is unless its renaming was what failed. */
export const replaceFiles = async (files: readonly ReplacedFile[]): Promise<void> => {
  const prepared: (readonly [temporary: string, place: string])[] = [];
  try {
    for (const [place, file] of await placesOf(files)) prepared.push(await prepare(place, file));
    for (const [temporary, place] of prepared) await rename(temporary, place);
  } finally {
    for (const [temporary] of prepared) await rm(temporary, { force: true });
  }
};
