import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BodyMemory, PIECE_BYTES } from "../../src/http/body-memory.ts";

/** A body that takes `memory`'s pieces until it has to give up. */
const bodyIn = (memory: BodyMemory) => {
  const pieces: Buffer[] = [];
  const body = {
    isGivenUp: false,
    giveUp() {
      body.isGivenUp = true;
      body.release();
    },
    take(): boolean {
      const piece = memory.take(body);
      if (piece !== undefined) pieces.push(piece);
      return piece !== undefined;
    },
    release() {
      memory.reuse(pieces);
      memory.release(body, pieces.splice(0).length);
    },
    pieces,
  };
  return body;
};

describe("BodyMemory", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("counts pieces until they are released, and hands them out again", () => {
    const memory = new BodyMemory(2 * PIECE_BYTES);
    const one = bodyIn(memory);
    expect([one.take(), one.take(), one.take()]).toStrictEqual([true, true, false]);
    expect(memory.bytes()).toBe(2 * PIECE_BYTES);
    const [first] = one.pieces;
    one.release();
    expect(memory.bytes()).toBe(0);
    const other = bodyIn(memory);
    expect([other.take(), other.take()]).toStrictEqual([true, true]);
    expect(other.pieces).toContain(first);
  });

  it("takes from the one that moved longest ago, once that is a second", () => {
    const memory = new BodyMemory(3 * PIECE_BYTES);
    const [one, two, next] = [bodyIn(memory), bodyIn(memory), bodyIn(memory)];
    one.take();
    two.take();
    vi.advanceTimersByTime(600);
    one.take();
    expect(next.take()).toBe(false);
    vi.advanceTimersByTime(600);
    expect(next.take()).toBe(true);
    expect([one.isGivenUp, two.isGivenUp]).toStrictEqual([false, true]);
    expect(next.take()).toBe(false);
  });

  it("takes nothing from who asks, nor from what is complete", () => {
    const memory = new BodyMemory(2 * PIECE_BYTES);
    const [complete, slow] = [bodyIn(memory), bodyIn(memory)];
    complete.take();
    memory.complete(complete);
    slow.take();
    vi.advanceTimersByTime(5000);
    expect(slow.take()).toBe(false);
    expect([complete.isGivenUp, slow.isGivenUp]).toStrictEqual([false, false]);
    complete.release();
    expect(slow.take()).toBe(true);
  });
});
