/** The command line as a process, as a person or a pipeline runs it. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import pc from "picocolors";
import { run } from "../../src/cli/program.ts";
import type { Output } from "../../src/cli/terminal.ts";

/** The program. */
export const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** What a run left behind. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** How it is run. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  /** The folder it is run in, so that messages name short paths. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output is closed before anything is read from it. */
  readonly readsNothing?: boolean;
  /** The same of standard error. */
  readonly readsNoMessages?: boolean;
}

/** Runs `podpass` with `args`. */
export const podpass = async (args: readonly string[], options: RunOptions = {}): Promise<Run> => {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: options.cwd, env: { ...env, ...options.env } });
  if (options.readsNothing) child.stdout.destroy();
  if (options.readsNoMessages) child.stderr.destroy();
  child.stdin.end(options.stdin ?? "");
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const read = options.readsNothing ? "" : text(child.stdout);
  const said = options.readsNoMessages ? "" : text(child.stderr);
  const [stdout, stderr, exitCode] = await Promise.all([read, said, ended]);
  return { stdout, stderr, exitCode };
};

/** Runs `podpass` inside this process, for tests of which there are many. */
export const podpassInside = async (
  args: readonly string[],
  { stdin = "" }: { readonly stdin?: string } = {},
): Promise<Run> => {
  const written = { out: "", err: "" };
  const output = (name: "out" | "err"): Output => ({
    write: (text) => {
      written[name] += text;
    },
    progress: () => {},
    isTerminal: false,
    columns: 100,
    colors: pc.createColors(false),
  });
  const exitCode = await run(args, { readStdin: async () => stdin, out: output("out"), err: output("err") });
  return { stdout: written.out, stderr: written.err, exitCode };
};

/** A new folder with these files. */
export const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "podpass-cli-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
};
