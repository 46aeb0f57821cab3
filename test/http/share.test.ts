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
  it("does short work together, once all that came in with it is read", async () => {
    const share = new Share(() => false);
    const done: string[] = [];
    for (const name of ["a", "b", "c"]) share.add(new Socket(), 1000, work(done, name, 0));
    expect(done).toStrictEqual([]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b", "c"]);
  });

  it("leaves to later turns what comes after long work", async () => {
    const share = new Share(() => false);
    const done: string[] = [];
    for (const [name, ms] of Object.entries({ a: 30, b: 30, c: 0, d: 0 }))
      share.add(new Socket(), 1000, work(done, name, ms));
    await nextTurn();
    expect(done).toStrictEqual(["a"]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b"]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b", "c", "d"]);
  });

  it("keeps one of each connection waiting, and of those that sent more some megabytes", async () => {
    const share = new Share(() => true);
    const done: string[] = [];
    const [one, other] = [new Socket(), new Socket()];
    share.add(one, 3 * MIB, work(done, "waits", 0));
    share.add(other, 3 * MIB, work(done, "waits too", 0));
    share.add(one, 1, work(done, "has no room", 0));
    expect([one.destroyed, other.destroyed]).toStrictEqual([true, false]);
    await nextTurn();
    expect(done).toStrictEqual(["waits too"]);
  });

  it("begins with what came first once a batch has come in, of which the rest waits for its turn", async () => {
    const share = new Share(() => false);
    const done: string[] = [];
    for (const name of ["a", "b", "c"]) share.add(new Socket(), 0.4 * MIB, work(done, name, 0));
    expect(done).toStrictEqual(["a"]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b", "c"]);
  });

  it("does one piece of work a turn while answers wait to be taken, and none before its turn", async () => {
    let isCongested = true;
    const share = new Share(() => isCongested);
    const done: string[] = [];
    for (const name of ["a", "b", "c", "d"]) share.add(new Socket(), 0.4 * MIB, work(done, name, 0));
    expect(done).toStrictEqual([]);
    await nextTurn();
    expect(done).toStrictEqual(["a"]);
    await nextTurn();
    expect(done).toStrictEqual(["a", "b"]);
    isCongested = false;
    await nextTurn();
    expect(done).toStrictEqual(["a", "b", "c", "d"]);
  });

  it("does none of a connection that is gone", async () => {
    const share = new Share(() => false);
    const done: string[] = [];
    const gone = new Socket();
    share.add(gone, 1, work(done, "gone", 0));
    gone.destroy();
    share.add(new Socket(), 1, work(done, "after", 0));
    await nextTurn();
    expect(done).toStrictEqual(["after"]);
  });
});
