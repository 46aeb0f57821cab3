import { expect, it } from "vitest";
import { Turns } from "../../src/http/turns.ts";

it("does one thing a turn, in order, and others get in between", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const ended = new Promise<void>((resolve) => {
    for (const name of ["one", "two", "three"])
      turns.add(() => {
        done.push(name);
        setImmediate(() => void done.push(`after ${name}`));
        if (name === "three") setImmediate(resolve);
      });
  });
  expect(done).toStrictEqual([]);
  await ended;
  expect(done).toStrictEqual(["one", "after one", "two", "after two", "three", "after three"]);
});
