import { describe, expect, it, onTestFinished } from "vitest";
import type { Cluster } from "../cluster/cluster.ts";
import { describeOnCluster } from "../cluster/harness.ts";
import { useEnvironment } from "./environment.ts";
import { accounts, annotate, aws, hasIdentity, wrongPods } from "./federated.ts";
import { injected } from "./identity.ts";
import { allPods, requestPod } from "./load.ts";
import { type SilentProxy, startProxy } from "./proxy.ts";

const say = (text: string) => process.stdout.write(`\n    ${text}\n`);

describeOnCluster("a network between Podpass and the API server that goes silent", { timeout: 120_000 }, () => {
  let proxy: SilentProxy | undefined;
  const reach = async ({ url }: Cluster) => {
    proxy = await startProxy(url);
    return proxy.url;
  };
  const current = useEnvironment({ reach }, ({ create }) =>
    create([...accounts, { name: "late" }, { name: "partitioned" }]),
  );
  /** Answers come from memory, which a watch keeps current. */
  const untilTrusted = () =>
    expect.poll(() => current().podpass.metric("podpass_watch_trusted"), { timeout: 30_000 }).toBe(1);
  const way = (): SilentProxy => {
    if (!proxy) throw new Error("there is no proxy");
    return proxy;
  };

  describe("open connections only", () => {
    it("a new ServiceAccount is seen through a new connection", async () => {
      const { cluster, create } = current();
      await untilTrusted();
      way().silenceOpenConnections();
      await create([{ name: "created-in-silence", annotations: aws }]);
      expect(await hasIdentity(cluster, "created-in-silence")).toBe(true);
    });

    it("an annotation is seen when the watch has been silent for too long for its bookmarks", async () => {
      const { cluster, podpass } = current();
      await untilTrusted();
      way().silenceOpenConnections();
      await annotate(cluster, "late");
      const since = performance.now();
      await expect
        .poll(
          async () => {
            expect(await hasIdentity(cluster, "federated", "?dryRun=All")).toBe(true);
            return hasIdentity(cluster, "late", "?dryRun=All");
          },
          { timeout: 90_000, interval: 250 },
        )
        .toBe(true);
      const seconds = Math.round((performance.now() - since) / 1000);
      say(`watch silent: an annotation was seen after ${seconds} s`);
      expect(seconds).toBeLessThanOrEqual(80);
      expect(await podpass.metric("podpass_watch_errors_total", 'error="idle-timeout"')).toBeGreaterThanOrEqual(1);
      await untilTrusted();
      expect(await hasIdentity(cluster, "late")).toBe(true);
    });
  });

  it("every connection: who is known is served, who is not is refused, and all is well afterwards", async () => {
    const { cluster, create } = current();
    onTestFinished(() => way().heal());
    await untilTrusted();
    way().silenceEverything();
    await create([{ name: "unknown", annotations: aws }]);
    const [known, unknown] = await Promise.all([requestPod(cluster, "federated"), requestPod(cluster, "unknown")]);
    expect([known.status, injected(known.body)]).toEqual([201, "aws"]);
    expect([unknown.status, unknown.body.message]).toEqual([500, expect.stringContaining("failed calling webhook")]);
    way().heal();
    await expect
      .poll(() => hasIdentity(cluster, "unknown").catch(() => false), { timeout: 20_000, interval: 200 })
      .toBe(true);
    await annotate(cluster, "partitioned");
    await untilTrusted();
    expect(await hasIdentity(cluster, "partitioned")).toBe(true);
    const isFederated = (name: string) => name !== "plain";
    expect(wrongPods(await allPods(cluster), isFederated)).toEqual([]);
  });
});
