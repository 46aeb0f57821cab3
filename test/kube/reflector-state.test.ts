import { describe, expect, it } from "vitest";
import type { Trouble } from "../../src/kube/metrics.ts";
import {
  advance,
  begun,
  initialState,
  type Outcome,
  progressed,
  type ReflectorState,
} from "../../src/kube/reflector-state.ts";

const synced = progressed(initialState, "100");
const failed = (trouble: Trouble, retryAfterMs?: number): Outcome => ({ kind: "failed", trouble, retryAfterMs });

/** The waits of `count` attempts in a row that end like this. */
const delays = (from: ReflectorState, outcome: Outcome, count: number, random = 1): readonly number[] => {
  let state = from;
  return Array.from({ length: count }, () => {
    const next = advance(begun(state), outcome, { openMs: 0, random });
    state = next.state;
    return next.delayMs;
  });
};

describe("the wait before the next attempt", () => {
  it("grows, up to ten seconds once there is a list", () => {
    expect(delays(synced, failed("server-error"), 10).slice(0, 2)).toStrictEqual([200, 400]);
    expect(delays(synced, failed("forbidden"), 10).at(-1)).toBe(10_000);
  });

  it("stays short before the first list, and while nobody answers", () => {
    expect(delays(initialState, failed("server-error"), 12).at(-1)).toBe(2000);
    expect(delays(synced, failed("unreachable"), 12).at(-1)).toBe(1000);
  });

  it("is short again when a server that was gone answers", () => {
    let state = synced;
    for (let i = 0; i < 20; i++) state = advance(begun(state), failed("unreachable"), { openMs: 0, random: 1 }).state;
    expect(advance(begun(state), { kind: "expired" }, { openMs: 0, random: 1 }).delayMs).toBe(200);
    expect(delays(state, failed("server-error"), 2)).toStrictEqual([200, 400]);
  });

  it("is never less than half, whatever chance says", () => {
    expect(delays(synced, failed("forbidden"), 2, 0)).toStrictEqual([100, 200]);
  });

  it("is at least what Retry-After says, within reason", () => {
    expect(delays(synced, failed("throttled", 7000), 1, 0)).toStrictEqual([7000]);
    expect(delays(synced, failed("throttled", 9_999_000), 1, 0)).toStrictEqual([60_000]);
  });

  it("is nothing after a watch's own end, unless it brought nothing", () => {
    expect(advance(synced, { kind: "ended" }, { openMs: 0, random: 1 }).delayMs).toBe(0);
    expect(delays(synced, { kind: "ended" }, 3)).toStrictEqual([200, 400, 800]);
  });
});

describe("the next attempt", () => {
  const stateAfter = (from: ReflectorState, outcome: Outcome, count: number, openMs = 0): ReflectorState => {
    let state = from;
    for (let i = 0; i < count; i++) state = advance(begun(state), outcome, { openMs, random: 0 }).state;
    return state;
  };

  it("watches on after a failure", () => {
    expect(stateAfter(synced, failed("server-error"), 2)).toMatchObject({ resourceVersion: "100", streams: true });
  });

  it("lists after 410", () => {
    expect(stateAfter(synced, { kind: "expired" }, 1)).toMatchObject({
      resourceVersion: undefined,
      relistReason: "expired",
    });
    expect(stateAfter(initialState, { kind: "expired" }, 1)).toMatchObject({ relistReason: "first" });
  });

  it.each(["silent", "broken-line", "line-too-long", "server-error", "unexpected"] as const)(
    "lists after three times %s in a row",
    (trouble) => {
      expect(stateAfter(synced, failed(trouble), 3)).toMatchObject({ relistReason: "no-progress" });
      expect(stateAfter(synced, failed(trouble), 3).resourceVersion).toBeUndefined();
    },
  );

  it.each(["unreachable", "cut", "throttled", "unauthorized", "forbidden"] as const)(
    "does not list after %s, however often",
    (trouble) => {
      expect(stateAfter(synced, failed(trouble), 50).resourceVersion).toBe("100");
    },
  );

  it("does not mind a load balancer that cuts quiet watches", () => {
    expect(stateAfter(synced, failed("cut"), 50, 30_000).fruitless).toBe(0);
  });

  it("asks for pages once streaming is refused or goes wrong, and not because a server is starting", () => {
    expect(stateAfter(initialState, { kind: "unstreamable" }, 1).streams).toBe(false);
    expect(stateAfter(initialState, failed("silent"), 3).streams).toBe(false);
    expect(stateAfter(initialState, failed("server-error"), 50).streams).toBe(true);
    expect(stateAfter(initialState, failed("unreachable"), 50).streams).toBe(true);
  });
});
