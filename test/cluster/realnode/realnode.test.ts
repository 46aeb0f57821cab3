import { beforeAll, expect, it } from "vitest";
import { createServiceAccount, timeouts } from "../harness.ts";
import { describeContract, rotationPod, rotationScript, rotationTimeoutMs } from "./contract.ts";
import { type ContractNode, kubeletNode, type StartedPod, standInNode } from "./contract-nodes.ts";
import { describeOnRealNode, useRealCluster } from "./harness.ts";
import { makeProgramsImage } from "./images.ts";

const kinds = { kubelet: "node-1", "the stand-in": "stand-in" } as const;
type Kind = keyof typeof kinds;

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
const clientProgram = `
import { readFileSync } from "node:fs";
import { request } from "node:https";
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const headers = { authorization: "Bearer " + readFileSync("${accountFolder}/token", "utf8") };
const ca = readFileSync("${accountFolder}/ca.crt");
request({ host, port, path: "/apis", headers, ca, agent: false }, (response) => {
  console.log(response.statusCode, process.getuid());
  response.resume();
}).end();`;

describeOnRealNode("a real node", { timeout: timeouts.test }, () => {
  const current = useRealCluster({ nodes: Object.values(kinds) }, async ({ cluster, node, programs, images }) => {
    await createServiceAccount(cluster, "app");
    const content = { busybox: programs.busybox, programs: { client: clientProgram }, caPem: "" };
    await node.importImages(await makeProgramsImage(images, content));
  });
  const nodes: Partial<Record<Kind, ContractNode>> = {};
  const rotating: Partial<Record<Kind, StartedPod>> = {};
  const nodeOf = (kind: Kind): ContractNode => nodes[kind] as ContractNode;

  beforeAll(async () => {
    const { cluster } = current();
    nodes.kubelet = kubeletNode(cluster, kinds.kubelet);
    nodes["the stand-in"] = standInNode(cluster, kinds["the stand-in"]);
    // Nothing makes eight minutes shorter, so they pass beside the other tests.
    for (const kind of Object.keys(kinds) as Kind[]) {
      const pod = { ...rotationPod(), name: `rotation-${kinds[kind]}` };
      const started = await nodeOf(kind).start(pod, rotationScript, rotationTimeoutMs);
      rotating[kind] = started;
    }
  });

  it("runs a program that calls the API server over the pods' network, as an ordinary user", async () => {
    const spec = {
      automountServiceAccountToken: true,
      securityContext: { runAsUser: 1_234 },
      containers: [{ name: "main" }],
    };
    const { output } = await nodeOf("kubelet").start({ name: "client", spec }, "node /app/client.mjs");
    expect(await output).toBe("200 1234\n");
  });

  for (const kind of Object.keys(kinds) as Kind[])
    describeContract(kind, {
      cluster: () => current().cluster,
      node: () => nodeOf(kind),
      otherNode: kind === "kubelet" ? kinds["the stand-in"] : kinds.kubelet,
      rotating: () => rotating[kind] as StartedPod,
    });

  // Last, since it takes the other pods with it.
  it("comes back after it was killed, with its pods", async () => {
    const { node, cluster } = current();
    const containers = [{ name: "main" }];
    const { pod } = await nodeOf("kubelet").start(
      { name: "survivor", spec: { restartPolicy: "Always", containers } },
      "sleep 600",
    );
    const path = `/api/v1/namespaces/default/pods/${pod.metadata.name}`;
    type Status = { status: { containerStatuses?: { ready: boolean; restartCount: number }[] } };
    const statuses = async () => (await cluster.must<Status>("GET", path)).status.containerStatuses;
    await expect.poll(statuses, { timeout: 20_000 }).toMatchObject([{ ready: true, restartCount: 0 }]);
    await node.kill();
    await node.start();
    await expect.poll(statuses, { timeout: 30_000 }).toMatchObject([{ ready: true, restartCount: 1 }]);
    await cluster.must("DELETE", path);
  });
});
