/** One request of the reflector under a time limit, and what its failure means. */
import { AnswerTooLarge } from "./bounded-body.ts";
import type { Clock } from "./clock.ts";
import type { Connection, KubeResponse } from "./connection.ts";
import { readStatus, type Status } from "./metadata.ts";
import type { Trouble } from "./metrics.ts";
import { Malformed } from "./object-parts.ts";
import type { Outcome } from "./reflector-state.ts";
import { LineTooLong } from "./watch-lines.ts";

/** Ends an attempt with an outcome; the message is for the log. */
export class AttemptEnded extends Error {
  override readonly name = "AttemptEnded";
  readonly outcome: Outcome;

  constructor(outcome: Outcome, message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** Ends an attempt as failed. */
export const troubled = (trouble: Trouble, message: string, retryAfterMs?: number): AttemptEnded =>
  new AttemptEnded({ kind: "failed", trouble, retryAfterMs }, message);

const troubleOf = (code: number): Trouble => {
  if (code === 401) return "unauthorized";
  if (code === 403) return "forbidden";
  if (code === 429) return "throttled";
  return code >= 500 ? "server-error" : "unexpected";
};

/** What a Status says, be it an answer's or one within a stream. */
export const endedByStatus = (status: Status, retryAfterMs?: number): AttemptEnded => {
  const message = `the API server says ${status.code} ${status.reason}: ${status.message}`;
  // etcd's history is compacted every five minutes: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses
  if (status.code === 410) return new AttemptEnded({ kind: "expired" }, message);
  return troubled(troubleOf(status.code), message, retryAfterMs);
};

/** Aborts with `silent` unless it is fed; it may be fed as often as bytes come. */
export class Watchdog {
  private readonly controller = new AbortController();
  private readonly clock: Clock;
  private readonly outer: AbortSignal;
  private cancel: () => void = () => {};
  private readonly stopWithOuter = () => this.controller.abort(this.outer.reason);

  constructor(clock: Clock, outer: AbortSignal) {
    this.clock = clock;
    this.outer = outer;
    if (outer.aborted) this.stopWithOuter();
    outer.addEventListener("abort", this.stopWithOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  feed(limitMs: number): void {
    this.cancel();
    this.cancel = this.clock.after(limitMs, () =>
      this.controller.abort(troubled("silent", `nothing came for ${limitMs / 1000} s`)),
    );
  }

  /** Ends the watching, and the request with it where that still runs. */
  stop(): void {
    this.cancel();
    this.outer.removeEventListener("abort", this.stopWithOuter);
    this.controller.abort(new Error("done"));
  }
}

/** Sends a request; throws {@link AttemptEnded} unless the answer is 200. */
export const send = async (
  connection: Connection,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<KubeResponse> => {
  let response: KubeResponse;
  try {
    response = await connection.get(path, accept, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw troubled("unreachable", describe(error));
  }
  if (response.status === 200) return response;
  const status = readStatus(await response.readText());
  throw endedByStatus(
    { code: response.status, reason: status?.reason ?? "", message: status?.message ?? "" },
    response.retryAfterMs,
  );
};

/** An error with its causes in one line: undici hides the reason in them. */
export const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error).slice(0, 200);
  const message = error.message || error.name;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const own = message.includes(code) ? message : `${message} (${code})`;
  return (error.cause === undefined ? own : `${own}: ${describe(error.cause)}`).slice(0, 300);
};

/** What an error that ended an attempt amounts to. */
export const toAttemptEnded = (error: unknown): AttemptEnded => {
  if (error instanceof AttemptEnded) return error;
  if (error instanceof LineTooLong || error instanceof AnswerTooLarge) return troubled("line-too-long", error.message);
  if (error instanceof Malformed) return troubled("broken-line", error.message);
  return troubled("cut", describe(error));
};
