/** One question of a command, and its whole answer. */
import { ClusterQueryFailed } from "../trust/cluster-queries.ts";
import type { KubeResponse } from "./connection.ts";
import { describeError } from "./error-chain.ts";

/** Long for a person who waits, short for an API server that is gone. */
export const TIMEOUT_MS = 15_000;

/** Status, body and warnings. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly warnings: readonly string[];
}

/** Sends a request; whatever keeps it from being answered becomes {@link ClusterQueryFailed}. */
export const answerTo = async (
  request: (signal: AbortSignal) => Promise<KubeResponse>,
  timeoutMs: number,
): Promise<Answer> => {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await request(signal);
    return { status: response.status, text: await response.readText(), warnings: response.warnings ?? [] };
  } catch (cause) {
    const why = signal.aborted ? `the API server did not answer within ${timeoutMs / 1000} s` : describeError(cause);
    throw new ClusterQueryFailed(why, undefined, { cause });
  }
};
