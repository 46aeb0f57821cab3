import { describe, expect, it } from "vitest";
import { Deadline, orAborted } from "../../src/kube/deadline.ts";
import { ManualClock } from "./manual-clock.ts";

const late = () => new Error("late");

describe("a deadline", () => {
  it("aborts once its time is over, counted from when it was last set", () => {
    const clock = new ManualClock();
    const { signal, ...deadline } = open(clock);
    deadline.set(100, late);
    clock.advance(99);
    deadline.set(100, late);
    clock.advance(99);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect(signal.reason).toStrictEqual(late());
  });

  it("aborts with the outer signal, also with one that was aborted before", () => {
    const outer = new AbortController();
    const { signal } = open(new ManualClock(), outer.signal);
    outer.abort(new Error("closed"));
    expect(signal.reason).toStrictEqual(new Error("closed"));
    expect(open(new ManualClock(), outer.signal).signal.aborted).toBe(true);
  });

  it("leaves the work alone once it is cleared, and ends it once it is stopped", () => {
    const clock = new ManualClock();
    const outer = new AbortController();
    const { signal, ...deadline } = open(clock, outer.signal);
    deadline.set(100, late);
    deadline.clear();
    outer.abort();
    clock.advance(100);
    expect([signal.aborted, clock.pending]).toStrictEqual([false, 0]);
    deadline.stop();
    expect(signal.aborted).toBe(true);
  });
});

/** A deadline whose signal is at hand. */
const open = (clock: ManualClock, outer: AbortSignal = new AbortController().signal) => {
  const deadline = new Deadline(clock, outer);
  return {
    signal: deadline.signal,
    set: (ms: number, reason: () => Error) => deadline.set(ms, reason),
    clear: () => deadline.clear(),
    stop: () => deadline.stop(),
  };
};

describe("orAborted", () => {
  it("is the work, unless its signal comes first", async () => {
    const controller = new AbortController();
    expect(await orAborted(Promise.resolve(1), controller.signal)).toBe(1);
    await expect(orAborted(Promise.reject(late()), controller.signal)).rejects.toThrow("late");
    const waiting = orAborted(new Promise(() => {}), controller.signal);
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(orAborted(new Promise(() => {}), controller.signal)).rejects.toThrow("enough");
  });
});
