/** The demo's Deployments, and the pods that kube-controller-manager makes of them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../test/cluster/cluster.ts";
import type { Pod } from "../../test/cluster/node/pod.ts";
import { bindPod } from "../../test/cluster/node.ts";

/** Where everything happens. */
export const namespace = "production";

/** A Deployment that knows nothing of Podpass, for the ServiceAccount of its own name. */
export const deploymentOf = (name: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        serviceAccountName: name,
        containers: [{ name: "main", image: `registry.example.com/${name}:1.4.2` }],
      },
    },
  },
});

const timeoutMs = 20_000;

/** Deletes `old`, where there is one, waits for the pod that its ReplicaSet makes, and binds that to the node. */
export const nextPod = async (cluster: Cluster, app: string, old?: Pod): Promise<Pod> => {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  if (old) await cluster.must("DELETE", `${path}/${old.metadata.name}?gracePeriodSeconds=0`);
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const { items } = await cluster.must<{ items: Pod[] }>("GET", `${path}?labelSelector=app%3D${app}`);
    const pod = items.find(({ metadata }) => metadata.uid !== old?.metadata.uid);
    // Items of a list do not say what they are, and the diff should.
    if (pod) return { ...{ apiVersion: "v1", kind: "Pod" }, ...(await bindPod(cluster, pod)) };
    await sleep(50);
  }
  throw new Error(`kube-controller-manager made no pod of the Deployment ${app}`);
};

/** What two pods of one Deployment have in common, so that their difference is what an admission changed. */
export const readable = ({ metadata, spec }: Pod): object => {
  const { name, namespace, labels, annotations } = metadata;
  const hash = labels?.["pod-template-hash"] ?? "";
  const meta = { name: `${name.split(`-${hash}`)[0]}-…`, namespace, annotations, labels };
  // The name of the API server's own volume ends at random.
  const text = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: meta, spec });
  return JSON.parse(text.replaceAll(/kube-api-access-\w+/gu, "kube-api-access-…"));
};
