/**
 * Owns a temporary folder and the processes that were started in it. A shell holds the other end of a pipe: when the
 * pipe closes, because of `close` or because this process was killed, it kills them all, runs the scripts in the folder's
 * `at-end`, and removes the folder.
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The folder of process ids is renamed first, so that a process which is just starting fails to write its id and
// never becomes the program. Removing is repeated because a killed process may still be writing its last file, and
// has its ports until it is gone.
const watchScript = `cat >/dev/null
mv "$1/processes" "$1/ended"
leaders=
for file in "$1"/ended/*; do
  [ -s "$file" ] && read -r leader <"$file" && kill -9 -"$leader" && leaders="$leaders $leader"
done
for script in "$1"/at-end/*; do [ ! -f "$script" ] || sh "$script"; done
tries=0
until rm -rf "$1" || [ "$tries" -ge 100 ]; do tries=$((tries + 1)); sleep 0.05; done
for leader in $leaders; do
  while kill -0 -"$leader" && [ "$tries" -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
done`;

const startScript = `echo $$ >"$1" && shift && exec "$@"`;

/** See the file's comment. */
export interface Keeper {
  readonly directory: string;
  /** Starts a program as the leader of a process group that ends with this keeper at the latest. */
  start(name: string, command: string, args: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Kills every process and removes the folder; resolves when both are gone. */
  close(): Promise<void>;
}

/** Kills the process group of a program that a keeper started. */
export const killGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Makes the folder and starts the shell that watches over it. */
export const createKeeper = async (): Promise<Keeper> => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "podpass-test-")));
  const processes = join(directory, "processes");
  await mkdir(processes);
  const watcher = spawn("sh", ["-c", watchScript, "sh", directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(watcher, "spawn");
  const watcherEnded = once(watcher, "exit");
  let started = 0;

  const start: Keeper["start"] = (name, command, args, options = {}) => {
    started += 1;
    const idFile = join(processes, `${started}-${name}`);
    const child = spawn("sh", ["-c", startScript, "sh", idFile, command, ...args], { ...options, detached: true });
    // The id may be another program's soon after.
    child.once("exit", () => void rm(idFile, { force: true }));
    return child;
  };
  const close = async (): Promise<void> => {
    watcher.stdin?.end();
    await watcherEnded;
  };
  return { directory, start, close };
};
