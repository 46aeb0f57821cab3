/** A lock between processes: a file that holds its owner's process id. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

const acquire = async (file: string): Promise<boolean> => {
  try {
    await writeFile(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
};

const removeIfAbandoned = async (file: string): Promise<void> => {
  const owner = Number(await readFile(file, "utf8").catch(() => ""));
  // An empty file is a lock whose owner has not written its id yet.
  if (owner > 0 && !isAlive(owner)) await rm(file, { force: true });
};

/** Runs `work` while no other process runs work under the same lock file. A lock whose owner died is taken over. */
export const withLock = async <Result>(file: string, work: () => Promise<Result>): Promise<Result> => {
  while (!(await acquire(file))) {
    await removeIfAbandoned(file);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};
