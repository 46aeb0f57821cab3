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

/** The signals that end the process, as they come. */
export interface StopSignals {
  /** Aborted by the first one, whose name is the reason. */
  readonly first: AbortSignal;
  /** Calls `action` for each one after the first, also for those that came before this call. */
  onNext(action: () => void): void;
}

/**
 * Listens from now on until the process ends: without a listener, a signal ends it without a word, also while it starts
 * and while it writes the last lines of its log.
 */
export const listenForSignals = (signals: Pick<EventEmitter, "on">): StopSignals => {
  const first = new AbortController();
  let missed = 0;
  let next = (): void => {
    missed++;
  };
  const onSignal = (signal: string) => {
    if (first.signal.aborted) next();
    else first.abort(signal);
  };
  signals.on("SIGTERM", onSignal);
  signals.on("SIGINT", onSignal);
  return {
    first: first.signal,
    onNext(action) {
      next = action;
      for (; missed > 0; missed--) action();
    },
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

const sleep = (milliseconds: number, isCut: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    void aborted(isCut).then(() => {
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
  signals: StopSignals,
  timing: ShutdownTiming,
  onStart: (signal: string) => void,
): Promise<boolean> => {
  await aborted(signals.first);
  const signal = String(signals.first.reason);

  const noMoreDraining = new AbortController();
  const noMoreWaiting = new AbortController();
  signals.onNext(() => (noMoreDraining.signal.aborted ? noMoreWaiting : noMoreDraining).abort());
  webhook.drain();
  onStart(signal);
  if (signal === "SIGTERM") await sleep(timing.drainMs, noMoreDraining.signal);
  noMoreDraining.abort();
  return webhook.close(AbortSignal.any([noMoreWaiting.signal, AbortSignal.timeout(timing.deadlineMs)]));
};
