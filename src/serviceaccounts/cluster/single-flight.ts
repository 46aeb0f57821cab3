/** One call at a time for each key, shared by all who ask for the same. */

/** A call, and the moment until which somebody waits for its result. */
export interface Call<Result> {
  untilMs: number;
  readonly result: Promise<Result>;
}

/** What is called with a key; `call` may come to be waited for longer while it runs. */
type Work<Result> = (key: string, call: Readonly<Pick<Call<Result>, "untilMs">>) => Promise<Result>;

/**
 * Calls `work` for each key. A call that is under way may have its answer from before somebody asked, so it is waited for
 * and never joined; all who ask meanwhile share the one that follows.
 */
export class SingleFlight<Result> {
  private readonly work: Work<Result>;
  private readonly running = new Map<string, Call<Result>>();
  private readonly waiting = new Map<string, Call<Result>>();

  constructor(work: Work<Result>) {
    this.work = work;
  }

  /** The result of a call that begins now or later. */
  do(key: string, untilMs: number): Promise<Result> {
    const next = this.waiting.get(key);
    if (next !== undefined) {
      next.untilMs = Math.max(next.untilMs, untilMs);
      return next.result;
    }
    const before = this.running.get(key);
    return (before === undefined ? this.start(key, untilMs) : this.startAfter(before, key, untilMs)).result;
  }

  private startAfter(before: Call<Result>, key: string, untilMs: number): Call<Result> {
    const call: Call<Result> = {
      untilMs,
      result: before.result
        .catch(() => {})
        .then(() => {
          this.waiting.delete(key);
          return this.start(key, call.untilMs).result;
        }),
    };
    this.waiting.set(key, call);
    call.result.catch(() => {});
    return call;
  }

  private start(key: string, untilMs: number): Call<Result> {
    const call: Call<Result> = {
      untilMs,
      result: Promise.resolve()
        .then(() => this.work(key, call))
        .finally(() => {
          if (this.running.get(key) === call) this.running.delete(key);
        }),
    };
    this.running.set(key, call);
    call.result.catch(() => {});
    return call;
  }
}
