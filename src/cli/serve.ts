/** `podpass serve`: the webhook as a process. */

import { listenForSignals, untilStopped } from "../http/shutdown.ts";
import { openLog } from "../telemetry/log.ts";
import type { ServeOptions } from "./serve-options.ts";
import { startServing } from "./start-serving.ts";
import { createOutput } from "./terminal.ts";

const DRAIN_SECONDS = 10;

/** With the ten seconds of draining still inside a pod's 30 seconds of grace. */
const DEADLINE_MS = 15_000;

/** An exit code for each way in which it can end. */
const EXIT = { done: 0, cutShort: 1, badInput: 2 } as const;

/** Serves until a signal ends it; resolves to the exit code. */
export const serve = async (options: ServeOptions): Promise<number> => {
  const signals = listenForSignals(process);
  const { flush, ...open } = openLog(process.env["LOG_LEVEL"]);
  const { log } = open;
  const serving = await startServing(options, { ...open, stopping: signals.first });
  if (serving === "stopped") {
    log.info({ signal: signals.first.reason }, "stopped before it served");
    await flush();
    return EXIT.done;
  }
  if ("problems" in serving) {
    await flush();
    createOutput(process.stderr, process.env).write(`${serving.problems.join("\n")}\n`);
    return EXIT.badInput;
  }
  const { url, healthUrl } = serving;
  log.info({ url, healthUrl, milliseconds: Math.round(performance.now()) }, "serving");
  void flush();
  const drainSeconds = options.drainSeconds ?? DRAIN_SECONDS;
  const timing = { drainMs: drainSeconds * 1000, deadlineMs: DEADLINE_MS };
  const isComplete = await untilStopped(serving, signals, timing, (signal) =>
    log.info({ signal, drainSeconds }, "stopping"),
  );
  log.info({ isComplete }, "stopped");
  await flush();
  return isComplete ? EXIT.done : EXIT.cutShort;
};
