/** The way out: what the first signal starts, and the next ones cut short. */
import type { EventEmitter } from "node:events";
import type { Webhook } from "./webhook.ts";

/** How long it may take. */
export interface ShutdownTiming {
  /** How long requests are still taken after SIGTERM, while endpoints drop this replica. */
  readonly drainMs: number;
  /** How long requests that are being answered are waited for after that. */
  readonly deadlineMs: number;
}

type Stoppable = Pick<Webhook, "drain" | "close">;

const sleep = (milliseconds: number, isCut: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    isCut.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/**
 * Waits for a signal, and stops `webhook`. SIGINT, and a second signal, end the draining at once; the one after that
 * ends the requests too. False when requests were cut off.
 */
export const untilStopped = async (
  webhook: Stoppable,
  signals: Pick<EventEmitter, "on" | "off">,
  timing: ShutdownTiming,
  onStart: (signal: string) => void,
): Promise<boolean> => {
  let received: (signal: string) => void = () => {};
  const first = new Promise<string>((resolve) => {
    received = resolve;
  });
  const onSignal = (signal: string) => received(signal);
  signals.on("SIGTERM", onSignal);
  signals.on("SIGINT", onSignal);
  const signal = await first;

  const noMoreDraining = new AbortController();
  const noMoreWaiting = new AbortController();
  received = () => (noMoreDraining.signal.aborted ? noMoreWaiting : noMoreDraining).abort();
  webhook.drain();
  onStart(signal);
  if (signal === "SIGTERM") await sleep(timing.drainMs, noMoreDraining.signal);
  noMoreDraining.abort();
  const isComplete = await webhook.close(
    AbortSignal.any([noMoreWaiting.signal, AbortSignal.timeout(timing.deadlineMs)]),
  );
  signals.off("SIGTERM", onSignal);
  signals.off("SIGINT", onSignal);
  return isComplete;
};
