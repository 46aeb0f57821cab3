/** Large bodies share each turn of the event loop: without that, one read takes 2 MiB of each client's, and others wait. */
import type { IncomingMessage } from "node:http";
import type { Garbage } from "./garbage.ts";

/** Read in one turn, of all large bodies together; some milliseconds of decrypting and scanning. */
const BYTES_PER_TURN = 1024 * 1024;

/** A body that says that it is no longer is not large. */
const MAX_SMALL_BYTES = 64 * 1024;

/** Has `request` a body that is large, or of a length that it does not say? */
export const hasLargeBody = ({ headers }: IncomingMessage): boolean => {
  const length = headers["content-length"];
  return length === undefined ? headers["transfer-encoding"] !== undefined : Number(length) > MAX_SMALL_BYTES;
};

/** The pace of one server's large bodies. */
export class Pace {
  private left = BYTES_PER_TURN;
  private isScheduled = false;
  private paused: IncomingMessage[] = [];
  private readonly garbage: Garbage;

  constructor(garbage: Garbage) {
    this.garbage = garbage;
  }

  /** Reads `request` to its end, whoever listens, and no faster than others leave room for. */
  follow(request: IncomingMessage): void {
    request.on("data", (chunk: Buffer) => {
      this.left -= chunk.length;
      this.garbage.wasRead(chunk.length);
      if (this.left <= 0) {
        request.pause();
        this.paused.push(request);
      }
      if (this.isScheduled) return;
      this.isScheduled = true;
      setImmediate(this.nextTurn);
    });
    // What is cut short is no error where nothing is read any more.
    request.on("error", () => {});
  }

  private readonly nextTurn = (): void => {
    this.left = BYTES_PER_TURN;
    this.isScheduled = false;
    const { paused } = this;
    this.paused = [];
    for (const request of paused) request.resume();
  };
}
