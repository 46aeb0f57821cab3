#!/usr/bin/env node
/** The process: its streams, its arguments, its exit code. */
import { text } from "node:stream/consumers";
import { run } from "./cli/program.ts";
import { createOutput } from "./cli/terminal.ts";

// Whoever reads the output has read enough (`podpass … | head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

try {
  process.exitCode = await run(process.argv.slice(2), {
    readStdin: () => text(process.stdin),
    out: createOutput(process.stdout, process.env),
    err: createOutput(process.stderr, process.env),
  });
} catch (error) {
  // Neither a violation nor bad input: `EX_SOFTWARE` of sysexits.h.
  process.exitCode = 70;
  console.error("podpass: this is a fault of Podpass; please report it:", error);
}
