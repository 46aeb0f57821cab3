import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

const node = (...args: readonly string[]) => spawnSync(process.execPath, args, { encoding: "utf8", cwd: tmpdir() });

describe("the bundle", { timeout: 60_000 }, () => {
  let folder: string;
  let built: ReturnType<typeof node>;
  const podpass = (...args: readonly string[]) => node(join(folder, "podpass.mjs"), ...args);
  /** From the compile cache in `place`; Node.js says on stderr what it takes of it. */
  const startCached = (place: string, ...args: readonly string[]) => {
    const cache = { NODE_COMPILE_CACHE: join(place, "compile-cache"), NODE_COMPILE_CACHE_PORTABLE: "1" };
    const env = { ...cache, NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
    return spawnSync(process.execPath, [join(place, "podpass.mjs"), ...args], { encoding: "utf8", env });
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "podpass-build-"));
    built = node(join(root, "scripts/build.ts"), folder);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is built, and its size is said", () => {
    expect(built).toMatchObject({ stderr: "", status: 0 });
    expect(built.stdout).toMatch(/^podpass\.mjs: \d+ kB, \d+ kB gzipped, with \d+ packages in it\n$/);
  });

  it.each([
    [["presets", "aws"]],
    [["lint", "-f", join(root, "examples")]],
    [["inject", "-f", join(root, "examples"), "-o", "diff", "--explain"]],
    [["--version"]],
  ])("does the same as the source: %j", (args) => {
    const { stdout, stderr, status } = podpass(...args);
    const source = node(join(root, "src/main.ts"), ...args);
    expect({ stdout, stderr, status }).toEqual({
      stdout: source.stdout,
      stderr: source.stderr,
      status: 0,
    });
  });

  it("has the server in it, which says what it needs", () => {
    expect(podpass("serve")).toMatchObject({ stderr: node(join(root, "src/main.ts"), "serve").stderr, status: 2 });
  });

  it("has the server load none of what only other commands need, since V8 keeps the source", () => {
    const loaded = [...startCached(folder, "serve").stderr.matchAll(/chunks\/[\w-]+\.mjs/g)].map(([path]) => path);
    const bytes = [...new Set(loaded)].reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
    expect(bytes).toBeGreaterThan(500_000);
    expect(bytes).toBeLessThan(1_150_000);
  });

  it("can make certificates: of a CommonJS package a piece that is imported would have nothing but its default", async () => {
    const [piece = ""] = globSync(`${folder}/chunks/x509-*.mjs`);
    expect(await import(pathToFileURL(piece).href)).toMatchObject({ X509CertificateGenerator: expect.any(Function) });
  });

  it("starts from the compile cache beside it, wherever the two are moved, and by whomever it is run", () => {
    const moved = mkdtempSync(join(tmpdir(), "podpass-build-moved-"));
    try {
      cpSync(folder, moved, { recursive: true });
      const [cached] = globSync(`${moved}/compile-cache/*/*`);
      expect(statSync(cached ?? "").mode & 0o777).toBe(0o644);
      const { stdout, stderr } = startCached(moved, "--version");
      expect(stderr).toMatch(/podpass\.mjs was accepted/);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      for (const args of [["serve"], ["lint", "-f", join(root, "examples")]])
        expect(startCached(moved, ...args).stderr).not.toMatch(/was (not|rejected)/);
    } finally {
      rmSync(moved, { recursive: true, force: true });
    }
  });

  it("has a bill of materials beside it: the packages in it, as they were locked, and Node.js", () => {
    const { components, ...bill } = JSON.parse(readFileSync(join(folder, "podpass.cdx.json"), "utf8"));
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(components).toContainEqual(
      expect.objectContaining({
        type: "library",
        name: "zod",
        purl: `pkg:npm/zod@${dependencies.zod}`,
        licenses: [{ expression: "MIT" }],
        hashes: [{ alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      }),
    );
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toContain("node");
    expect(names).toHaveLength(Number(/with (\d+) packages/.exec(built.stdout)?.[1]) + 1);
    // For kubeconfig files only, and not in the bundle.
    expect(names).not.toContain("@kubernetes/client-node");
  });

  it("has the licence of each package beside it", () => {
    const licences = readFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["pino", "zod", "yaml", "commander", "prom-client", "re2js"])
      expect(licences).toMatch(new RegExp(`^${name} [0-9.]+ \\((MIT|ISC|Apache-2\\.0)\\)$`, "m"));
  });
});
