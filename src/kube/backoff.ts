/** The wait between two attempts, the same for everything that asks the API server again. */

/** What the wait depends on. */
export interface Backoff {
  /** Attempts that failed in a row, from 1. */
  readonly attempts: number;
  /** The wait after the first one, in milliseconds; it doubles with each that follows. */
  readonly firstMs: number;
  /** In milliseconds. */
  readonly maxMs: number;
  /** What `Retry-After` asked for; more than a minute of it is not waited. */
  readonly retryAfterMs?: number | undefined;
  /** From 0 to 1. */
  readonly random: number;
}

const MAX_RETRY_AFTER_MS = 60_000;

/** Doublings beyond which every limit is reached. */
const MAX_DOUBLINGS = 16;

/**
 * Milliseconds to wait: exponential, and never less than half of it; at least what the API server asked for, and up to a
 * quarter more. Many replicas must not come back at the same moment.
 */
export const backoffMs = ({ attempts, firstMs, maxMs, retryAfterMs = 0, random }: Backoff): number => {
  const grown = firstMs * 2 ** Math.min(Math.max(attempts - 1, 0), MAX_DOUBLINGS);
  const usual = Math.min(grown, maxMs) * (0.5 + random / 2);
  return Math.max(usual, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) * (1 + random / 4));
};
