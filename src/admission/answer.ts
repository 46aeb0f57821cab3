/**
 * What a request is answered with. Three things are never mixed up: a refusal is a 403 inside a 200; a fault of ours is
 * a 500, so that the webhook's `failurePolicy` decides; and 503 with `Retry-After` asks to be called again.
 */
import type { Decision } from "../decision/decide.ts";
import type { DecisionReason, PolicyReason } from "../reasons/reasons.ts";

/** What reviews are about: each has a webhook, and a path, of its own. */
export type Reviewed = "pods" | "serviceaccounts";

/** How a request ended, for logs and metrics. */
export type Outcome = Decision["outcome"] | "failed" | "not-ready" | "bad-request";

/** One answer, with what is logged and counted about it. Nothing of the pod's content is in it but the body. */
export interface Answer {
  readonly status: 200 | 400 | 413 | 415 | 500 | 503;
  /** JSON with 200, otherwise a line of text, which the API server shows to whoever created the pod. */
  readonly body: string;
  readonly outcome: Outcome;
  readonly reason: DecisionReason;
  readonly uid?: string;
  readonly namespace?: string;
  readonly serviceAccount?: string;
  readonly providers?: readonly string[];
  readonly wouldDeny?: readonly PolicyReason[];
  /** Why it failed. */
  readonly error?: unknown;
}

/** The body is not what it should be. */
export const badRequest = (
  status: 400 | 413 | 415,
  reason: "not-a-review" | "body-too-large" | "wrong-content-type",
  problem: string,
): Answer => ({ status, body: `podpass: ${problem}\n`, outcome: "bad-request", reason });

/** Not every condition is met yet. */
export const NOT_READY: Answer = {
  status: 503,
  body: "podpass: not ready yet; /readyz says what is missing\n",
  outcome: "not-ready",
  reason: "not-ready",
};

/** Large bodies have all the memory that they may have. */
export const BUSY: Answer = {
  status: 503,
  body: "podpass: too many large bodies at once\n",
  outcome: "not-ready",
  reason: "busy",
};

/** A fault of ours. `about` is what is known of the request. */
export const failed = (
  reason: "lookup-failed" | "internal-error",
  sentence: string,
  error: unknown,
  about: Pick<Answer, "uid" | "namespace" | "serviceAccount"> = {},
): Answer => ({ ...about, status: 500, body: `podpass: ${sentence}\n`, outcome: "failed", reason, error });
