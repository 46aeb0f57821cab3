/** Reading one ServiceAccount straight from the API server, once for all who ask at the same time. */
import type { AccountKeys } from "../../federation/account-keys.ts";
import type { ServiceAccount } from "../../federation/service-account.ts";
import { backoffMs } from "../../kube/backoff.ts";
import { AnswerTooLarge } from "../../kube/bounded-body.ts";
import { type Clock, pause } from "../../kube/clock.ts";
import type { Connection, KubeResponse } from "../../kube/connection.ts";
import { Deadline, orAborted } from "../../kube/deadline.ts";
import { describeError } from "../../kube/error-chain.ts";
import { accept, readObject } from "../../kube/metadata.ts";
import type { Metadata } from "../../kube/object-parts.ts";
import { serviceAccountPath } from "../../kube/paths.ts";
import { describeStatus, isNotFound, readStatus } from "../../kube/status.ts";
import { LookupFailed } from "../source.ts";
import type { KubeMetrics } from "./metrics.ts";
import { type Call, SingleFlight } from "./single-flight.ts";

/** What live GETs work with. */
export interface LiveGetOptions {
  readonly connection: Connection;
  /** The annotations that are read. */
  readonly keys: AccountKeys;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
  /** How what was read is given out. */
  readonly view: (metadata: Metadata) => ServiceAccount;
  /** After so long without an answer a try is given up and another connection used, while the budget lasts. */
  readonly tryMs: number;
}

type Found = ServiceAccount | undefined;

/** What is known after one try: an answer, or what `Retry-After` asked for and why there is none yet. */
type Try =
  | { readonly answer: Found }
  | { readonly retryAfterMs?: number | undefined; readonly why: LookupFailed | OutOfTime };

const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 1000;

/**
 * An API server that has just started refuses everybody until it has read its roles, for two seconds on a small machine: one
 * that refuses is asked again, but only for so long since it began to. Rights that are really missing delay no more pods then.
 */
const REFUSING_MS = 5000;

// What the API server lets through as names: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Live GETs over one connection. */
export class LiveGets {
  private readonly options: LiveGetOptions;
  private readonly calls = new SingleFlight<Found>((key, call) => this.read(key, call));
  private readonly stopped = new AbortController();
  /** Since when every answer has been 401 or 403. */
  private refusedSinceMs: number | undefined;

  constructor(options: LiveGetOptions) {
    this.options = options;
  }

  /** The ServiceAccount as it is at or after the moment of this call. */
  async get(namespace: string, name: string, budgetMs: number): Promise<Found> {
    if (!SUBDOMAIN.test(namespace) || !SUBDOMAIN.test(name)) return undefined;
    const { clock, metrics } = this.options;
    const startedAtMs = clock.now();
    const deadline = new Deadline(clock, this.stopped.signal);
    deadline.set(budgetMs, () => new OutOfTime());
    try {
      const call = this.calls.do(`${namespace}/${name}`, startedAtMs + budgetMs);
      const found = await orAborted(call, deadline.signal);
      metrics.liveGet(found === undefined ? "not-found" : "found", clock.now() - startedAtMs);
      return found;
    } catch (error) {
      const isLate = error instanceof OutOfTime;
      metrics.liveGet(isLate ? "out-of-time" : "failed", clock.now() - startedAtMs);
      if (error instanceof LookupFailed) throw error;
      // The try's own limit and this budget end at the same moment: whichever is first, it is said in the same words.
      const why = isLate ? `the API server did not answer within ${Math.round(budgetMs)} ms` : describeError(error);
      throw new LookupFailed(why, { cause: error });
    } finally {
      deadline.clear();
    }
  }

  /** Ends what is under way; nothing can be read any more. */
  stop(): void {
    this.stopped.abort(new LookupFailed("the source is closed"));
  }

  /** Tries until there is an answer, or nobody waits any more. */
  private async read(key: string, call: Pick<Call<Found>, "untilMs">): Promise<Found> {
    const { clock } = this.options;
    for (let attempts = 1; ; attempts++) {
      this.stopped.signal.throwIfAborted();
      const leftMs = call.untilMs - clock.now();
      if (leftMs <= 0) throw new OutOfTime();
      const result = await this.tryOnce(key, leftMs);
      if ("answer" in result) return result.answer;
      const { retryAfterMs, why } = result;
      const limits = { firstMs: FIRST_WAIT_MS, maxMs: MAX_WAIT_MS };
      const waitMs = backoffMs({ attempts, ...limits, retryAfterMs, random: clock.random() });
      if (clock.now() + waitMs >= call.untilMs) throw why;
      await pause(clock, waitMs, this.stopped.signal);
    }
  }

  private async tryOnce(key: string, leftMs: number): Promise<Try> {
    const { connection, keys, clock, tryMs, view } = this.options;
    const [namespace = "", name = ""] = key.split("/");
    const deadline = new Deadline(clock, this.stopped.signal);
    deadline.set(Math.min(tryMs, leftMs), () => new OutOfTime());
    try {
      const response = await connection.get(serviceAccountPath(namespace, name), accept.object, deadline.signal);
      const text = await response.readText();
      const { status, retryAfterMs } = response;
      const isPassing = this.isPassingRefusal(status);
      if (status === 200) return { answer: this.checked(key, readObject(text, keys), view) };
      return answerOf({ status, retryAfterMs, text, isPassing });
    } catch (error) {
      if (error instanceof LookupFailed) throw error;
      // It would be as large the next time.
      if (error instanceof AnswerTooLarge) throw new LookupFailed(error.message, { cause: error });
      const cause = deadline.signal.aborted ? deadline.signal.reason : error;
      return { why: cause instanceof OutOfTime ? cause : new LookupFailed(describeError(cause), { cause }) };
    } finally {
      deadline.clear();
    }
  }

  private isPassingRefusal(code: number): boolean {
    if (code !== 401 && code !== 403) {
      this.refusedSinceMs = undefined;
      return false;
    }
    const nowMs = this.options.clock.now();
    this.refusedSinceMs ??= nowMs;
    return nowMs - this.refusedSinceMs < REFUSING_MS;
  }

  private checked(key: string, metadata: Metadata, view: LiveGetOptions["view"]): ServiceAccount {
    if (`${metadata.namespace}/${metadata.name}` === key) return view(metadata);
    throw new LookupFailed(`asked for ${key}, the API server answered with another object`);
  }
}

/** The budget of whoever asked is over, or the limit of one try; only the one who asked knows which budget it was. */
class OutOfTime extends Error {
  override readonly name = "OutOfTime";
}

interface Refused extends Pick<KubeResponse, "status" | "retryAfterMs"> {
  readonly text: string;
  /** It may be otherwise in a moment. */
  readonly isPassing: boolean;
}

const answerOf = ({ status: code, retryAfterMs, text, isPassing }: Refused): Try => {
  const status = readStatus(text);
  if (isNotFound(code, status)) return { answer: undefined };
  const why = new LookupFailed(describeStatus(code, status));
  if (isPassing || code === 429 || code >= 500) return { retryAfterMs, why };
  throw why;
};
