import { describe, expect, it } from "vitest";
import type { Access } from "../../src/kube/access.ts";
import { AccessCache } from "../../src/kube/access-cache.ts";
import { ManualClock } from "./manual-clock.ts";

const MAX_AGE_MS = 60_000;

/** A cache over a source whose answers the test sets; `reads` has what each reading was told. */
const setUp = () => {
  const clock = new ManualClock();
  const reads: boolean[] = [];
  const state = { token: "one", ca: "ca", isGone: false, replaced: 0 };
  const read = async (wasRefused: boolean): Promise<Access> => {
    reads.push(wasRefused);
    if (state.isGone) throw new Error("gone");
    return { server: new URL("https://api"), ca: state.ca, authorization: state.token };
  };
  const cache = new AccessCache({
    source: { read },
    clock,
    maxAgeMs: MAX_AGE_MS,
    onReplaced: () => void state.replaced++,
  });
  const token = async () => (await cache.current()).authorization;
  return { clock, reads, state, cache, token };
};

describe("an access cache", () => {
  it("reads once for all who ask, and again when it is old", async () => {
    const { clock, reads, state, token } = setUp();
    expect(await Promise.all([token(), token(), token()])).toStrictEqual(["one", "one", "one"]);
    state.token = "two";
    clock.advance(MAX_AGE_MS - 1);
    expect(await token()).toBe("one");
    clock.advance(1);
    expect(await token()).toBe("two");
    expect(reads).toStrictEqual([false, false]);
  });

  it("says once that what it read was refused, and no longer at the next reading", async () => {
    const { clock, reads, cache, token } = setUp();
    await token();
    cache.expire(true);
    await token();
    clock.advance(MAX_AGE_MS);
    await token();
    cache.expire(false);
    await token();
    expect(reads).toStrictEqual([false, true, false, false]);
  });

  it("still says so where both a refusal and a broken connection came before the reading", async () => {
    const { reads, cache, token } = setUp();
    await token();
    cache.expire(true);
    cache.expire(false);
    await token();
    expect(reads).toStrictEqual([false, true]);
  });

  it("keeps what it has while nothing can be read, and tries each time", async () => {
    const { reads, state, cache, token } = setUp();
    state.isGone = true;
    await expect(token()).rejects.toThrow("gone");
    state.isGone = false;
    await token();
    state.isGone = true;
    cache.expire(false);
    expect([await token(), await token()]).toStrictEqual(["one", "one"]);
    expect(reads).toHaveLength(4);
  });

  it("tells of what needs other connections, and not of another token", async () => {
    const { state, cache, token } = setUp();
    await token();
    state.token = "two";
    cache.expire(false);
    await token();
    expect(state.replaced).toBe(0);
    state.ca = "other";
    cache.expire(false);
    await token();
    expect(state.replaced).toBe(1);
  });
});
