/** What tests on a real cluster start with. */
import { afterAll, beforeAll, describe, inject } from "vitest";
import { MUTATING_SINCE } from "../../src/policies/installation.ts";
import type { ApiObject } from "./api-client.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { findBinaries } from "./controlplane/binaries.ts";
import { reportMissing } from "./global-setup.ts";
import type { Pod } from "./node/pod.ts";
import { bindPod } from "./node.ts";
import type { PodParts } from "./pod-parts.ts";

const provided = inject("controlPlane");
const binaries = provided ?? (await findBinaries());
if (!provided) reportMissing(binaries);

/** Vitest's limits for starting a cluster, and for a test that runs containers. */
export const timeouts = { start: 120_000, test: 60_000 } as const;

/** Can there be a cluster here? */
export const hasControlPlane = binaries.kind !== "missing";

/** Where kubectl is, beside the control plane; empty where nothing was found. */
export const programsFolder = binaries.kind === "missing" ? "" : binaries.folder;

/** Kubernetes 1.`kubernetesMinor` is what was found; 0 where nothing was. */
export const kubernetesMinor = binaries.kind === "missing" ? 0 : Number(/^v?1\.(\d+)/u.exec(binaries.version)?.[1]);

/** `describe` for tests that need a cluster; skipped where there can be none. */
export const describeOnCluster = describe.skipIf(!hasControlPlane);

/** The same for tests of MutatingAdmissionPolicy, which older versions of Kubernetes do not have. */
export const describeWithMutatingPolicies = describe.skipIf(kubernetesMinor < MUTATING_SINCE);

/** Starts a cluster with the programs that were found. */
export const startTestCluster = (options: Omit<ClusterOptions, "binaries"> = {}): Promise<Cluster> => {
  if (binaries.kind === "missing") throw new Error(binaries.reason);
  return startCluster({ ...options, binaries });
};

/** One cluster for all tests of the surrounding `describe`. */
export const useCluster = (options: Omit<ClusterOptions, "binaries"> = {}): (() => Cluster) => {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await startTestCluster(options);
  }, timeouts.start);
  afterAll(() => cluster?.stop());
  return () => {
    if (!cluster) throw new Error("the cluster is not running");
    return cluster;
  };
};

/** Makes a ServiceAccount in `default`. */
export const createServiceAccount = (cluster: Cluster, name: string, annotations = {}): Promise<ApiObject> =>
  cluster.must("POST", "/api/v1/namespaces/default/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, annotations },
  });

/** Makes a pod of one container, `main`, in `default`, and binds it to a node. */
export const createPod = async (cluster: Cluster, parts: PodParts, node = "node-1"): Promise<Pod> => {
  const { name, serviceAccountName, annotations = {}, container = {}, spec = {} } = parts;
  const pod = await cluster.must<Pod>("POST", "/api/v1/namespaces/default/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, annotations },
    spec: {
      automountServiceAccountToken: false,
      serviceAccountName,
      containers: [{ name: "main", image: "example.com/none", ...container }],
      ...spec,
    },
  });
  return bindPod(cluster, pod, node);
};
