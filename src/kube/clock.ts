/** Time and chance as a port, so that tests need not wait. */
import { performance } from "node:perf_hooks";

/** The port. */
export interface Clock {
  /** Milliseconds that only grow; comparable with each other alone. */
  now(): number;
  /** Calls `action` once after `ms` milliseconds, without keeping the process alive; what is returned cancels it. */
  after(ms: number, action: () => void): () => void;
  /** From 0 up to, but not, 1. */
  random(): number;
}

/** The process' own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Waits; ends at once, without an error, when `signal` is aborted. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const stop = () => {
      cancel();
      resolve();
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
