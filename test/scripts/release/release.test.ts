import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/folder.ts";

const root = join(import.meta.dirname, "../../..");
const digest = `sha256:${"0a".repeat(32)}`;
const options = {
  image: "registry.example.com/podpass",
  charts: "oci://registry.example.com/charts",
  source: "https://example.com/podpass",
  "build-base": `docker.io/library/node@${digest}`,
  "runtime-base": `gcr.io/distroless/cc-debian12@${digest}`,
};

const FILES = {
  "package.json": '{ "name": "podpass", "version": "0.1.0" }\n',
  "package-lock.json": '{ "name": "podpass", "version": "0.1.0", "packages": { "": { "version": "0.1.0" } } }\n',
  "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- All of it.\n",
};
const CHART = {
  "charts/podpass/Chart.yaml": 'apiVersion: v2\nname: podpass\nversion: 0.1.0\nappVersion: "0.1.0"\n',
  "charts/podpass/values.yaml":
    "image:\n  # The image.\n  repository: old.example.com/podpass\nother:\n  repository: as-it-is\n",
  "deploy/podpass.yaml": readFileSync(join(root, "deploy/podpass.yaml"), "utf8"),
};

const checkout = (files: Readonly<Record<string, string>> = { ...FILES, ...CHART }) => {
  const folder = temporaryFolder();
  const git = (...args: readonly string[]): string => {
    const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    const { stdout, stderr, status } = spawnSync("git", [...author, ...args], { cwd: folder, encoding: "utf8" });
    expect({ stderr, status }).toMatchObject({ status: 0 });
    return stdout.trim();
  };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Begin");
  const run = (args: readonly string[], given: Readonly<Record<string, string | undefined>> = {}) => {
    const all = Object.entries({ ...options, ...given }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    );
    const identity = { GIT_AUTHOR_NAME: "Test", GIT_AUTHOR_EMAIL: "test@example.com" };
    const committer = { GIT_COMMITTER_NAME: "Test", GIT_COMMITTER_EMAIL: "test@example.com" };
    return spawnSync(process.execPath, [join(root, "scripts/release.ts"), ...args, ...all], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, ...identity, ...committer },
    });
  };
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const runScript = (script: string) => spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
  return { git, write, run, runScript, read };
};

describe("npm run release", { timeout: 30_000 }, () => {
  it("writes the version wherever it stands, commits and tags it, and prints how it is published", () => {
    const { git, run, read } = checkout();
    const { stdout, stderr, status } = run(["0.2.0"]);
    expect({ stderr, status }).toMatchObject({ status: 0 });
    expect(JSON.parse(read("package.json"))).toEqual({ name: "podpass", version: "0.2.0" });
    expect(JSON.parse(read("package-lock.json"))).toMatchObject({
      version: "0.2.0",
      packages: { "": { version: "0.2.0" } },
    });
    expect(read("charts/podpass/Chart.yaml")).toBe(
      'apiVersion: v2\nname: podpass\nversion: 0.2.0\nappVersion: "0.2.0"\n',
    );
    expect(read("charts/podpass/values.yaml")).toBe(
      "image:\n  # The image.\n  repository: registry.example.com/podpass\nother:\n  repository: as-it-is\n",
    );
    expect(read("deploy/podpass.yaml")).toContain('image: "registry.example.com/podpass:0.2.0"');
    expect(read("deploy/podpass.yaml")).not.toContain("0.1.0");
    expect(read("CHANGELOG.md")).toMatch(
      /^# Changelog\n\n## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- All of it\.\n$/,
    );
    expect(git("status", "--porcelain")).toBe("");
    expect(git("log", "--format=%s", "-1")).toBe("Release 0.2.0");
    expect(git("rev-parse", "v0.2.0^{commit}")).toBe(git("rev-parse", "HEAD"));
    for (const part of [options["build-base"], options["runtime-base"], `${options.image}:0.2.0`, options.charts])
      expect(stdout).toContain(part);
  });

  it("prints a script that runs in a checkout of the tag only, and says how", () => {
    const { git, run, runScript } = checkout();
    const { stdout } = run(["0.2.0"]);
    expect(runScript(stdout)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^usage: .* image \| index \| chart$/m),
    });
    git("commit", "--quiet", "--allow-empty", "--message", "More");
    expect(runScript(stdout)).toMatchObject({ status: 1, stderr: "this is not the checkout of v0.2.0\n" });
  });

  it("changes nothing in a dry run, and says what it would do", () => {
    const { git, run, read } = checkout();
    const before = git("rev-parse", "HEAD");
    const { stdout, stderr, status } = run(["0.2.0", "--dry-run"]);
    expect({ status, stderr: stderr.split("\n").slice(0, 7) }).toEqual({
      status: 0,
      stderr: [
        "release: would write package.json",
        "release: would write package-lock.json",
        "release: would write charts/podpass/Chart.yaml",
        "release: would write charts/podpass/values.yaml",
        "release: would write deploy/podpass.yaml",
        "release: would write CHANGELOG.md",
        "release: would commit that, with the tag v0.2.0",
      ],
    });
    expect(stdout).toContain("helm package");
    expect({ head: git("rev-parse", "HEAD"), status: git("status", "--porcelain"), tags: git("tag") }).toEqual({
      head: before,
      status: "",
      tags: "",
    });
    expect(read("package.json")).toBe(FILES["package.json"]);
  });

  it("does without a chart, and says so", () => {
    const { run } = checkout(FILES);
    expect(run(["0.2.0", "--dry-run"])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("there is no charts/podpass/Chart.yaml"),
    });
  });

  it.each([
    ["no version", [], {}, "one VERSION is needed"],
    ["two versions", ["0.2.0", "0.3.0"], {}, "one VERSION is needed"],
    ["not a version", ["v0.2.0"], {}, "v0.2.0 is not a version like 1.2.3"],
    ["the same version", ["0.1.0"], {}, "0.1.0 is not newer than 0.1.0"],
    ["an older version", ["0.1.0-rc.1"], {}, "0.1.0-rc.1 is not newer than 0.1.0"],
    ["a base by its tag", ["0.2.0"], { "build-base": "node:26" }, "--build-base is not NAME@sha256:DIGEST: node:26"],
    ["no base", ["0.2.0"], { "runtime-base": undefined }, "--runtime-base is missing"],
    ["no image", ["0.2.0"], { image: undefined }, "--image is missing"],
    ["an unknown option", ["0.2.0", "--force"], {}, "Unknown option '--force'"],
  ])("refuses %s", (_, args, given, message) => {
    const { run, git } = checkout();
    expect(run(args, given)).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining(message) });
    expect(git("tag")).toBe("");
  });

  it("refuses a checkout with changes, a tag that is there, and a changelog that says nothing", () => {
    const { run, write, git } = checkout();
    write("new.txt", "");
    expect(run(["0.2.0"])).toMatchObject({ status: 1, stderr: expect.stringContaining("?? new.txt") });
    git("add", "--all");
    git("commit", "--quiet", "--message", "More");
    git("tag", "v0.2.0");
    expect(run(["0.2.0"])).toMatchObject({ status: 1, stderr: expect.stringContaining("there is a tag v0.2.0") });
    write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- Old.\n");
    git("commit", "--quiet", "--all", "--message", "Empty");
    expect(run(["0.3.0"])).toMatchObject({ status: 1, stderr: expect.stringContaining("nothing under [Unreleased]") });
  });
});
