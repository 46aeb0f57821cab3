/** Notices that this process stood still: stopped, throttled or busy for a while. */
import { type Clock, systemClock } from "../../kube/clock.ts";

/** What noticed. */
export interface Stalls {
  /**
   * Has the process stood still until a moment ago? Then events of the watch wait unread beside the request, and what is
   * in memory may be as old as the standstill.
   */
  isRecent(): boolean;
  stop(): void;
}

/** As seldom as {@link STALL_MS} allows, since each tick wakes an idle process. */
const TICK_MS = 300;

/** More than a tick late; a garbage collection or a large list is shorter. */
const STALL_MS = 500;

/** Enough to read what has piled up in the sockets. */
const SETTLE_MS = 1000;

/** Starts looking, with a timer that keeps no process alive. */
export const watchForStalls = (clock: Clock = systemClock): Stalls => {
  let tickedAtMs = clock.now();
  let settledAtMs = tickedAtMs;
  let cancel = () => {};
  const tick = () => {
    const now = clock.now();
    if (now - tickedAtMs > STALL_MS) settledAtMs = now + SETTLE_MS;
    tickedAtMs = now;
    cancel = clock.after(TICK_MS, tick);
  };
  tick();
  return {
    isRecent() {
      const now = clock.now();
      // A request may be read from its socket before the first timer after the standstill.
      return now < settledAtMs || now - tickedAtMs > STALL_MS;
    },
    stop: () => cancel(),
  };
};
