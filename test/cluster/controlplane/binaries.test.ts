import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { findBinaries } from "./binaries.ts";
import { withLock } from "./lock.ts";

const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "podpass-binaries-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

const writeProgram = async (folder: string, name: string, script = ""): Promise<void> => {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
};

const programs = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"];

it("takes the programs of KUBEBUILDER_ASSETS", async () => {
  const folder = await temporaryFolder();
  for (const program of programs) await writeProgram(folder, program);
  expect(await findBinaries({ env: { KUBEBUILDER_ASSETS: folder } })).toMatchObject({ kind: "found", folder });
});

it("says what is missing where there is neither Go nor a program", async () => {
  const folder = await temporaryFolder();
  await writeProgram(folder, "etcd");
  const lines: string[] = [];
  const env = { KUBEBUILDER_ASSETS: folder, XDG_CACHE_HOME: folder, PATH: folder };
  const found = await findBinaries({ env, report: (line) => void lines.push(line) });
  expect(found).toMatchObject({ kind: "missing", reason: expect.stringMatching(/^no etcd, .* install Go 1\.\d+/u) });
  expect(lines).toEqual([expect.stringMatching(/lacks kube-apiserver, kube-controller-manager, kubectl/u)]);
});

it("builds once for two callers, and tells why a build failed", async () => {
  const folder = await temporaryFolder();
  // The last argument but one is where the program belongs.
  const pretendToBuild = `[ "$1" = version ] || { echo "$@" >>"${folder}/builds"; sleep 0.1; shift 5; : >"$1"; chmod +x "$1"; }`;
  await writeProgram(folder, "go", pretendToBuild);
  const env = { XDG_CACHE_HOME: folder, PATH: `${folder}:/usr/bin:/bin` };
  const report = () => undefined;
  const [one, two] = await Promise.all([findBinaries({ env, report }), findBinaries({ env, report })]);
  expect(one).toEqual(two);
  expect(one.kind === "found" && (await readdir(one.folder)).sort()).toEqual(programs);
  await rm(join(folder, "podpass"), { recursive: true });
  await writeProgram(folder, "go", `[ "$1" = version ] || { echo "no space left" >&2; exit 1; }`);
  expect(await findBinaries({ env, report })).toEqual({
    kind: "missing",
    reason: "go build go.etcd.io/etcd/server/v3: no space left",
  });
});

it("takes over the lock of a process that died", async () => {
  const folder = await temporaryFolder();
  const lock = join(folder, "lock");
  // Above the highest process id that Linux gives.
  await writeFile(lock, "4194305");
  let running = 0;
  const work = async () => {
    running += 1;
    expect(running).toBe(1);
    await sleep(50);
    running -= 1;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work)]);
  expect(await readdir(folder)).toEqual([]);
});
