/** The real server as a child process, for the demo and the benchmark. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A running server. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Milliseconds from the start of the process until `/readyz` answered 200. */
  readonly readyMs: number;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<void>;
}

/** A port on 127.0.0.1 that nothing listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

/** Does `url` answer with success? */
export const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
};

/**
 * Starts `node ...argv`, with the variables of `env` beside those of this process, and waits until `readyUrl` answers
 * with success. Throws, with what the process wrote to stderr, when it ends before or is not ready within 20 seconds.
 */
export const startServer = async (
  argv: readonly string[],
  readyUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> => {
  const started = performance.now();
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await ended;
  };
  while (!(await isReady(readyUrl))) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}\n${errors}`);
    if (performance.now() - started > 20_000) {
      child.kill("SIGKILL");
      throw new Error(`the server was not ready within 20 s\n${errors}`);
    }
    await sleep(2);
  }
  return { child, readyMs: performance.now() - started, stop };
};
