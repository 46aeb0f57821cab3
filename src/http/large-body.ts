/** A body of more than a usual pod, or of a length that nobody said: bounded while it comes in. */
import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { POD_LIMITS } from "../reasons/limits.ts";
import { type BodyMemory, PIECE_BYTES, type Receiving } from "./body-memory.ts";
import { BodyScanner, SCAN_ROOM_BYTES } from "./body-scanner.ts";
import type { Garbage } from "./garbage.ts";
import type { Turns } from "./turns.ts";

/** What a review says of itself before the object is in its first bytes. */
const HEAD_BYTES = PIECE_BYTES;

/** What is kept of a body for which there is no memory: enough to say whose it is. */
const OPENING_BYTES = 4096;

/** Of six bytes of Go's one is kept. */
const MAX_COMPACTION = 6;

/** A bound of {@link POD_LIMITS} that is kept while a body comes in. */
export type BodyLimit = "too-large" | "too-many-values";

/** What became of a body: its text, or why it was not read. */
export type BodyRead =
  | { readonly text: string }
  | { readonly breach: BodyLimit; readonly head: string }
  /** No memory was left for it, or others needed what it had while it did not move. */
  | { readonly isGivenUp: true; readonly head: string };

/** What all large bodies share. */
export interface LargeBodyPorts {
  readonly memory: BodyMemory;
  readonly turns: Turns;
  readonly garbage: Garbage;
}

/** Told once that it is known what became of the body; undefined where the connection ended before. */
type OnRead = (body: LargeBody | undefined) => void;

const scratch = Buffer.allocUnsafeSlow(PIECE_BYTES + SCAN_ROOM_BYTES);

/** One large body, from its first byte until it is answered; what comes in after it is settled is not kept. */
export class LargeBody implements Receiving {
  /** When the last of it was there, or was needed no more. */
  receivedMs = performance.now();
  private result: BodyRead | undefined;
  private opening = "";
  private readonly request: IncomingMessage;
  private readonly ports: LargeBodyPorts;
  private readonly onRead: OnRead;
  private readonly scanner = new BodyScanner();
  private pieces: Buffer[] = [];
  private counted = 0;
  /** Of what is kept, in bytes. */
  private length = 0;
  /** Of what is still to come, in bytes, as far as that was said. */
  private missing: number;
  private isSettled = false;
  /** Is there no memory for it? Its beginning is still waited for, which says whose it is. */
  private isStarving = false;

  constructor(request: IncomingMessage, ports: LargeBodyPorts, onRead: OnRead) {
    this.request = request;
    this.ports = ports;
    this.onRead = onRead;
    this.missing = Number(request.headers["content-length"] ?? 0);
    request.on("data", (chunk: Buffer) => this.receive(chunk));
    request.on("end", () => this.complete());
    request.on("close", () => this.endEarly());
  }

  /** What became of the body, once: while an answer waits for a lookup, the text is garbage. */
  take(): BodyRead {
    const { result, opening } = this;
    this.result = undefined;
    return result ?? { isGivenUp: true, head: opening };
  }

  /** Counts the body's bytes no longer; for when it is answered. */
  release(): void {
    const { memory } = this.ports;
    memory.reuse(this.pieces);
    memory.release(this, this.counted);
    this.pieces = [];
    this.counted = 0;
  }

  private giveUpOnceKnown(): void {
    if (this.opening.length >= OPENING_BYTES) this.giveUp();
  }

  giveUp(): void {
    this.settle({ isGivenUp: true, head: this.opening });
  }

  private receive(chunk: Buffer): void {
    this.missing = Math.max(0, this.missing - chunk.length);
    for (let from = 0; from < chunk.length && !this.isSettled; from += PIECE_BYTES)
      this.keep(this.scanner.scan(chunk.subarray(from, from + PIECE_BYTES), scratch));
  }

  /** Keeps the first `bytes` of what was scanned, unless that is more than may be. */
  private keep(bytes: number): void {
    if (this.opening.length < OPENING_BYTES)
      this.opening += scratch.toString("latin1", 0, Math.min(bytes, OPENING_BYTES));
    if (this.isStarving) {
      this.giveUpOnceKnown();
      return;
    }
    for (let from = 0; from < bytes; ) {
      const used = this.length % PIECE_BYTES;
      const piece = used === 0 ? this.takePiece() : this.pieces.at(-1);
      if (piece === undefined) {
        this.isStarving = true;
        this.giveUpOnceKnown();
        return;
      }
      const copied = scratch.copy(piece, used, from, bytes);
      from += copied;
      this.length += copied;
    }
    if (this.leastLength() > POD_LIMITS["too-large"].max) this.refuse("too-large");
    else if (this.scanner.values > POD_LIMITS["too-many-values"].max) this.refuse("too-many-values");
  }

  /** What will be kept at least, once the head is there. */
  private leastLength(): number {
    return this.length < HEAD_BYTES ? this.length : this.length + this.missing / MAX_COMPACTION;
  }

  private takePiece(): Buffer | undefined {
    const piece = this.ports.memory.take(this);
    if (piece === undefined) return undefined;
    this.pieces.push(piece);
    this.counted++;
    return piece;
  }

  private refuse(breach: BodyLimit): void {
    const head = this.pieces[0]?.toString("utf8", 0, Math.min(this.length, HEAD_BYTES)) ?? "";
    this.settle({ breach, head });
  }

  private settle(result: BodyRead): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.receivedMs = performance.now();
    this.result = result;
    this.release();
    this.onRead(this);
  }

  private complete(): void {
    if (this.isSettled) return;
    this.keep(this.scanner.end(scratch));
    if (this.isStarving) this.giveUp();
    if (this.isSettled) return;
    this.receivedMs = performance.now();
    const { memory, turns, garbage } = this.ports;
    memory.complete(this);
    turns.add(() => garbage.collectParsed());
    turns.add(() => this.read());
  }

  private read(): void {
    if (this.request.socket.destroyed) this.endEarly();
    if (this.isSettled) return;
    this.isSettled = true;
    this.result = { text: this.takeText() };
    this.onRead(this);
  }

  private takeText(): string {
    // Piece by piece: Node.js keeps larger texts where the C library has them, which hardly gives any of it back. And one
    // byte for each character is a string of half the size, read twice as fast.
    const decoder = new StringDecoder(this.scanner.isAscii ? "latin1" : "utf8");
    let left = this.length;
    let text = "";
    for (const piece of this.pieces) {
      text += decoder.write(piece.subarray(0, left));
      left -= piece.length;
    }
    this.ports.memory.reuse(this.pieces);
    this.ports.garbage.wasParsed(this.length);
    this.pieces = [];
    return text + decoder.end();
  }

  /** The connection is gone: nothing is left to be answered. */
  private endEarly(): void {
    if (this.isSettled || (this.request.complete && !this.request.socket.destroyed)) return;
    this.isSettled = true;
    this.release();
    this.onRead(undefined);
  }
}
