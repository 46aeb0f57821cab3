/** Podpass as people install it: the chart, with Helm, from the image, on a cluster with a real node. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiObject } from "../../cluster/api-client.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { runHelm } from "../../cluster/helm/helm.ts";
import { IMAGE_REFERENCE } from "../../cluster/image/build-image.ts";
import type { RealCluster } from "../../cluster/realnode/harness.ts";
import { configuration } from "../podpass.ts";
import { requirements } from "./requirements.ts";

/** Values of the chart. */
export type Values = Readonly<Record<string, unknown>>;

/** A pod of Podpass. */
export interface Replica extends ApiObject {
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly ready: boolean;
      readonly restartCount: number;
    }[];
  };
}

/** See the file's comment. */
export interface Installation {
  /** `helm upgrade` with these values beside those that it has; resolves when the Deployment has done it. */
  upgrade(values: Values): Promise<void>;
  /** What `kubectl rollout restart` does; resolves when the Deployment has done it. */
  rollingRestart(): Promise<void>;
  /** Resolves when as many replicas as are wanted are ready, and no others are left. */
  untilReady(): Promise<void>;
  replicas(): Promise<readonly Replica[]>;
}

const namespace = "podpass-system";
const chart = join(import.meta.dirname, "../../../charts/podpass");
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/podpass`;
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const readyTimeoutMs = 90_000;

interface Deployment extends ApiObject {
  readonly metadata: ApiObject["metadata"] & { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: Readonly<Record<string, number | undefined>>;
}

const createNamespace = (cluster: Cluster) =>
  cluster.must("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });

/** Helm, as a program that reaches the cluster. */
const helmIn = async ({ directory, enter }: Cluster, helm: string): Promise<string> => {
  const script = join(directory, "helm.sh");
  await writeFile(script, `#!/bin/sh\nexec ${[...enter, helm].join(" ")} "$@"\n`);
  await chmod(script, 0o755);
  return script;
};

const isReady = ({ status }: Replica): boolean =>
  status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true;

/** Installs Podpass; `providers` as in its configuration. It is ready when this resolves. */
export const install = async (real: RealCluster, providers: Values): Promise<Installation> => {
  const { cluster, node } = real;
  if (requirements === undefined) throw new Error("there is neither Helm nor an image");
  await node.importImages(requirements.archive);
  const helm = await helmIn(cluster, requirements.helm);
  // `podpass trust` reads a file.
  await mkdir(join(cluster.directory, "podpass"));
  await writeFile(join(cluster.directory, "podpass", "config.yaml"), configuration({ providers }));
  await createNamespace(cluster);
  const [, repository = "", tag = ""] = /^(.*):([^:]*)$/u.exec(IMAGE_REFERENCE) ?? [];
  let own: Values = { image: { repository, tag, pullPolicy: "Never" }, configuration: { providers } };

  const run = async (command: string, values: Values): Promise<void> => {
    own = { ...own, ...values };
    const options = [`--kubeconfig=${cluster.kubeconfigPath}`, `--namespace=${namespace}`, "--values=-"];
    const args = [command, "podpass", chart, ...options];
    const { code, stderr } = await runHelm(helm, args, JSON.stringify(own));
    if (code !== 0) throw new Error(`helm ${command}: ${stderr}`);
  };

  const replicas = async () => (await cluster.must<{ items: readonly Replica[] }>("GET", podsPath)).items;
  const untilReady = async (): Promise<void> => {
    const deadline = Date.now() + readyTimeoutMs;
    for (;;) {
      const { metadata, spec, status } = await cluster.must<Deployment>("GET", deploymentPath);
      const pods = await replicas();
      const { observedGeneration, updatedReplicas, availableReplicas } = status;
      const isDone = observedGeneration === metadata.generation && updatedReplicas === spec.replicas;
      if (isDone && availableReplicas === spec.replicas && pods.length === spec.replicas && pods.every(isReady)) return;
      if (Date.now() > deadline) throw new Error(`Podpass is not ready: ${JSON.stringify({ status, pods })}`);
      await sleep(100);
    }
  };

  const installation: Installation = {
    replicas,
    untilReady,
    async upgrade(values) {
      await run("upgrade", values);
      await untilReady();
    },
    async rollingRestart() {
      const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      const contentType = "application/strategic-merge-patch+json";
      const patch = { spec: { template: { metadata: { annotations } } } };
      await cluster.must("PATCH", deploymentPath, patch, { contentType });
      await untilReady();
    },
  };
  await run("install", {});
  await untilReady();
  return installation;
};
