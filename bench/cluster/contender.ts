/** Creating the benchmark's pods, and having the API server call a webhook for them. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiObject } from "../../test/cluster/api-client.ts";
import type { Cluster } from "../../test/cluster/cluster.ts";
import { readAdmission } from "./admission-metrics.ts";

/** A webhook that the API server may call; none for the API server alone. */
export interface Contender {
  readonly name: string;
  readonly webhook?: { readonly url: string; readonly pid: number };
  readonly isInjecting: boolean;
}

/** Its name in the API server's metrics. */
export const WEBHOOK = "pods.podpass.dev";
const configurations = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
// Where the first, federated ServiceAccount of the population is.
const pods = "/api/v1/namespaces/team-0/pods";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "pod-", labels: { app: "bench" } },
  spec: { serviceAccountName: "account-0", containers: [{ name: "main", image: "registry.example.com/app:1" }] },
};

const create = async (cluster: Cluster, query = ""): Promise<ApiObject> => cluster.must("POST", pods + query, pod);

const isInjected = ({ metadata }: ApiObject): boolean => metadata.annotations?.["podpass.dev/injected"] !== undefined;

/** Creates one pod; resolves to how long that took, in milliseconds. Throws where it is not as it should be. */
export const createPod = async (cluster: Cluster, { isInjecting }: Contender): Promise<number> => {
  const startedAt = performance.now();
  const created = await create(cluster);
  const ms = performance.now() - startedAt;
  if (isInjected(created) !== isInjecting) throw new Error("a pod is not as this webhook should have left it");
  return ms;
};

const register = async (cluster: Cluster, url: string, caFile: string): Promise<void> => {
  await cluster.must("POST", configurations, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "podpass" },
    webhooks: [
      {
        name: WEBHOOK,
        clientConfig: { url, caBundle: readFileSync(caFile).toString("base64") },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        failurePolicy: "Fail",
        reinvocationPolicy: "IfNeeded",
        timeoutSeconds: 10,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
};

/** Until the API server calls the webhook, or no longer does. */
const untilCalled = async (cluster: Cluster, isExpected: boolean): Promise<void> => {
  for (let unchanged = 0; unchanged < 5; ) {
    const { calls } = await readAdmission(cluster, WEBHOOK);
    await create(cluster, "?dryRun=All");
    const isCalled = (await readAdmission(cluster, WEBHOOK)).calls > calls;
    unchanged = isCalled === isExpected ? unchanged + 1 : 0;
    await sleep(100);
  }
};

/** Has the API server call the contender's webhook, if it has one, while `work` is done; then deletes the pods. */
export const whileCalled = async <Result>(
  cluster: Cluster,
  { contender: { webhook }, caFile }: { readonly contender: Contender; readonly caFile: string },
  work: () => Promise<Result>,
): Promise<Result> => {
  if (webhook !== undefined) await register(cluster, webhook.url, caFile);
  await untilCalled(cluster, webhook !== undefined);
  const result = await work();
  if (webhook !== undefined) await cluster.must("DELETE", `${configurations}/podpass`);
  await cluster.must("DELETE", `${pods}?labelSelector=app%3Dbench&gracePeriodSeconds=0`);
  return result;
};
