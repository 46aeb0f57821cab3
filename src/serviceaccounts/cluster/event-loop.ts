/** Shares the one thread with the requests that are served meanwhile. */
import { setImmediate, setTimeout } from "node:timers/promises";

/** After so much work, in milliseconds, others get a turn. */
export const SLICE_MS = 10;

/**
 * Lets others work. A piece of work that took much longer than a turn is followed by a pause of the same length: a request
 * over a new connection needs several turns, and would wait for one piece in each. The pause keeps the process alive, since
 * nothing else need: a command that lists would end in the middle of it.
 */
export const yieldToEventLoop = async (workedMs: number): Promise<void> => {
  await (workedMs < 2 * SLICE_MS ? setImmediate() : setTimeout(workedMs));
};
