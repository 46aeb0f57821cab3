import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { timeouts } from "../harness.ts";
import { describeOnRealNode } from "./harness.ts";

/** Processes whose command line names a folder; zombies have no command line. */
const processesIn = async (folder: string): Promise<string[]> => {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll("\0", " "));
};

const cgroupsOf = (directory: string): readonly string[] => globSync(`/sys/fs/cgroup/{,*/}${basename(directory)}`);

const sysctls = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"];
const settings = () =>
  Promise.all([...sysctls, "net/ipv4/ip_forward"].map((name) => readFile(`/proc/sys/${name}`, "utf8")));

describeOnRealNode("a real node whose test was killed", () => {
  const startElsewhere = async (): Promise<{ child: ChildProcess; directory: string }> => {
    const script = `
      const { findBinaries } = await import("../controlplane/binaries.ts");
      const { startCluster } = await import("../cluster.ts");
      const { findNodePrograms } = await import("./programs.ts");
      const { startRealNode } = await import("./node.ts");
      const programs = await findNodePrograms();
      const binaries = await findBinaries({ withNode: true });
      const cluster = await startCluster({ binaries, isolatedBy: programs.busybox });
      await startRealNode({ cluster, programs, binaries: binaries.folder, name: "node-1" });
      console.log(JSON.stringify({ directory: cluster.directory }));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`ended with ${code} before its node ran`)),
    );
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
    ended.catch(() => undefined);
    return { child, ...JSON.parse(line) };
  };

  it("is gone with every process, control group and folder, and the machine is as it was", {
    timeout: timeouts.start,
  }, async () => {
    const before = await settings();
    const { child, directory } = await startElsewhere();
    onTestFinished(() => void child.kill("SIGKILL"));
    expect((await processesIn(directory)).join("\n")).toMatch(/kubelet --config.*/u);
    expect(cgroupsOf(directory).length).toBeGreaterThan(0);
    expect(await settings()).toEqual(before);
    const killed = once(child, "exit");
    child.kill("SIGKILL");
    await killed;
    await expect.poll(() => processesIn(directory), { timeout: 15_000 }).toEqual([]);
    await expect.poll(() => existsSync(directory) || cgroupsOf(directory).length > 0, { timeout: 15_000 }).toBe(false);
    expect(await settings()).toEqual(before);
  });
});
