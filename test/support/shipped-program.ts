/** The program as the image has it: the bundle, with what the image's environment says of memory. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A program, and what its environment has besides. */
export interface ShippedProgram {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Of the Dockerfile's ENV; throws where it is not there, since a test of memory would then be of something else. */
const environmentOf = (name: string): string => {
  const [, quoted, bare] =
    new RegExp(`^ .*\\b${name}=(?:"([^"]*)"|(\\S+))`, "m").exec(readFileSync(`${root}Dockerfile`, "utf8")) ?? [];
  const value = quoted ?? bare;
  if (value === undefined) throw new Error(`the Dockerfile sets no ${name}`);
  return value;
};

let bundled: string | undefined;

afterAll(() => {
  if (bundled !== undefined) rmSync(bundled, { recursive: true });
});

const bundle = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "podpass-shipped-"));
  bundled = folder;
  execFileSync(process.execPath, [`${root}scripts/build.ts`, folder]);
  return folder;
};

/** Bundles it once for a file of tests, into a folder that is removed after them. */
export const shippedProgram = (): ShippedProgram => {
  const folder = bundled ?? bundle();
  return {
    file: join(folder, "podpass.mjs"),
    env: {
      NODE_COMPILE_CACHE: join(folder, "compile-cache"),
      NODE_COMPILE_CACHE_PORTABLE: environmentOf("NODE_COMPILE_CACHE_PORTABLE"),
      NODE_OPTIONS: environmentOf("NODE_OPTIONS"),
      MALLOC_ARENA_MAX: environmentOf("MALLOC_ARENA_MAX"),
    },
  };
};
