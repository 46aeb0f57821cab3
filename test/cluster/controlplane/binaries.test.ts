import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { findBinaries } from "./binaries.ts";
import { withLock } from "./lock.ts";
import { kubernetesVersions, versionVariable } from "./versions.ts";

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
const ofNodes = ["kubelet", "kube-scheduler"];

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

it("builds once for two callers, adds what a node needs, and tells why a build failed", async () => {
  const folder = await temporaryFolder();
  // After the flags come the folder for the programs and their packages; etcd's is named after its folder.
  const pretendToBuild = `[ "$1" = version ] && exit
    echo "$@" >>"${folder}/builds"; sleep 0.1; shift 5; target=$1; shift
    for package; do name=$(basename "\${package%/v3}"); : >"$target$name"; chmod +x "$target$name"; done`;
  await writeProgram(folder, "go", pretendToBuild);
  const env = { XDG_CACHE_HOME: folder, PATH: `${folder}:/usr/bin:/bin` };
  const report = () => undefined;
  const [one, two] = await Promise.all([findBinaries({ env, report }), findBinaries({ env, report })]);
  expect(one).toEqual(two);
  expect(one.kind === "found" && (await readdir(one.folder)).sort()).toEqual(programs);
  const whole = await findBinaries({ env, report, withNode: true });
  expect(whole.kind === "found" && (await readdir(whole.folder)).sort()).toEqual([...programs, ...ofNodes].sort());
  expect((await readFile(join(folder, "builds"), "utf8")).trim().split("\n")).toEqual([
    expect.stringMatching(/ go\.etcd\.io\S+ \S+kube-apiserver \S+kube-controller-manager \S+kubectl$/u),
    expect.stringMatching(/\/ \S+kubelet \S+kube-scheduler$/u),
  ]);
  await rm(join(folder, "podpass"), { recursive: true });
  await writeProgram(folder, "go", `[ "$1" = version ] || { echo "no space left" >&2; exit 1; }`);
  expect(await findBinaries({ env, report })).toEqual({
    kind: "missing",
    reason: expect.stringMatching(/^go build go\.etcd\.io\/etcd\/server\/v3 .*: no space left$/u),
  });
});

it("builds the version that is asked for, and says which there are", async () => {
  const folder = await temporaryFolder();
  const [oldest = ""] = kubernetesVersions();
  const env = { XDG_CACHE_HOME: folder, PATH: folder };
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  await writeProgram(folder, "go", `[ "$1" = version ] || exit 1`);
  await findBinaries({ env: { ...env, PATH: `${folder}:/usr/bin:/bin`, [versionVariable]: oldest }, report });
  expect(lines).toEqual([expect.stringContaining(`of Kubernetes v${oldest}.`)]);
  await expect(findBinaries({ env: { ...env, [versionVariable]: "1.2" }, report })).rejects.toThrow(
    `${versionVariable}=1.2 is none of ${kubernetesVersions().join(", ")}`,
  );
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
