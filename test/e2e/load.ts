/** Pods that are created without pause, and what became of each. */
import { onTestFinished } from "vitest";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Pod } from "../cluster/node/pod.ts";

/** One request for a pod. `status` is 0 where the API server did not answer. */
export interface Attempt {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly message: string;
}

/** A load at work. */
export interface Load {
  readonly attempts: readonly Attempt[];
  /** Resolves when `count` more pods have been created. */
  untilCreated(count: number): Promise<void>;
  /** Resolves when `count` more have been refused. */
  untilFailed(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A pod of one container, and as many others as are asked for. */
const plainPod = (serviceAccountName: string, containers = 1) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "pod-", labels: { made: "by-test" } },
  spec: {
    serviceAccountName,
    automountServiceAccountToken: false,
    containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}`, image: "example.com/none" })),
  },
});

/** Asks for a pod, as an administrator would. */
export const requestPod = (cluster: Cluster, serviceAccountName: string, query = "") =>
  cluster.request<Pod & ApiObject>("POST", `/api/v1/namespaces/default/pods${query}`, plainPod(serviceAccountName));

/** Every pod of `default` as it is in the cluster, whoever was told what about it. */
export const allPods = async (cluster: Cluster): Promise<readonly Pod[]> =>
  (await cluster.must<{ items: Pod[] }>("GET", "/api/v1/namespaces/default/pods?labelSelector=made%3Dby-test")).items;

/** Starts workers, each of which creates one pod after the other, with the ServiceAccounts in turn. */
export const startLoad = (cluster: Cluster, serviceAccounts: readonly string[], workers = 4): Load => {
  const attempts: Attempt[] = [];
  let isOver = false;
  let started = 0;
  const waiting = new Set<() => void>();

  const work = async (): Promise<void> => {
    while (!isOver) {
      const startedAt = performance.now();
      const name = serviceAccounts[started++ % serviceAccounts.length] ?? "default";
      const { status, message } = await requestPod(cluster, name).then(
        ({ status, body }) => ({ status, message: body.message ?? "" }),
        (error: unknown) => ({ status: 0, message: String(error) }),
      );
      attempts.push({ startedAt, endedAt: performance.now(), status, message });
      for (const check of waiting) check();
      // A refusal costs next to nothing, and would be repeated a thousand times a second.
      if (status !== 201) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  // A test that fails leaves no load behind.
  onTestFinished(() => {
    isOver = true;
  });
  const done = Promise.all(Array.from({ length: workers }, work));

  const until = (matches: (attempt: Attempt) => boolean, count: number): Promise<void> => {
    const seen = () => attempts.filter(matches).length;
    const target = seen() + count;
    return new Promise((resolve) => {
      const check = () => {
        if (seen() < target) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
    });
  };
  return {
    attempts,
    untilCreated: (count) => until(({ status }) => status === 201, count),
    untilFailed: (count) => until(({ status }) => status !== 201, count),
    async stop() {
      isOver = true;
      await done;
    },
  };
};
