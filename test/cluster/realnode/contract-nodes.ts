/** The two kinds of node that the contract is about. */
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type { ApiObject } from "../api-client.ts";
import type { Cluster } from "../cluster.ts";
import type { Container, Pod } from "../node/pod.ts";
import { runContainer } from "../node.ts";
import { programsImage } from "./images.ts";

/** A pod, as a row of the contract writes it; its first container runs the row's script. */
export interface ContractPod {
  readonly name: string;
  readonly serviceAccountName?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Partial<Pod["spec"]> & { readonly containers: readonly Omit<Container, "command">[] };
}

/** A pod at work. */
export interface StartedPod {
  readonly pod: Pod & ApiObject;
  /** What the script printed; throws where it failed. */
  readonly output: Promise<string>;
}

/** A node that runs shell scripts in pods. */
export interface ContractNode {
  /** Its name in the cluster. */
  readonly name: string;
  /** Creates the pod on this node, with `script` as its first container's command. */
  start(pod: ContractPod, script: string, timeoutMs?: number): Promise<StartedPod>;
}

const defaultTimeoutMs = 30_000;
const podsPath = "/api/v1/namespaces/default/pods";

const createOn = (cluster: Cluster, nodeName: string, parts: ContractPod, script: string): Promise<Pod & ApiObject> => {
  const { name, serviceAccountName = "app", annotations = {}, spec } = parts;
  const containers = spec.containers.map((container, index) => ({
    ...container,
    image: programsImage,
    imagePullPolicy: "Never",
    command: ["sh", "-c", index === 0 ? script : "true"],
  }));
  return cluster.must("POST", podsPath, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, annotations },
    spec: {
      nodeName,
      serviceAccountName,
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      ...spec,
      containers,
    },
  });
};

const standInOutput = async (cluster: Cluster, pod: Pod, timeoutMs: number): Promise<string> => {
  const container = pod.spec.containers[0]?.name ?? "";
  const { exitCode, stdout, stderr, startError } = await runContainer({ cluster, pod, container, timeoutMs });
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${startError ?? stderr}${stdout}`);
  return stdout;
};

// Whoever started the pod may look at its output later, or not at all.
const started = (pod: Pod & ApiObject, output: Promise<string>): StartedPod => {
  output.catch(() => undefined);
  return { pod, output };
};

/** The tests' stand-in, as the node called `name`. */
export const standInNode = (cluster: Cluster, name: string): ContractNode => ({
  name,
  async start(parts, script, timeoutMs = defaultTimeoutMs) {
    const pod = await createOn(cluster, name, parts, script);
    return started(pod, standInOutput(cluster, pod, timeoutMs));
  },
});

interface PodStatus {
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly { readonly name: string; readonly state: Record<string, unknown> }[];
  };
}

/**
 * Waits until the pod has ended, and returns the log of its first container. Throws with its state where it failed. An
 * API server that is away for a moment is asked again.
 */
export const outputOfPod = async (cluster: Cluster, pod: Pod, timeoutMs: number): Promise<string> => {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
  const container = pod.spec.containers[0]?.name ?? "";
  const deadline = Date.now() + timeoutMs;
  const readLog = () => cluster.must<string>("GET", `${path}/log?container=${container}`);
  for (;;) {
    const { status } = await cluster.must<PodStatus>("GET", path).catch((error): PodStatus => ({ status: error }));
    const log = await (status?.phase === "Succeeded" || status?.phase === "Failed" ? readLog().catch(String) : "");
    if (status?.phase === "Succeeded") return log;
    const isOver = status?.phase === "Failed" || Date.now() > deadline;
    if (isOver) throw new Error(`${pod.metadata.name}: ${inspect(status, { depth: 8 })} ${JSON.stringify(log)}`);
    await sleep(200);
  }
};

/** The node called `name`, which a kubelet is. */
export const kubeletNode = (cluster: Cluster, name: string): ContractNode => ({
  name,
  async start(parts, script, timeoutMs = defaultTimeoutMs) {
    const pod = await createOn(cluster, name, parts, script);
    return started(pod, outputOfPod(cluster, pod, timeoutMs));
  },
});
