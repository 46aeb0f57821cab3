/** The memory that large bodies have together, in pieces that are used again: garbage would wait for its collection. */

/** Of one piece. */
export const PIECE_BYTES = 64 * 1024;

/** Three of the largest bodies; with what parsing makes of one, Podpass stays below the 256 MiB of a small pod. */
const MAX_BYTES = 24 * 1024 * 1024;

/** A body that did not fill a piece in this time is slower than any API server, and gives way to others. */
const STALLED_MS = 1000;

/** Pieces that are kept for the next large body where there is none now: one of the largest. */
const MAX_SPARE = 128;

/** Who takes pieces while its body comes in. */
export interface Receiving {
  /** Its pieces are needed elsewhere; it releases all of them before this returns. */
  giveUp(): void;
}

/** Hands out pieces, each counted until it is released. */
export class BodyMemory {
  private readonly maxPieces: number;
  private readonly spare: Buffer[] = [];
  /** When each took its last piece; who took one longest ago is first. */
  private readonly receiving = new Map<Receiving, number>();
  private taken = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.maxPieces = Math.floor(maxBytes / PIECE_BYTES);
  }

  /** In use, in bytes. */
  bytes(): number {
    return this.taken * PIECE_BYTES;
  }

  /** One more piece for `body`, for which another that has stalled may have to give up; undefined where there is none. */
  take(body: Receiving): Buffer | undefined {
    const nowMs = performance.now();
    if (this.taken === this.maxPieces && !this.hasMadeRoom(body, nowMs)) return undefined;
    this.taken++;
    this.receiving.delete(body);
    this.receiving.set(body, nowMs);
    return this.spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  }

  /** Nothing more comes in: `body` keeps what it has. */
  complete(body: Receiving): void {
    this.receiving.delete(body);
  }

  /** Takes pieces back for others; they count as in use until they are released. */
  reuse(pieces: readonly Buffer[]): void {
    this.spare.push(...pieces);
  }

  /** Counts `pieces` no longer. */
  release(body: Receiving, pieces: number): void {
    this.receiving.delete(body);
    this.taken -= pieces;
    if (this.taken === 0 && this.spare.length > MAX_SPARE) this.spare.length = MAX_SPARE;
  }

  private hasMadeRoom(body: Receiving, nowMs: number): boolean {
    for (const [other, lastMs] of this.receiving) {
      if (nowMs - lastMs < STALLED_MS) return false;
      if (other === body) continue;
      other.giveUp();
      return true;
    }
    return false;
  }
}
