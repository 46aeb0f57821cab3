import { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Share } from "../../src/http/share.ts";

const MIB = 1024 * 1024;

/** Work that takes `ms` of the event loop, and is noted once it is done. */
const work = (done: string[], name: string, ms: number) => () => {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
  done.push(name);
};

describe("Share", () => {
  it("does short work at once", () => {
    const share = new Share();
    const done: string[] = [];
    for (const name of ["a", "b", "c"]) share.add(new Socket(), 1000, work(done, name, 0));
    expect(done).toStrictEqual(["a", "b", "c"]);
  });

  it("leaves to later turns, one in each, what comes after long work", async () => {
    const share = new Share();
    const done: string[] = [];
    for (const name of ["a", "b", "c"]) share.add(new Socket(), 1000, work(done, name, 30));
    expect(done).toStrictEqual(["a"]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b"]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b", "c"]);
  });

  it("has room for short work again in the next turn", async () => {
    const share = new Share();
    const done: string[] = [];
    share.add(new Socket(), 1000, work(done, "long", 30));
    await nextTurn();
    share.add(new Socket(), 1000, work(done, "short", 0));
    expect(done).toStrictEqual(["long", "short"]);
  });

  it("keeps one of each connection waiting, and of those that sent more some megabytes", async () => {
    const share = new Share();
    const done: string[] = [];
    const [one, other] = [new Socket(), new Socket()];
    share.add(new Socket(), 1, work(done, "long", 30));
    share.add(one, 3 * MIB, work(done, "waits", 0));
    share.add(other, 3 * MIB, work(done, "waits too", 0));
    share.add(one, 1, work(done, "has no room", 0));
    expect([one.destroyed, other.destroyed]).toStrictEqual([true, false]);
    for (let i = 0; i < 3; i++) await nextTurn();
    expect(done).toStrictEqual(["long", "waits too"]);
  });
});
