import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { createServiceAccount, describeOnCluster, startTestCluster, timeouts, useCluster } from "./harness.ts";

const isServed = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code !== "ECONNREFUSED",
  );

/** Processes whose command line names a folder; zombies have no command line. */
const processesIn = async (folder: string): Promise<string[]> => {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll("\0", " "));
};

describeOnCluster("a cluster", () => {
  const current = useCluster();

  it("answers as the version that was built", async () => {
    const { gitVersion } = await current().must<{ gitVersion: string }>("GET", "/version");
    expect(gitVersion).toMatch(/^v1\.\d+\.\d+/u);
  });

  it("publishes an https issuer and its keys", async () => {
    const cluster = current();
    expect(await cluster.discovery()).toMatchObject({ issuer: cluster.issuer });
    expect((await cluster.jwks()).keys[0]).toMatchObject({ kty: "RSA", use: "sig" });
    expect(cluster.issuer).toMatch(/^https:\/\//u);
  });

  it("knows nodes by their tokens, and nobody without one", async () => {
    const cluster = current();
    const path = "/api/v1/nodes/node-1";
    expect((await cluster.request("GET", path, undefined, { token: cluster.nodeToken() })).status).toBe(200);
    expect((await cluster.request("GET", path, undefined, { token: "guessed" })).status).toBe(401);
    expect((await cluster.request("GET", "/api/v1/nodes", undefined, { token: "" })).status).toBe(403);
  });

  it("stops answering while paused, and goes on afterwards", { timeout: timeouts.test }, async () => {
    const cluster = current();
    cluster.pauseApiServer();
    await expect(cluster.request("GET", "/readyz", undefined, { timeoutMs: 300 })).rejects.toThrow(/timeout/u);
    cluster.resumeApiServer();
    expect((await cluster.request("GET", "/readyz")).status).toBe(200);
  });

  it("keeps its data over a restart, and forgets history on demand", { timeout: timeouts.test }, async () => {
    const cluster = current();
    const first = await createServiceAccount(cluster, "before");
    await createServiceAccount(cluster, "after");
    await cluster.compactHistory();
    await cluster.restartApiServer();
    expect((await cluster.request("GET", "/api/v1/namespaces/default/serviceaccounts/before")).status).toBe(200);
    const { resourceVersion } = first.metadata;
    const watch = `/api/v1/serviceaccounts?watch=true&timeoutSeconds=2&resourceVersion=${resourceVersion}`;
    const { body } = await cluster.request<string>("GET", watch);
    expect(JSON.stringify(body)).toContain("410");
  });
});

describeOnCluster("clusters side by side", () => {
  it("share nothing, and leave nothing when stopped", { timeout: timeouts.start }, async () => {
    const clusters = await Promise.all([startTestCluster(), startTestCluster({ controllerManager: true })]);
    const [one, two] = clusters;
    expect(new Set(clusters.map(({ issuer }) => issuer)).size).toBe(2);
    await createServiceAccount(one, "mine");
    expect((await two.request("GET", "/api/v1/namespaces/default/serviceaccounts/mine")).status).toBe(404);
    expect((await two.request("GET", "/api/v1/namespaces/default/serviceaccounts/default")).status).toBe(200);
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    for (const { directory, url, etcdUrl } of clusters) {
      expect(existsSync(directory)).toBe(false);
      expect([await isServed(url), await isServed(etcdUrl)]).toEqual([false, false]);
      expect(await processesIn(directory)).toEqual([]);
    }
  });
});

describeOnCluster("a cluster whose test was killed", () => {
  const startElsewhere = async (): Promise<{ child: ChildProcess; directory: string; etcdUrl: string }> => {
    const script = `
      const { findBinaries } = await import("./controlplane/binaries.ts");
      const { startCluster } = await import("./cluster.ts");
      const cluster = await startCluster({ binaries: await findBinaries(), controllerManager: true });
      cluster.keeper.start("container", "sh", ["-c", "sleep 600 & sleep 600", cluster.directory]);
      console.log(JSON.stringify({ directory: cluster.directory, etcdUrl: cluster.etcdUrl }));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`ended with ${code} before its cluster ran`)),
    );
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
    return { child, ...JSON.parse(line) };
  };

  it("is gone with every process and its folder", { timeout: timeouts.start }, async () => {
    const { child, directory, etcdUrl } = await startElsewhere();
    onTestFinished(() => void child.kill("SIGKILL"));
    expect((await processesIn(directory)).length).toBeGreaterThanOrEqual(5);
    const killed = once(child, "exit");
    child.kill("SIGKILL");
    await killed;
    await expect.poll(() => processesIn(directory), { timeout: 15_000 }).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect(await isServed(etcdUrl)).toBe(false);
  });
});
