/** Folders for tests, and files that change as they do in a cluster. */
import { mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder, removed after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "podpass-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Writes `files` (name to text) into `folder`. */
export const writeFiles = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
};

const NOBODY = 65_534;

/** Does `work` as somebody who may not read everything, as root may. */
export const asNobody = async <T>(work: () => Promise<T>): Promise<T> => {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
};

/** A folder like a mounted ConfigMap: files are links through `..data`, which is swapped as a whole. */
export class MountedVolume {
  readonly folder: string;
  private version = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What kubelet does on a change. */
  async swap(files: Readonly<Record<string, string>>): Promise<void> {
    const version = `..version_${++this.version}`;
    await writeFiles(join(this.folder, version), files);
    symlinkSync(version, join(this.folder, "..data_tmp"));
    renameSync(join(this.folder, "..data_tmp"), join(this.folder, "..data"));
    if (this.version === 1)
      for (const name of Object.keys(files)) symlinkSync(join("..data", name), join(this.folder, name));
    else rmSync(join(this.folder, `..version_${this.version - 1}`), { recursive: true });
  }

  /** A file's path in the volume. */
  path(name: string): string {
    return join(this.folder, name);
  }
}
