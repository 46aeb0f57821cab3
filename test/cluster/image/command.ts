/** Programs that tests run and wait for. */
import { spawn } from "node:child_process";

/** Where and how a program runs; this process' own folder and environment by default. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What the program wrote to standard output. Throws with the end of its errors where it ends with another code than 0. */
export const runCommand = (program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => void output.push(chunk));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString());
      else reject(new Error(`${[program, ...args].join(" ")} ended with ${code}: ${errors.trim()}`));
    });
  });

/** Can `program` be run? */
export const hasProgram = (program: string): Promise<boolean> =>
  runCommand(program, ["--version"]).then(
    () => true,
    () => false,
  );
