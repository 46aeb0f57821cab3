import { describe, expect, it } from "vitest";
import type { ErrorClass } from "../../../src/serviceaccounts/cluster/metrics.ts";
import {
  advance,
  begun,
  initialState,
  type Outcome,
  progressed,
  type ReflectorState,
} from "../../../src/serviceaccounts/cluster/reflector-state.ts";

const synced = progressed(initialState, "100");
const failed = (errorClass: ErrorClass, retryAfterMs?: number): Outcome => ({
  kind: "failed",
  errorClass,
  retryAfterMs,
});

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

  it("goes on from the last version that was named, also after an event that names none", () => {
    expect(progressed(synced, "101")).toMatchObject({ resourceVersion: "101", attemptsWithoutProgress: 0 });
    expect(progressed(synced, "")).toMatchObject({ resourceVersion: "100", hasSynced: true });
  });

  it("watches on after a failure", () => {
    expect(stateAfter(synced, failed("server-error"), 2)).toMatchObject({ resourceVersion: "100", streamsList: true });
  });

  it("lists after 410", () => {
    expect(stateAfter(synced, { kind: "expired" }, 1)).toMatchObject({
      resourceVersion: undefined,
      relistReason: "expired",
    });
    expect(stateAfter(initialState, { kind: "expired" }, 1)).toMatchObject({ relistReason: "first" });
  });

  it.each(["idle-timeout", "malformed", "too-large", "server-error", "unexpected"] as const)(
    "lists after three times %s in a row",
    (errorClass) => {
      expect(stateAfter(synced, failed(errorClass), 3)).toMatchObject({ relistReason: "no-progress" });
      expect(stateAfter(synced, failed(errorClass), 3).resourceVersion).toBeUndefined();
    },
  );

  it.each(["unreachable", "interrupted", "throttled", "unauthorized", "forbidden"] as const)(
    "does not list after %s, however often",
    (errorClass) => {
      expect(stateAfter(synced, failed(errorClass), 50).resourceVersion).toBe("100");
    },
  );

  it("does not mind a load balancer that cuts quiet watches", () => {
    expect(stateAfter(synced, failed("interrupted"), 50, 30_000).attemptsWithoutProgress).toBe(0);
  });

  it("asks for pages once streaming is refused or goes wrong, and not because a server is starting", () => {
    expect(stateAfter(initialState, { kind: "streaming-unsupported" }, 1).streamsList).toBe(false);
    expect(stateAfter(initialState, failed("idle-timeout"), 3).streamsList).toBe(false);
    expect(stateAfter(initialState, failed("server-error"), 50).streamsList).toBe(true);
    expect(stateAfter(initialState, failed("unreachable"), 50).streamsList).toBe(true);
  });
});
