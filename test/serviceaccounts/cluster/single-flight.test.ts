import { describe, expect, it } from "vitest";
import { SingleFlight } from "../../../src/serviceaccounts/cluster/single-flight.ts";

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Calls that end when the test says so. */
const setUp = () => {
  const calls: { key: string; call: { readonly untilMs: number }; end: (result: number) => void; fail: () => void }[] =
    [];
  const flight = new SingleFlight<number>((key, call) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    calls.push({ key, call, end: resolve, fail: () => reject(new Error("failed")) });
    return promise;
  });
  return { flight, calls };
};

describe("SingleFlight", () => {
  it("never joins a call that is under way, and shares the one that follows", async () => {
    const { flight, calls } = setUp();
    const first = flight.do("a", 100);
    await tick();
    const later = [flight.do("a", 100), flight.do("a", 100), flight.do("a", 100)];
    await tick();
    expect(calls).toHaveLength(1);
    calls[0]?.end(1);
    expect(await first).toBe(1);
    await tick();
    expect(calls).toHaveLength(2);
    calls[1]?.end(2);
    expect(await Promise.all(later)).toStrictEqual([2, 2, 2]);
  });

  it("keeps keys apart, and starts anew once all is over", async () => {
    const { flight, calls } = setUp();
    const [a, b] = [flight.do("a", 100), flight.do("b", 100)];
    await tick();
    expect(calls.map(({ key }) => key)).toStrictEqual(["a", "b"]);
    calls[0]?.end(1);
    calls[1]?.end(2);
    expect([await a, await b]).toStrictEqual([1, 2]);
    void flight.do("a", 100);
    await tick();
    expect(calls).toHaveLength(3);
  });

  it.each([
    ["longer", 100, 500, 500],
    ["shorter", 500, 100, 500],
  ])("waits as long as any of them does, be the later one's time %s", async (_, one, other, expected) => {
    const { flight, calls } = setUp();
    void flight.do("a", 1);
    await tick();
    void flight.do("a", one);
    void flight.do("a", other);
    calls[0]?.end(1);
    await tick();
    expect(calls[1]?.call.untilMs).toBe(expected);
  });

  it("goes on after a call that failed", async () => {
    const { flight, calls } = setUp();
    const first = flight.do("a", 100);
    await tick();
    const second = flight.do("a", 100);
    calls[0]?.fail();
    await expect(first).rejects.toThrow("failed");
    await tick();
    calls[1]?.end(2);
    expect(await second).toBe(2);
  });
});
