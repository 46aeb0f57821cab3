import { afterAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { keysUnder } from "../../../src/federation/account-keys.ts";
import { readServer } from "../../../src/kube/access.ts";
import { createConnection } from "../../../src/kube/connection.ts";
import { type ClusterSource, createClusterSource } from "../../../src/serviceaccounts/cluster/cluster-source.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { describeSource } from "../source-contract.ts";
import { FEDERATE, recordMetrics } from "./fixture.ts";

const path = (namespace: string) => `/api/v1/namespaces/${namespace}/serviceaccounts`;

/** Opens a source that is closed after the test. */
const openOn = (cluster: Cluster): { readonly source: ClusterSource; readonly told: readonly string[] } => {
  const access = { server: readServer(cluster.url), ca: cluster.caPem, authorization: `Bearer ${cluster.adminToken}` };
  const connection = createConnection({ access: { read: async () => access } });
  const metrics = recordMetrics();
  const source = createClusterSource({ connection, keys: keysUnder("podpass.dev"), metrics });
  onTestFinished(() => {
    source.close();
    connection.close();
  });
  return { source, told: metrics.told };
};

const write = async (cluster: Cluster, namespace: string, name: string, annotations: object): Promise<void> => {
  const metadata = { name, annotations };
  if ((await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: namespace } })).status > 409)
    throw new Error(`namespace ${namespace} cannot be made`);
  const made = await cluster.request("POST", path(namespace), { metadata });
  if (made.status === 409) await cluster.must("PATCH", `${path(namespace)}/${name}`, { metadata });
  else if (made.status !== 201) throw new Error(`${namespace}/${name}: ${made.status}`);
};

// The harness builds the control plane where it is missing; only the project for clusters has the time for that.
const harness = inject("controlPlane") === undefined ? undefined : await import("../../cluster/harness.ts");

describe.skipIf(harness === undefined)("on a real API server", () => {
  const current = harness?.useCluster() ?? (() => expect.unreachable());

  describeSource("a real cluster", async () => {
    const cluster = current();
    const { items } = await cluster.must<{ items: readonly { metadata: { namespace: string; name: string } }[] }>(
      "GET",
      "/api/v1/serviceaccounts",
    );
    const remove = async (namespace: string, name: string) =>
      void (await cluster.must("DELETE", `${path(namespace)}/${name}`));
    for (const { metadata } of items) await remove(metadata.namespace, metadata.name);
    return {
      open: async () => openOn(cluster).source,
      // The API server takes no annotation whose key has no valid name.
      write: async ({ namespace, name, annotations }) =>
        write(
          cluster,
          namespace,
          name,
          Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== "__proto__")),
        ),
      remove,
    };
  });

  it("reads 5,000 as a stream, and sees what is made, annotated and deleted afterwards", async () => {
    const cluster = current();
    await cluster.must("POST", "/api/v1/namespaces", { metadata: { name: "many" } });
    let made = 0;
    const make = async () => {
      while (made < 5000) {
        const number = made++;
        const annotations = number % 5 === 0 ? { [FEDERATE]: "aws" } : {};
        await cluster.must("POST", path("many"), { metadata: { name: `account-${number}`, annotations } });
      }
    };
    await Promise.all(Array.from({ length: 16 }, make));
    const { source, told } = openOn(cluster);
    await source.whenSynced();
    expect([...source.all()].filter(({ namespace }) => namespace === "many")).toHaveLength(1000);
    // Behind the list there may be more, which is read first.
    await eventually(() => expect(source.health().isTrusted).toBe(true));
    expect(source.find("many", "account-1", 0)).toMatchObject({ name: "account-1" });

    const federated = () =>
      [...source.all()].filter(({ name }) => name === "late").map((a) => a.annotations.get(FEDERATE));
    await cluster.must("POST", path("many"), { metadata: { name: "late" } });
    expect(await source.find("many", "late", 2000)).toMatchObject({ name: "late" });
    await cluster.must("PATCH", `${path("many")}/late`, { metadata: { annotations: { [FEDERATE]: "gcp" } } });
    await eventually(() => expect(federated()).toStrictEqual(["gcp"]));
    await cluster.must("DELETE", `${path("many")}/late`);
    await eventually(() => expect(federated()).toStrictEqual([]));
    expect(await source.find("many", "late", 2000)).toBeUndefined();
    expect(told.filter((word) => !word.startsWith("get"))).toStrictEqual(["relist first"]);
  });

  it("always sees a ServiceAccount that was made before the question", async () => {
    const cluster = current();
    const { source } = openOn(cluster);
    await source.whenSynced();
    for (let i = 0; i < 100; i++) {
      await cluster.must("POST", path("default"), {
        metadata: { name: `new-${i}`, annotations: { [FEDERATE]: "aws" } },
      });
      expect((await source.find("default", `new-${i}`, 2000))?.annotations.get(FEDERATE)).toBe("aws");
    }
  });

  it("comes back after the API server was away, and with a new list where history is gone", async () => {
    const cluster = current();
    await write(cluster, "default", "doomed", { [FEDERATE]: "aws" });
    await write(cluster, "default", "kept", { [FEDERATE]: "aws" });
    const { source, told } = openOn(cluster);
    await source.whenSynced();
    const names = () => [...source.all()].map(({ name }) => name);
    expect(names()).toEqual(expect.arrayContaining(["doomed", "kept"]));
    await cluster.stopApiServer();
    // As another API server would, while ours is away.
    const key = Buffer.from("/registry/serviceaccounts/default/doomed").toString("base64");
    await fetch(`${cluster.etcdUrl}/v3/kv/deleterange`, { method: "POST", body: JSON.stringify({ key }) });
    await cluster.compactHistory();
    await eventually(() => expect(told).toContain("unreachable"));
    await cluster.restartApiServer();
    await expect.poll(() => source.health().isTrusted, { timeout: 5000 }).toBe(true);
    expect(names()).not.toContain("doomed");
    expect(source.find("default", "kept", 0)).toMatchObject({ name: "kept" });
    expect(told).toContain("relist expired");
    await write(cluster, "default", "after", { [FEDERATE]: "aws" });
    await eventually(() => expect(names()).toContain("after"));
  });

  it("answers within the budget while the API server is paused, and soon after it goes on", async () => {
    const cluster = current();
    const { source } = openOn(cluster);
    await source.whenSynced();
    cluster.pauseApiServer();
    const startedAt = performance.now();
    await expect(source.find("default", "nobody", 700)).rejects.toThrow("within 700 ms");
    expect(performance.now() - startedAt).toBeLessThan(1500);
    cluster.resumeApiServer();
    expect(await source.find("default", "nobody", 5000)).toBeUndefined();
  });
});

describe.skipIf(harness === undefined)("on a real API server without streaming lists", () => {
  const cluster = harness?.startTestCluster({ apiServerFlags: { "feature-gates": "WatchList=false" } });
  afterAll(async () => (await cluster)?.stop());

  it("lists in pages", async () => {
    const running = (await cluster) ?? expect.unreachable();
    await write(running, "default", "a", { [FEDERATE]: "aws" });
    const { source, told } = openOn(running);
    await source.whenSynced();
    expect([...source.all()].map(({ name }) => name)).toStrictEqual(["a"]);
    expect(told).toStrictEqual(["relist first"]);
  });
});
