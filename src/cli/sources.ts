/** The files behind `-f`. */
import { stat } from "node:fs/promises";
import { showUnread, textOfFile } from "../files/bounded-text.ts";
import { filesUnder, showOutside, type Unread } from "../files/tree.ts";
import { type ManifestFile, readManifest } from "../manifests/document.ts";
import { type ManifestObject, objectsIn } from "../manifests/objects.ts";
import { line, messageOf } from "../reasons/text.ts";
import { MAX_TOLD_PROBLEMS } from "../yaml/limits.ts";
import { BadInput } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const ENDINGS = [".yaml", ".yml", ".json"];

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file or directory";
  if (code === "EISDIR") return "it is a directory, where a file is wanted";
  if (code === "EACCES") return "it may not be read (permission denied)";
  return messageOf(error);
};

/** The text of a file; a byte-order mark stays in it. */
export const readText = async (path: string): Promise<string> => {
  const read = await textOfFile(path).catch((error: unknown) => ({ problem: reasonOf(error) }));
  if ("text" in read) return read.text;
  throw new BadInput(line(showUnread(path, read), 1000));
};

const showUnreadable = (unread: readonly Unread[]): string => {
  const lines = unread
    .slice(0, MAX_TOLD_PROBLEMS)
    .map(({ path, problem }) => line(`${path}: it cannot be read: ${problem}`, 1000));
  const more = unread.length - MAX_TOLD_PROBLEMS;
  return [...lines, ...(more > 0 ? [`and ${more} more that cannot be read`] : [])].join("\n");
};

const filesIn = async (directory: string, { err }: Terminal): Promise<readonly string[]> => {
  const { files, outside, unread } = await filesUnder(directory, ENDINGS);
  if (unread.length > 0) throw new BadInput(showUnreadable(unread));
  for (const link of outside.slice(0, MAX_TOLD_PROBLEMS))
    err.write(`${line(`${link}: ${showOutside(directory)}`, 1000)}\n`);
  const more = outside.length - MAX_TOLD_PROBLEMS;
  if (more > 0) err.write(`${line(directory, 500)}: and ${more} more such links\n`);
  if (files.length === 0)
    throw new BadInput(line(`${directory}: there is no file in it that ends in ${ENDINGS.join(", ")}`, 1000));
  return files;
};

const expand = async (path: string, terminal: Terminal): Promise<readonly string[]> => {
  if (path === "-") return [path];
  const found = await stat(path).catch((error: unknown) => {
    throw new BadInput(line(`${path}: ${reasonOf(error)}`, 1000));
  });
  return found.isDirectory() ? filesIn(path, terminal) : [path];
};

/** Everything that `-f` names, read. */
export interface Sources {
  readonly files: readonly ManifestFile[];
  readonly objects: readonly ManifestObject[];
}

/** Reads files, directories (recursively, sorted) and `-`, standard input. Throws {@link BadInput} with every problem. */
export const readSources = async (paths: readonly string[], terminal: Terminal): Promise<Sources> => {
  if (paths.filter((path) => path === "-").length > 1) throw new BadInput("-f -: standard input can be read only once");
  const files: ManifestFile[] = [];
  const problems: string[] = [];
  for (const path of (await Promise.all(paths.map((path) => expand(path, terminal)))).flat()) {
    const read =
      path === "-" ? readManifest("(stdin)", await terminal.readStdin()) : readManifest(path, await readText(path));
    files.push(read.file);
    for (const { file, line: row, column, message } of read.ok ? [] : read.problems)
      problems.push(line(`${file}:${row}:${column}: ${message}`, 1000));
  }
  if (problems.length > 0) throw new BadInput(problems.join("\n"));
  return { files, objects: files.flatMap((file) => file.documents.flatMap(objectsIn)) };
};
