/** A bound on answers that their clients do not take: a request of two kilobytes may have one of two megabytes. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Of all connections together; six of the largest answers. */
const MAX_BYTES = 12 * 1024 * 1024;

/** From this part of it on answers are made one by one: clients that take theirs have them before there is too much. */
const MUCH = 1 / 3;

/** An answer of no more is not counted: it is a usual one, and all that there can be take few megabytes. */
const SMALL_BYTES = 4096;

/** The most that a client may take for its answers while there is no room for others. */
const GRACE_MS = 1000;

interface Unsent {
  bytes: number;
  /** Since when there has been anything. */
  readonly sinceMs: number;
}

/** The answers of one server that are on their way. */
export class UnsentAnswers {
  private readonly maxBytes: number;
  /** In the order in which they began to wait. */
  private readonly waiting = new Map<Socket, Unsent>();
  private readonly followed = new WeakSet<Socket>();
  private total = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.maxBytes = maxBytes;
  }

  /** Of all that are counted, in bytes. */
  bytes(): number {
    return this.total;
  }

  /** Are there as many that the next ones should wait a little? */
  isMuch(): boolean {
    return this.total > this.maxBytes * MUCH;
  }

  /** Told before `response` ends with `bytes`; for which connections that take their answers too slowly are closed. */
  sending(response: ServerResponse, bytes: number): void {
    if (bytes <= SMALL_BYTES) return;
    const { socket } = response.req;
    if (socket.destroyed) return;
    const nowMs = performance.now();
    const unsent = this.waiting.get(socket) ?? { bytes: 0, sinceMs: nowMs };
    unsent.bytes += bytes;
    this.total += bytes;
    this.waiting.set(socket, unsent);
    response.once("finish", () => this.sent(socket, unsent, bytes));
    this.follow(socket);
    while (this.total > this.maxBytes) this.close(this.slowest(nowMs));
  }

  // A response that waits behind others of its connection is not told when that closes.
  private follow(socket: Socket): void {
    if (this.followed.has(socket)) return;
    this.followed.add(socket);
    socket.once("close", () => this.forget(socket));
  }

  private sent(socket: Socket, unsent: Unsent, bytes: number): void {
    if (this.waiting.get(socket) !== unsent) return;
    unsent.bytes -= bytes;
    this.total -= bytes;
    if (unsent.bytes === 0) this.waiting.delete(socket);
  }

  private forget(socket: Socket): void {
    this.total -= this.waiting.get(socket)?.bytes ?? 0;
    this.waiting.delete(socket);
  }

  /** Who has waited for longest, if that is long; else who has most: a refusal is small, and has to arrive. */
  private slowest(nowMs: number): Socket | undefined {
    let found: Socket | undefined;
    let most = 0;
    for (const [socket, { bytes, sinceMs }] of this.waiting) {
      if (nowMs - sinceMs > GRACE_MS) return socket;
      if (bytes <= most) continue;
      found = socket;
      most = bytes;
    }
    return found;
  }

  private close(socket: Socket | undefined): void {
    if (socket === undefined) return;
    this.forget(socket);
    socket.destroy();
  }
}
