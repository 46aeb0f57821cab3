/** One program of the control plane, as a process that can be stopped, paused and started again. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Keeper, killGroup } from "./keeper.ts";

/** See the file's comment. */
export interface ServerProcess {
  readonly logFile: string;
  start(args: readonly string[]): void;
  /** Kills the process and waits for its end. */
  stop(): Promise<void>;
  /** Stops the process; none of its threads runs when this returns. */
  pause(): void;
  resume(): void;
  /** Asks `isReady` until it says yes. Throws with the end of the log when the process ends or time is up. */
  waitUntil(isReady: () => Promise<boolean>, timeoutMs: number): Promise<void>;
}

// In lines: a node's programs share one log, and what ended one of them is to be among them.
const endOfLog = 60;

const isStopped = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every((thread) =>
    /\) T /u.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8")),
  );

/** Describes a process of `keeper` that runs `command`; nothing runs before `start`. `name` is for its log. */
export const createServerProcess = (keeper: Keeper, command: string, name = basename(command)): ServerProcess => {
  const logFile = join(keeper.directory, `${name}.log`);
  let child: ChildProcess | undefined;

  const hasEnded = () => child === undefined || child.exitCode !== null || child.signalCode !== null;
  const fail = async (reason: string): Promise<never> => {
    const log = await readFile(logFile, "utf8").catch(() => "");
    throw new Error(`${name} ${reason}\n${log.split("\n").slice(-endOfLog).join("\n")}`);
  };

  return {
    logFile,
    start(args) {
      const log = openSync(logFile, "a");
      child = keeper.start(name, command, args, { stdio: ["ignore", log, log] });
      closeSync(log);
    },
    async stop() {
      if (child === undefined || hasEnded()) return;
      const ended = once(child, "exit");
      killGroup(child, "SIGKILL");
      await ended;
    },
    pause() {
      if (child?.pid === undefined || hasEnded()) return;
      killGroup(child, "SIGSTOP");
      // A busy machine lets threads run on for a moment.
      while (!isStopped(child.pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    },
    resume: () => child && killGroup(child, "SIGCONT"),
    async waitUntil(isReady, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (!(await isReady().catch(() => false))) {
        if (hasEnded()) await fail("ended before it was ready");
        if (Date.now() > deadline) await fail(`was not ready within ${timeoutMs} ms`);
        await sleep(50);
      }
    },
  };
};
