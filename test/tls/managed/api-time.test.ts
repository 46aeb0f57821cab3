import { describe, expect, it } from "vitest";
import { ApiTime } from "../../../src/tls/managed/api-time.ts";

const START_MS = Date.parse("2026-05-01T12:00:00Z");
const MONTH_MS = 30 * 86_400_000;

const setUp = (wallAheadMs = 0) => {
  const state = { elapsedMs: 0, wallMs: wallAheadMs };
  const clock = { now: () => 1000 + state.elapsedMs };
  const time = new ApiTime(clock, () => START_MS + state.elapsedMs + state.wallMs);
  const answered = (aheadMs = 0) => time.answered(new Date(START_MS + state.elapsedMs + aheadMs).toUTCString());
  return { state, time, answered };
};

describe("ApiTime", () => {
  it("is the machine's until an API server answers, and then that one's", () => {
    const { time, answered, state } = setUp(MONTH_MS);
    expect([time.now(), time.differenceMs()]).toStrictEqual([START_MS + MONTH_MS, 0]);
    answered();
    expect(Math.abs(time.now() - START_MS)).toBeLessThan(1000);
    expect(Math.abs(time.differenceMs() - MONTH_MS)).toBeLessThan(1000);
    state.elapsedMs = 60_000;
    expect(Math.abs(time.now() - START_MS - 60_000)).toBeLessThan(1000);
  });

  it("does not follow an answer that is rounded", () => {
    const { time, answered, state } = setUp();
    answered(-999);
    answered(1000);
    expect(time.now()).toBe(START_MS);
    state.elapsedMs = 700;
    expect([time.now(), time.differenceMs()]).toStrictEqual([START_MS + 700, 0]);
  });

  it.each([MONTH_MS, -MONTH_MS])(
    "notices once that the machine's clock leaps by %i, and stays with the API server's",
    (leapMs) => {
      const { time, answered, state } = setUp();
      answered();
      state.wallMs = leapMs;
      expect([time.leaped(), time.leaped()]).toStrictEqual([true, false]);
      expect(time.now()).toBe(START_MS);
      answered();
      expect(time.now()).toBe(START_MS);
      expect(Math.abs(time.differenceMs() - leapMs)).toBeLessThan(1000);
    },
  );

  it("believes a leap ahead where no API server answers, which is what a suspended machine looks like, but none back", () => {
    const { time, answered, state } = setUp();
    answered();
    state.wallMs = -MONTH_MS;
    time.leaped();
    time.unanswered();
    expect(time.now()).toBe(START_MS);
    state.wallMs = MONTH_MS;
    time.leaped();
    time.unanswered();
    time.unanswered();
    expect(time.now()).toBe(START_MS + 2 * MONTH_MS);
    answered();
    expect(Math.abs(time.now() - START_MS)).toBeLessThan(1000);
  });

  it.each([undefined, "", "nonsense"])("passes over a date that is none: %s", (date) => {
    const { time } = setUp(MONTH_MS);
    time.answered(date);
    expect([time.now(), time.differenceMs()]).toStrictEqual([START_MS + MONTH_MS, 0]);
  });
});
