/** What an archive of an image holds. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";

/** The part of an image's configuration that tells how it starts. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Cmd?: readonly string[] | null;
}

/** An archive whose layers lie upon each other in a folder. */
export interface UnpackedImage {
  readonly root: string;
  readonly architecture: string;
  /** What it is called once it is imported. */
  readonly tags: readonly string[];
  readonly config: ImageConfig;
  /** What the layers above the base have, an entry a line: its mode, its owner and its path. */
  readonly added: readonly string[];
}

const readJson = async (path: string) => JSON.parse(await readFile(path, "utf8"));

/** `drwxr-xr-x 0/0 0 2026-01-01 00:00 app/` and the like. */
const entryOf = (line: string): string => {
  const [mode, owner, , , , ...path] = line.split(/\s+/);
  return [mode, owner, ...path].join(" ");
};

/** Unpacks `archive`, which has the form of `docker save`, into `folder`. */
export const unpackImage = async (archive: string, folder: string): Promise<UnpackedImage> => {
  const root = join(folder, "root");
  await mkdir(root, { recursive: true });
  await runCommand("tar", ["--extract", "--file", archive, "--directory", folder]);
  const [{ Config, Layers, RepoTags }] = await readJson(join(folder, "manifest.json"));
  const { architecture, config } = await readJson(join(folder, Config));
  const added: string[] = [];
  for (const [index, layer] of (Layers as string[]).entries()) {
    const file = ["--file", join(folder, layer)];
    await runCommand("tar", ["--extract", "--preserve-permissions", "--numeric-owner", ...file, "--directory", root]);
    if (index === 0) continue;
    const list = await runCommand("tar", ["--list", "--verbose", "--numeric-owner", ...file]);
    added.push(...list.trim().split("\n").map(entryOf));
  }
  return { root, architecture, tags: RepoTags, config, added };
};
