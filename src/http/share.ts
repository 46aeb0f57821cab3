/**
 * The share of each turn of the event loop that answering may take. All that came in is answered in one turn, and until
 * it ends no client's connection takes anything or is let go of: some hundred small reviews with large answers, at once,
 * would be more than there is memory.
 */
import type { Socket } from "node:net";

/** A turn takes no more than this and one review. */
const SHARE_MS = 20;

/** Of bodies that wait for a later turn, beside one of each connection, which together are no more than 20 MiB. */
const MAX_WAITING = 4 * 1024 * 1024;

interface Waiting {
  readonly socket: Socket;
  readonly size: number;
  readonly work: () => void;
}

/** Does work at once as long as the turn has room for it, and one piece a turn of what came later. */
export class Share {
  private readonly waiting: Waiting[] = [];
  private readonly sockets = new Set<Socket>();
  private size = 0;
  private spentMs = 0;
  private isScheduled = false;

  /**
   * Does `work` for `socket`, now or in a later turn, until when it holds `size` characters. A connection that has more
   * than one wait is closed where there is no room for it: API servers send none before the last is answered.
   */
  add(socket: Socket, size: number, work: () => void): void {
    if (socket.destroyed) return;
    if (this.spentMs < SHARE_MS) {
      this.run(work);
      return;
    }
    if (this.sockets.has(socket) && this.size + size > MAX_WAITING) {
      socket.destroy();
      return;
    }
    this.waiting.push({ socket, size, work });
    this.sockets.add(socket);
    this.size += size;
  }

  private run(work: () => void): void {
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(this.nextTurn);
    }
    const startedMs = performance.now();
    work();
    this.spentMs += performance.now() - startedMs;
  }

  private readonly nextTurn = (): void => {
    this.isScheduled = false;
    this.spentMs = 0;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      this.size -= next.size;
      this.sockets.delete(next.socket);
      if (next.socket.destroyed) continue;
      this.run(next.work);
      return;
    }
  };
}
