import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/kube/backoff.ts";

const limits = { firstMs: 50, maxMs: 1000 };

describe("backoffMs", () => {
  it("doubles from the first wait to the longest", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 1000].map((attempts) => backoffMs({ attempts, ...limits, random: 1 }));
    expect(waits).toStrictEqual([50, 100, 200, 400, 800, 1000, 1000, 1000]);
  });

  it("is half of it at least, by chance", () => {
    expect(backoffMs({ attempts: 2, ...limits, random: 0 })).toBe(50);
    expect(backoffMs({ attempts: 2, ...limits, random: 0.5 })).toBe(75);
  });

  it("is what was asked for and up to a quarter more, within a minute of it", () => {
    const asked = (retryAfterMs: number, random: number) => backoffMs({ attempts: 1, ...limits, retryAfterMs, random });
    expect([asked(7000, 0), asked(7000, 1), asked(9_999_000, 0)]).toStrictEqual([7000, 8750, 60_000]);
    expect([asked(0, 1), asked(20, 1)]).toStrictEqual([50, 50]);
  });
});
