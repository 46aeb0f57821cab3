/** Shares the one thread with the requests that are served meanwhile. */
import { setImmediate, setTimeout } from "node:timers/promises";

/** After so long without a turn others get one. */
const TURN_MS = 10;

/** Long work in pieces. */
export class Turns {
  private beganAtMs = performance.now();

  /** Is it time for {@link next}? */
  isOver(): boolean {
    return performance.now() - this.beganAtMs >= TURN_MS;
  }

  /** Says that the time until now was no work. */
  begin(): void {
    this.beganAtMs = performance.now();
  }

  /**
   * Lets others work. A piece that took much longer than a turn is followed by a pause of the same length: a request over
   * a new connection needs several turns, and would wait for one piece in each.
   */
  async next(): Promise<void> {
    const workedMs = performance.now() - this.beganAtMs;
    await (workedMs < 2 * TURN_MS ? setImmediate() : setTimeout(workedMs, undefined, { ref: false }));
    this.begin();
  }
}
