/** TLS handshakes that failed, in the log: a stale `caBundle` shows nowhere else, and a scanner must not fill it. */
import type { Log } from "./log.ts";

/** Why a handshake failed. */
export const HANDSHAKE_FAILURES = [
  /** The client refused the serving certificate: its `caBundle` is stale, or the name or the time is wrong. */
  "certificate-refused",
  /** There is no serving certificate yet. */
  "no-certificate",
  /** It was not TLS, or no version or cipher that both sides speak. */
  "protocol",
  /** The client began, and did not go on. */
  "timeout",
  /** The client closed the connection before it was done: also what probes of the bare port do. */
  "reset",
  "other",
] as const;

/** One of them. */
export type HandshakeFailure = (typeof HANDSHAKE_FAILURES)[number];

/** A handshake that failed. */
export interface FailedHandshake {
  readonly reason: HandshakeFailure;
  /** The code that Node.js gives to it. */
  readonly code: string;
  /** The client's address, where it is still known. */
  readonly client: string | undefined;
}

const EVERY_MS = 60_000;

const ADVICE =
  "a client does not trust the serving certificate: compare its CA with the caBundle of the webhook configuration";

/** Logs at most once a minute, with what was counted since the line before. `after` is `setTimeout`'s. */
export const createHandshakeLog = (
  log: Pick<Log, "warn">,
  after: (action: () => void, ms: number) => void = (action, ms) => void setTimeout(action, ms).unref(),
): ((failed: FailedHandshake) => void) => {
  let counts = new Map<HandshakeFailure, number>();
  let last: FailedHandshake | undefined;
  let isResting = false;
  const write = () => {
    isResting = last !== undefined;
    if (last === undefined) return;
    const advice = counts.has("certificate-refused") ? ADVICE : undefined;
    log.warn({ failures: Object.fromEntries(counts), last, advice }, "TLS handshakes failed");
    counts = new Map();
    last = undefined;
    after(write, EVERY_MS);
  };
  return (failed) => {
    counts.set(failed.reason, (counts.get(failed.reason) ?? 0) + 1);
    // Of several kinds the one that is ours to mend is told.
    if (last?.reason !== "certificate-refused" || failed.reason === "certificate-refused") last = failed;
    if (!isResting) write();
  };
};
