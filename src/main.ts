#!/usr/bin/env node
/** The process: its streams, its arguments, its exit code. */
import { inspect } from "node:util";
import { run } from "./cli/program.ts";
import { readStdin } from "./cli/stdin.ts";
import { createOutput } from "./cli/terminal.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads the output has read enough (`podpass … | head`).
  if (error.code === "EPIPE") process.exit();
  // Neither a violation nor bad input, as with a full disk: `EX_IOERR` of sysexits.h.
  process.stderr.write(`podpass: the output cannot be written: ${error.message}\n`, () => process.exit(74));
});
// Messages that nobody reads end nothing: files may be half replaced.
process.stderr.on("error", () => {});

const out = createOutput(process.stdout, process.env);
const err = createOutput(process.stderr, process.env);

try {
  process.exitCode = await run(process.argv.slice(2), { readStdin: () => readStdin(process.stdin), out, err });
} catch (error) {
  // Neither a violation nor bad input: `EX_SOFTWARE` of sysexits.h.
  process.exitCode = 70;
  err.write(`podpass: this is a fault of Podpass; please report it: ${inspect(error)}\n`);
}
