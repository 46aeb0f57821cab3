import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const textOf = (path: string): string => readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const dockerfile = textOf("Dockerfile");

const all = (pattern: RegExp): string[] => [...dockerfile.matchAll(pattern)].map(([, found = ""]) => found);

it("builds with the Node.js that the tests run on", () => {
  const { node } = JSON.parse(textOf("package.json")).devDependencies;
  expect(all(/^ARG BUILD_BASE=.*\/node:([\d.]+)-/gm)).toEqual([node]);
});

it("makes the compile cache under the V8 flags that the image has", () => {
  const options = all(/NODE_OPTIONS=(".*")/g);
  expect(options).toHaveLength(2);
  expect(new Set(options).size).toBe(1);
});

it("copies what .dockerignore lets through, and no more", () => {
  const copied = all(/^COPY (?!--from)(.+)$/gm).flatMap((line) => line.split(" ").slice(0, -1));
  const allowed = [...textOf(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, path = ""]) => path);
  expect(allowed.sort()).toEqual(copied.sort());
});
