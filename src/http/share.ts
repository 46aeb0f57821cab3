/**
 * Answering in batches, one in each turn of the event loop. What comes in together is answered together, after all of it
 * was read: the processor's caches then hold one kind of work at a time, which makes a busy server about a tenth faster.
 * And a batch is short: until it ends no client's connection takes anything or is let go of, and some hundred small reviews
 * with large answers, at once, would be more than there is memory.
 */
import type { Socket } from "node:net";

/** A turn takes no more than this and one review. */
const SHARE_MS = 20;

/** Of bodies in a batch: two hundred usual ones. With more the first are answered while others are still read. */
const BATCH = 1024 * 1024;

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
  private isScheduled = false;
  /** When this turn's share is over; undefined before its first work. */
  private endMs: number | undefined;
  private readonly isCongested: () => boolean;

  /** A turn in which it `isCongested` does one piece of work: what is there already is to get away first. */
  constructor(isCongested: () => boolean) {
    this.isCongested = isCongested;
  }

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
    this.waiting.push({ socket, size, work });
    this.schedule();
    while (this.size > BATCH && this.mayGoOn()) this.next();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    this.isScheduled = false;
    try {
      do this.next();
      while (this.waiting.length > 0 && this.mayGoOn());
    } finally {
      this.endMs = undefined;
      if (this.waiting.length > 0) this.schedule();
    }
  };

  private mayGoOn(): boolean {
    return (this.endMs === undefined || performance.now() < this.endMs) && !this.isCongested();
  }

  private next(): void {
    this.endMs ??= performance.now() + SHARE_MS;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      this.size -= next.size;
      // Whoever connects, asks and leaves again and again would else be waited for, with all that it sent.
      if (next.socket.destroyed) continue;
      next.work();
      return;
    }
  }
}
