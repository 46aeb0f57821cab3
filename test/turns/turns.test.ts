import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ALONE, coresFor, placeOf, REAL_NODE, WAITING } from "./needs.ts";
import { CORES, createTurns } from "./turns.ts";

const root = join(import.meta.dirname, "../..");

describe("turns", () => {
  const begun: string[] = [];
  const take = (turns: ReturnType<typeof createTurns>, name: string, cores: number) =>
    turns.take(cores, () => begun.push(name));

  it.each([
    ["as many as there are cores run at once", [1, 1, 1], ["0", "1"]],
    ["nothing runs beside what needs all of them", [2, 1, 1], ["0"]],
    ["what needs all waits for whoever runs, and nobody overtakes", [1, 2, 1], ["0"]],
    ["what needs more than there are runs too, alone", [9, 1], ["0"]],
  ])("%s", (_, needs, expected) => {
    const names: string[] = [];
    const turns = createTurns(2);
    for (const [index, cores] of needs.entries()) turns.take(cores, () => names.push(String(index)));
    expect(names).toEqual(expected);
  });

  it("pass to the next when they are given back, also by those who never began", () => {
    const turns = createTurns(2);
    const [endA, , leaveC] = [take(turns, "a", 1), take(turns, "b", 1), take(turns, "c", 2), take(turns, "d", 1)];
    expect(begun).toEqual(["a", "b"]);
    endA();
    expect(begun).toEqual(["a", "b"]);
    leaveC?.();
    expect(begun).toEqual(["a", "b", "d"]);
    endA();
    take(turns, "e", 1);
    expect(begun).toEqual(["a", "b", "d"]);
  });
});

describe("the files' needs", () => {
  it.each([REAL_NODE, ...WAITING, ...ALONE])("name a file that exists: %s", (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });

  it("name every file that puts a cluster under load", () => {
    const files = globSync("test/**/*.test.ts", { cwd: root });
    const loading = files.filter((path) => /\bstart\w*Load\(/u.test(readFileSync(join(root, path), "utf8")));
    expect(loading.length).toBeGreaterThan(0);
    expect(loading.filter((path) => !ALONE.includes(path))).toEqual([]);
  });

  it("are one core where nothing else is said", () => {
    expect(coresFor(join(root, "test/e2e/chart.test.ts"))).toBe(1);
    expect(coresFor(join(root, REAL_NODE))).toBe(1);
    expect(coresFor(join(root, WAITING[0] ?? ""))).toBe(0);
    expect(coresFor(join(root, ALONE[0] ?? ""))).toBe(CORES);
  });

  it("set the order: first what takes longest, last what runs alone", () => {
    const files = [ALONE[0], "test/e2e/chart.test.ts", WAITING[0], REAL_NODE].map((path) => join(root, path ?? ""));
    expect(files.toSorted((a, b) => placeOf(a) - placeOf(b))).toEqual(files.toReversed());
  });
});
