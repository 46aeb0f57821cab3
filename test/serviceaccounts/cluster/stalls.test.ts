import { describe, expect, it } from "vitest";
import { watchForStalls } from "../../../src/serviceaccounts/cluster/stalls.ts";
import { ManualClock } from "../../kube/manual-clock.ts";

const ticking = (clock: ManualClock, ms: number) => {
  for (let passed = 0; passed < ms; passed += 100) clock.advance(100);
};

describe("watchForStalls", () => {
  it("sees none while timers come in time", () => {
    const clock = new ManualClock();
    const stalls = watchForStalls(clock);
    ticking(clock, 5000);
    expect(stalls.isRecent()).toBe(false);
  });

  it("sees one before the first timer after it, and for a second from then on", () => {
    const clock = new ManualClock();
    const stalls = watchForStalls(clock);
    const { now } = clock;
    clock.now = () => now.call(clock) + 3000;
    expect(stalls.isRecent()).toBe(true);
    clock.advance(100);
    expect(stalls.isRecent()).toBe(true);
    ticking(clock, 900);
    expect(stalls.isRecent()).toBe(true);
    ticking(clock, 400);
    expect(stalls.isRecent()).toBe(false);
  });

  it("leaves no timer behind", () => {
    const clock = new ManualClock();
    watchForStalls(clock).stop();
    expect(clock.pending).toBe(0);
  });
});
