/** Notices that a stream brings more than is read of it, so that what is read is old. */
import type { Clock } from "../../kube/clock.ts";

/** A turn of the event loop that brings less has read all there was: sockets are read in larger pieces. */
const SMALL_TURN_BYTES = 16 * 1024;

/** One stream after the other. */
export class Backlog {
  private readonly clock: Clock;
  private behindSinceMs: number | undefined;
  private turnBytes = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Milliseconds since all that had come was read; 0 while it is. What waits now came within them. */
  get ageMs(): number {
    return this.behindSinceMs === undefined ? 0 : this.clock.now() - this.behindSinceMs;
  }

  /** The chunks of `stream`, counted as they are asked for. */
  async *follow(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const chunks = stream[Symbol.asyncIterator]();
    this.caughtUp();
    try {
      for (;;) {
        const next = await this.next(chunks);
        if (next.done === true) return;
        this.behindSinceMs ??= this.clock.now();
        this.turnBytes += next.value.length;
        yield next.value;
      }
    } finally {
      this.caughtUp();
      await chunks.return?.();
    }
  }

  private async next(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    let isHere = false;
    // After the second of them every socket was looked at once since the question.
    const first = setImmediate(() => {
      if (isHere) return;
      const wasSmall = this.turnBytes < SMALL_TURN_BYTES;
      this.turnBytes = 0;
      if (wasSmall) this.caughtUp();
      else setImmediate(() => !isHere && this.caughtUp());
    });
    try {
      return await chunks.next();
    } finally {
      isHere = true;
      clearImmediate(first);
    }
  }

  private caughtUp(): void {
    this.behindSinceMs = undefined;
    this.turnBytes = 0;
  }
}
