/** The files behind `-f`. */
import { readFile, stat } from "node:fs/promises";
import { filesUnder } from "../files/tree.ts";
import { type ManifestFile, readManifest } from "../manifests/document.ts";
import { type ManifestObject, objectsIn } from "../manifests/objects.ts";
import { line, messageOf } from "../reasons/text.ts";
import { BadInput } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const ENDINGS = [".yaml", ".yml", ".json"];

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file or directory";
  if (code === "EACCES") return "it may not be read (permission denied)";
  return messageOf(error);
};

/** The text of a file; a byte-order mark stays in it. */
export const readText = async (path: string): Promise<string> => {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new BadInput(line(`${path}: ${reasonOf(error)}`, 1000));
  });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BadInput(line(`${path}: it is not UTF-8 text`, 1000));
  }
};

const filesIn = async (directory: string): Promise<readonly string[]> => {
  const paths = await filesUnder(directory, ENDINGS);
  if (paths.length === 0)
    throw new BadInput(line(`${directory}: there is no file in it that ends in ${ENDINGS.join(", ")}`, 1000));
  return paths;
};

const expand = async (path: string): Promise<readonly string[]> => {
  if (path === "-") return [path];
  const found = await stat(path).catch((error: unknown) => {
    throw new BadInput(line(`${path}: ${reasonOf(error)}`, 1000));
  });
  return found.isDirectory() ? filesIn(path) : [path];
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
  for (const path of (await Promise.all(paths.map(expand))).flat()) {
    const read =
      path === "-" ? readManifest("(stdin)", await terminal.readStdin()) : readManifest(path, await readText(path));
    if (read.ok) files.push(read.file);
    else
      for (const { file, line: row, column, message } of read.problems)
        problems.push(line(`${file}:${row}:${column}: ${message}`, 1000));
  }
  if (problems.length > 0) throw new BadInput(problems.join("\n"));
  return { files, objects: files.flatMap((file) => file.documents.flatMap(objectsIn)) };
};
