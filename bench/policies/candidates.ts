/** ServiceAccounts, and pods whose creation is timed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../test/cluster/cluster.ts";
import type { Pod } from "../../test/cluster/node/pod.ts";
import { containersWithout } from "../../test/e2e/identity.ts";

const WORKERS = 16;
const AUDIENCE = "sts.amazonaws.com";

const FEDERATION = {
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/reports",
};

/** What the policy of the label does for ServiceAccounts that are written while it is there. */
const LABEL = { "podpass.dev/federated": "true" };

/** A pod, and whether it gets its identity inside the API server. */
export interface PolicyPod {
  readonly namespace: string;
  readonly isFederated: boolean;
  readonly isServed: boolean;
}

/** Makes a namespace with so many ServiceAccounts, of which one is federated, beside a plain one. */
export const createAccounts = async (cluster: Cluster, namespace: string, count: number): Promise<void> => {
  const create = (path: string, kind: string, metadata: object) =>
    cluster.must("POST", path, { apiVersion: "v1", kind, metadata });
  await create("/api/v1/namespaces", "Namespace", { name: namespace });
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await create(accounts, "ServiceAccount", { name: "plain" });
  await create(accounts, "ServiceAccount", { name: "federated", annotations: FEDERATION, labels: LABEL });
  let next = 2;
  const work = async (): Promise<void> => {
    while (next < count) await create(accounts, "ServiceAccount", { name: `account-${next++}` });
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
};

const request = ({ namespace, isFederated }: PolicyPod) =>
  [
    "POST",
    `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { generateName: "pod-" },
      spec: {
        serviceAccountName: isFederated ? "federated" : "plain",
        containers: [{ name: "main", image: "example.com/none" }],
      },
    },
  ] as const;

const isAsExpected = (pod: Pod, { isFederated, isServed }: PolicyPod): boolean =>
  !isFederated || (containersWithout(pod, [AUDIENCE]).length === 0) === isServed;

/** Creates one as a dry run; resolves to the milliseconds. Throws where it does not come out as it has to. */
export const createCandidate = async (cluster: Cluster, pod: PolicyPod): Promise<number> => {
  const startedAt = performance.now();
  const created = await cluster.must<Pod>(...request(pod));
  if (!isAsExpected(created, pod)) throw new Error(`a pod of ${pod.namespace} came out with or without its identity`);
  return performance.now() - startedAt;
};

/** Waits until policies and the API server's informers are where they have to be. */
export const untilUsable = async (cluster: Cluster, pod: PolicyPod): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    const { status, body } = await cluster.request<Pod>(...request(pod));
    if (status === 201 && isAsExpected(body, pod)) return;
    await sleep(100);
  }
  throw new Error(`pods of ${pod.namespace} cannot be created`);
};
