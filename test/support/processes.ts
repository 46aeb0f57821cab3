/** The server as a process, with its log. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { ServeOptions } from "../../src/cli/serve-options.ts";
import { eventually } from "./eventually.ts";
import type { LogLine } from "./log-lines.ts";
import type { ShippedProgram } from "./shipped-program.ts";

const RUNNER = fileURLToPath(new URL("serve-runner.ts", import.meta.url));

/** A process. */
export interface ServeProcess {
  readonly child: ChildProcess;
  /** The log so far. */
  lines(): readonly LogLine[];
  stdout(): string;
  stderr(): string;
  /** The exit code, once there is one. */
  readonly ended: Promise<number | null>;
  /** The first line with this message. */
  line(message: string): Promise<LogLine>;
}

/** How `serve` is started where it is not the sources that log into a pipe. */
export interface SpawnOptions {
  /** A file's descriptor to log into. */
  readonly log?: number;
  /** The options are then those that the command line has. */
  readonly program?: ShippedProgram;
}

/** `["--tls-cert", "a.crt"]` of `{ tlsCert: "a.crt" }`. */
const flagsOf = (options: ServeOptions): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    `${value}`,
  ]);

/** Starts `serve` on free ports of 127.0.0.1; the process ends with the test. */
export const spawnServe = (options: ServeOptions, { log, program }: SpawnOptions = {}): ServeProcess => {
  const local = { host: "127.0.0.1", healthHost: "127.0.0.1", port: 0, healthPort: 0, ...options };
  const args = program ? [program.file, "serve", ...flagsOf(local)] : [RUNNER, JSON.stringify(local)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", log ?? "pipe", "pipe"],
    env: { ...process.env, ...program?.env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const lines = () =>
    stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  return {
    child,
    lines,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: new Promise((resolve) => child.once("close", (code) => resolve(code))),
    line: (message) =>
      eventually(() => {
        const found = lines().find((line) => line["msg"] === message);
        if (found === undefined) throw new Error(`no line "${message}" in:\n${stdout}${stderr}`);
        return found;
      }),
  };
};
