/** A time limit on work that listens to an AbortSignal. */
import type { Clock } from "./clock.ts";

/** Aborts its signal once its time is over, or with an outer signal; it may be set again as often as bytes come. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly clock: Clock;
  private readonly outer: AbortSignal;
  private cancel: () => void = () => {};
  private readonly abortWithOuter = () => this.controller.abort(this.outer.reason);

  constructor(clock: Clock, outer: AbortSignal) {
    this.clock = clock;
    this.outer = outer;
    if (outer.aborted) this.abortWithOuter();
    outer.addEventListener("abort", this.abortWithOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Aborts with what `reason` makes, `ms` milliseconds from now instead of the moment that was set before. */
  set(ms: number, reason: () => Error): void {
    this.cancel();
    this.cancel = this.clock.after(ms, () => this.controller.abort(reason()));
  }

  /** Ends the limit and leaves the work alone. */
  clear(): void {
    this.cancel();
    this.outer.removeEventListener("abort", this.abortWithOuter);
  }

  /** Ends the limit, and the work with it where that still runs. */
  stop(): void {
    this.clear();
    this.controller.abort(new Error("done"));
  }
}

/** Settles like `work`, or rejects with `signal`'s reason where that is aborted before. */
export const orAborted = <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
