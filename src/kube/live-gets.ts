/** Reading one ServiceAccount straight from the API server, once for all who ask at the same time. */
import type { ServiceAccount } from "../federation/service-account.ts";
import { LookupFailed } from "../serviceaccounts/source.ts";
import { describe } from "./attempt.ts";
import { AnswerTooLarge } from "./bounded-body.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { accept, readObject, readStatus } from "./metadata.ts";
import type { KubeMetrics } from "./metrics.ts";
import type { Metadata } from "./object-parts.ts";

/** What live GETs work with. */
export interface LiveGetOptions {
  readonly connection: Connection;
  /** Annotations under it are read. */
  readonly annotationPrefix: string;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
  /** How what was read is given out. */
  readonly view: (metadata: Metadata) => ServiceAccount;
  /** After so long without an answer a try is given up and another connection used, while the budget lasts. */
  readonly tryMs: number;
}

type Found = ServiceAccount | undefined;

/** One reading, and the moment until which somebody waits for it. */
interface Flight {
  untilMs: number;
  readonly result: Promise<Found>;
}

/** What is known after one try: an answer, or how long to wait before another one and why there is none yet. */
type Try = { readonly answer: Found } | { readonly waitMs: number; readonly why: LookupFailed | OutOfTime };

const FIRST_WAIT = 50;
const MAX_WAIT = 1000;

// What the API server lets through as names: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Live GETs over one connection. */
export class LiveGets {
  private readonly options: LiveGetOptions;
  private readonly running = new Map<string, Flight>();
  private readonly waiting = new Map<string, Flight>();
  private readonly stopped = new AbortController();

  constructor(options: LiveGetOptions) {
    this.options = options;
  }

  /**
   * The ServiceAccount as it is at or after the moment of this call. A request that is under way may have been answered
   * before that, so it is waited for and never shared; all who wait share the one that follows.
   */
  async get(namespace: string, name: string, budgetMs: number): Promise<Found> {
    if (!SUBDOMAIN.test(namespace) || !SUBDOMAIN.test(name)) return undefined;
    const { clock, metrics } = this.options;
    const startedAtMs = clock.now();
    const flight = this.board(`${namespace}/${name}`, startedAtMs + budgetMs);
    try {
      const found = await this.inTime(flight.result, budgetMs);
      metrics.liveGet(found === undefined ? "not-found" : "found", clock.now() - startedAtMs);
      return found;
    } catch (error) {
      const isLate = error instanceof OutOfTime;
      metrics.liveGet(isLate ? "out-of-time" : "failed", clock.now() - startedAtMs);
      if (error instanceof LookupFailed) throw error;
      // The try's own limit and this budget end at the same moment: whichever is first, it is said in the same words.
      const why = isLate ? `the API server did not answer within ${Math.round(budgetMs)} ms` : describe(error);
      throw new LookupFailed(why, { cause: error });
    }
  }

  /** Ends what is under way; nothing can be read any more. */
  stop(): void {
    this.stopped.abort(new LookupFailed("the source is closed"));
  }

  private board(key: string, untilMs: number): Flight {
    const next = this.waiting.get(key);
    if (next !== undefined) {
      next.untilMs = Math.max(next.untilMs, untilMs);
      return next;
    }
    const before = this.running.get(key);
    if (before === undefined) return this.takeOff(key, untilMs);
    const flight: Flight = {
      untilMs,
      result: before.result
        .catch(() => {})
        .then(() => {
          this.waiting.delete(key);
          return this.takeOff(key, flight.untilMs).result;
        }),
    };
    this.waiting.set(key, flight);
    flight.result.catch(() => {});
    return flight;
  }

  private takeOff(key: string, untilMs: number): Flight {
    const flight: Flight = {
      untilMs,
      result: Promise.resolve()
        .then(() => this.read(key, flight))
        .finally(() => {
          if (this.running.get(key) === flight) this.running.delete(key);
        }),
    };
    this.running.set(key, flight);
    flight.result.catch(() => {});
    return flight;
  }

  /** Tries until there is an answer, or nobody waits any more. */
  private async read(key: string, flight: Flight): Promise<Found> {
    const { clock } = this.options;
    for (let tries = 1; ; tries++) {
      this.stopped.signal.throwIfAborted();
      const leftMs = flight.untilMs - clock.now();
      if (leftMs <= 0) throw new OutOfTime();
      const result = await this.tryOnce(key, leftMs);
      if ("answer" in result) return result.answer;
      const usual = Math.min(FIRST_WAIT * 2 ** (tries - 1), MAX_WAIT) * (0.5 + clock.random() / 2);
      const waitMs = Math.max(usual, result.waitMs);
      if (clock.now() + waitMs >= flight.untilMs) throw result.why;
      await this.pause(waitMs);
    }
  }

  private async tryOnce(key: string, leftMs: number): Promise<Try> {
    const { connection, annotationPrefix, clock, tryMs, view } = this.options;
    const [namespace, name] = key.split("/");
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
    const controller = new AbortController();
    const stop = () => controller.abort(this.stopped.signal.reason);
    this.stopped.signal.addEventListener("abort", stop, { once: true });
    const cancel = clock.after(Math.min(tryMs, leftMs), () => controller.abort(new OutOfTime()));
    try {
      const response = await connection.get(path, accept.object, controller.signal);
      const text = await response.readText();
      if (response.status === 200) return { answer: this.checked(key, readObject(text, annotationPrefix), view) };
      return answerOf(response.status, response.retryAfterMs, text);
    } catch (error) {
      if (error instanceof LookupFailed) throw error;
      // It would be as large the next time.
      if (error instanceof AnswerTooLarge) throw new LookupFailed(error.message, { cause: error });
      const cause = controller.signal.aborted ? controller.signal.reason : error;
      return { waitMs: 0, why: cause instanceof OutOfTime ? cause : new LookupFailed(describe(cause), { cause }) };
    } finally {
      cancel();
      this.stopped.signal.removeEventListener("abort", stop);
    }
  }

  private checked(key: string, metadata: Metadata, view: LiveGetOptions["view"]): ServiceAccount {
    if (`${metadata.namespace}/${metadata.name}` === key) return view(metadata);
    throw new LookupFailed(`asked for ${key}, the API server answered with another object`);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.options.clock.after(ms, resolve));
  }

  private inTime(result: Promise<Found>, budgetMs: number): Promise<Found> {
    return new Promise((resolve, reject) => {
      const cancel = this.options.clock.after(budgetMs, () => reject(new OutOfTime()));
      const stop = () => reject(this.stopped.signal.reason);
      this.stopped.signal.addEventListener("abort", stop, { once: true });
      result.then(resolve, reject).finally(() => {
        cancel();
        this.stopped.signal.removeEventListener("abort", stop);
      });
    });
  }
}

/** The budget of whoever asked is over, or the limit of one try; only the one who asked knows which budget it was. */
class OutOfTime extends Error {
  override readonly name = "OutOfTime";
}

const answerOf = (code: number, retryAfterMs: number | undefined, text: string): Try => {
  const status = readStatus(text);
  // Only the API server's own word counts: a proxy's 404 would let a pod start without its identity.
  if (code === 404 && status?.reason === "NotFound") return { answer: undefined };
  const why = `the API server answered ${code}${status === undefined ? "" : ` ${status.reason}: ${status.message}`}`;
  if (code === 429 || code >= 500) return { waitMs: retryAfterMs ?? 0, why: new LookupFailed(why) };
  throw new LookupFailed(why);
};
