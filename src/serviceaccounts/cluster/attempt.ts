/** One request of the reflector, and what its failure means. */
import { AnswerTooLarge } from "../../kube/bounded-body.ts";
import type { Connection, KubeResponse } from "../../kube/connection.ts";
import { describeError } from "../../kube/error-chain.ts";
import { Malformed } from "../../kube/object-parts.ts";
import { describeStatus, readStatus, type Status } from "../../kube/status.ts";
import { LineTooLong } from "./line-splitter.ts";
import type { ErrorClass } from "./metrics.ts";
import type { Outcome } from "./reflector-state.ts";

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
export const attemptFailed = (errorClass: ErrorClass, message: string, retryAfterMs?: number): AttemptEnded =>
  new AttemptEnded({ kind: "failed", errorClass, retryAfterMs }, message);

const classOf = (code: number): ErrorClass => {
  if (code === 401) return "unauthorized";
  if (code === 403) return "forbidden";
  if (code === 429) return "throttled";
  return code >= 500 ? "server-error" : "unexpected";
};

/** What an answer's HTTP status and the Status in its body mean, or those of an event within a stream. */
export const endedByStatus = (code: number, status: Status | undefined, retryAfterMs?: number): AttemptEnded => {
  const message = describeStatus(code, status);
  // etcd's history is compacted every five minutes: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses
  if (code === 410) return new AttemptEnded({ kind: "expired" }, message);
  return attemptFailed(classOf(code), message, retryAfterMs);
};

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
    throw attemptFailed("unreachable", describeError(error));
  }
  if (response.status === 200) return response;
  throw endedByStatus(response.status, readStatus(await response.readText()), response.retryAfterMs);
};

/** What an error that ended an attempt amounts to. */
export const toAttemptEnded = (error: unknown): AttemptEnded => {
  if (error instanceof AttemptEnded) return error;
  if (error instanceof LineTooLong || error instanceof AnswerTooLarge) return attemptFailed("too-large", error.message);
  if (error instanceof Malformed) return attemptFailed("malformed", error.message);
  return attemptFailed("interrupted", describeError(error));
};
