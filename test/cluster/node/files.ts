/** A volume's files on disk, with the owners and modes that kubelet gives them. */
import { chmod, chown, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { containersOf, type Pod } from "./pod.ts";

/** One file. */
export interface FileContent {
  readonly content: string;
  readonly mode?: number | undefined;
  /** A ServiceAccount's token, which is its user's alone where that is one for the whole pod. */
  readonly isToken?: boolean;
}

/** Files by their paths in the volume. */
export type Files = ReadonlyMap<string, FileContent>;

interface Owners {
  /** The user of every container, where there is one and the same for all. */
  readonly user: number | undefined;
  readonly group: number | undefined;
}

/** Whose a pod's files are. */
export const fileOwners = (pod: Pod): Owners => {
  const { securityContext } = pod.spec;
  const users = containersOf(pod).map(
    (container) => container.securityContext?.runAsUser ?? securityContext?.runAsUser,
  );
  const [first] = users;
  return { user: users.every((user) => user === first) ? first : undefined, group: securityContext?.fsGroup };
};

const groupMayRead = 0o440;
const dataLink = "..data";

const writeOne = async (file: string, content: FileContent, owners: Owners & { defaultMode: number }) => {
  const { user, group, defaultMode } = owners;
  const isPrivate = content.isToken === true && (user !== undefined || group !== undefined);
  const mode = isPrivate ? 0o600 : (content.mode ?? defaultMode);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content.content);
  // Only root can give files away; whoever runs a container without that is the owner anyway.
  if (process.getuid?.() === 0) await chown(file, (content.isToken && user) || 0, group ?? 0);
  await chmod(file, group === undefined ? mode : mode | groupMayRead);
};

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Writes files behind the `..data` link, so that all of them change at once; running containers see it. */
export const writeAtomically = async (
  directory: string,
  files: Files,
  owners: Owners & { readonly defaultMode: number },
): Promise<void> => {
  const version = `..${new Date().toISOString().replaceAll(/\D/gu, "_")}${process.hrtime.bigint() % 1_000_000n}`;
  await mkdir(join(directory, version), { recursive: true });
  await chmod(directory, 0o1777);
  for (const [path, content] of files) await writeOne(join(directory, version, path), content, owners);
  await symlink(version, join(directory, `${dataLink}_tmp`));
  await rename(join(directory, `${dataLink}_tmp`), join(directory, dataLink));
  const visible = new Set([...files.keys()].map((path) => path.split("/")[0] ?? ""));
  for (const name of visible)
    if (!(await isThere(join(directory, name)))) await symlink(join(dataLink, name), join(directory, name));
  const kept = new Set([...visible, version, dataLink]);
  const old = (await readdir(directory)).filter((name) => !kept.has(name));
  await Promise.all(old.map((name) => rm(join(directory, name), { recursive: true })));
};
