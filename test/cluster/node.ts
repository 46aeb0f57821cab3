/**
 * A node for tests: binds pods to itself and runs their containers as processes that see the pod's volumes at their
 * real paths. Images are not pulled: the root is this machine's, and the network is shared. Only where root runs the
 * tests have processes and files the users and groups that the pod names; otherwise all are of whoever runs them.
 */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { killGroup } from "./keeper.ts";
import { containerCommand, containerEnvironment, type ReadData } from "./node/environment.ts";
import { createTokenStore, keepFresh } from "./node/freshness.ts";
import { type Container, containersOf, type Pod, type VolumeMount } from "./node/pod.ts";
import { requestAsNode } from "./node/token.ts";
import { asUser } from "./node/user.ts";
import { prepareVolume, type VolumeInput, type VolumeOnDisk } from "./node/volumes.ts";

/** What to run. */
export interface ContainerRun {
  readonly cluster: Cluster;
  /** As the API server returned it, bound to a node. */
  readonly pod: Pod;
  /** The name of a container or init container. */
  readonly container: string;
  /** What the image would run; by default the container's own `command` and `args`. */
  readonly command?: readonly string[];
  /** Variables of the image, which the pod's own replace. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the image by absolute path; they are read-only. */
  readonly files?: Readonly<Record<string, string>>;
  /** Host names and their addresses, in the container's own `/etc/hosts`. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** How it ended; with `startError`, a container that a node could not even start. */
export interface ContainerResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly startError?: string;
}

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly mode: "ro" | "rw";
}

const notStarted = (startError: string): ContainerResult => ({ exitCode: 128, stdout: "", stderr: "", startError });

/** Does the scheduler's work, and returns the pod with its node. */
export const bindPod = async (cluster: Cluster, pod: Pod, node = "node-1"): Promise<Pod> => {
  const { name, namespace } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const target = { apiVersion: "v1", kind: "Node", name: node };
  await cluster.must("POST", `${path}/binding`, { apiVersion: "v1", kind: "Binding", metadata: { name }, target });
  return cluster.must<Pod>("GET", path);
};

const dataReader = (cluster: Cluster, node: string, namespace: string): ReadData => {
  return async (kind, name) => {
    type Data = { data?: Record<string, string> };
    const path = `/api/v1/namespaces/${namespace}/${kind}/${name}`;
    const { status, body } = await requestAsNode<Data>(cluster, node, ["GET", path]);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`cannot read ${kind} "${name}": ${body.message}`);
    const decode = (value: string) => (kind === "secrets" ? Buffer.from(value, "base64").toString() : value);
    return new Map(Object.entries(body.data ?? {}).map(([key, value]) => [key, decode(value)]));
  };
};

const serviceEnvironment = (cluster: Cluster): Map<string, string> => {
  const { hostname, port } = new URL(cluster.url);
  return new Map([
    ["KUBERNETES_SERVICE_HOST", hostname],
    ["KUBERNETES_SERVICE_PORT", port || "443"],
    ["KUBERNETES_SERVICE_PORT_HTTPS", port || "443"],
  ]);
};

const preparePodVolumes = async (parent: string, input: VolumeInput) => {
  const { pod } = input;
  const used = new Set(containersOf(pod).flatMap(({ volumeMounts }) => (volumeMounts ?? []).map(({ name }) => name)));
  const volumes = new Map<string, VolumeOnDisk>();
  for (const volume of pod.spec.volumes ?? [])
    if (used.has(volume.name)) volumes.set(volume.name, await prepareVolume(volume, parent, input));
  return volumes;
};

const depth = (path: string): number => path.split("/").filter((step) => step !== "").length;

/** Runtimes mount parents first, and mounts of one depth in the container's order. */
const containerMounts = (container: Container, volumes: ReadonlyMap<string, VolumeOnDisk>): Mount[] => {
  const toMount = ({ name, mountPath, readOnly, subPath = "" }: VolumeMount): Mount => {
    const volume = volumes.get(name);
    if (!volume) throw new Error(`volume ${name} not found`);
    return { source: join(volume.path, subPath), target: mountPath, mode: volume.isReadOnly || readOnly ? "ro" : "rw" };
  };
  return (container.volumeMounts ?? []).map(toMount).sort((a, b) => depth(a.target) - depth(b.target));
};

const imageMounts = async (directory: string, { files = {}, hosts = {} }: ContainerRun): Promise<Mount[]> => {
  const lines = Object.entries({ localhost: "127.0.0.1", ...hosts }).map(([name, address]) => `${address} ${name}\n`);
  const contents = Object.entries({ "/etc/hosts": lines.join(""), ...files });
  return Promise.all(
    contents.map(async ([target, content], index): Promise<Mount> => {
      const source = join(directory, String(index));
      await mkdir(directory, { recursive: true });
      await writeFile(source, content, { mode: 0o755 });
      return { source, target, mode: "ro" };
    }),
  );
};

const execute = (run: ContainerRun, args: readonly string[]): Promise<ContainerResult> =>
  new Promise((resolve, reject) => {
    const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const command = ["--mount", ...asRoot, "sh", join(import.meta.dirname, "node", "container.sh"), ...args];
    const child = run.cluster.keeper.start(`container-${run.container}`, "unshare", command, {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const timer = setTimeout(() => killGroup(child, "SIGKILL"), run.timeoutMs ?? 30_000);
    const texts = ["", "", "", ""];
    for (const [index, stream] of child.stdio.entries()) {
      if (!stream || !("setEncoding" in stream)) continue;
      stream.setEncoding("utf8").on("data", (text: string) => {
        texts[index] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      const [, stdout = "", stderr = "", startError = ""] = texts;
      // A container that was killed has 128 + 9, as a node reports it.
      const result = { exitCode: code ?? 137, stdout, stderr };
      resolve(startError === "" ? result : { ...result, startError: startError.trim() });
    });
  });

/** Runs one container of a pod to its end, as the pod's node would. */
export const runContainer = async (run: ContainerRun): Promise<ContainerResult> => {
  const { cluster, pod } = run;
  const node = pod.spec.nodeName;
  const container = containersOf(pod).find(({ name }) => name === run.container);
  if (!node || !container) throw new Error(`pod ${pod.metadata.name} has no node, or no container ${run.container}`);
  const home = join(cluster.directory, "kubelet", pod.metadata.uid);
  const content = join(home, "content");
  await mkdir(content, { recursive: true });
  const scratch = await mkdtemp(join(home, "scratch-"));
  const readData = dataReader(cluster, node, pod.metadata.namespace);
  const serviceEnv = serviceEnvironment(cluster);
  try {
    const tokens = createTokenStore(cluster, node, pod);
    const prepare = (current: Pod) =>
      preparePodVolumes(join(content, "volumes"), { pod: current, readData, readToken: tokens.read });
    const volumes = await prepare(pod);
    const variables = await containerEnvironment(container, { pod, readData, serviceEnv });
    const command = run.command ?? containerCommand(container, variables);
    if (!command) throw new Error(`container ${container.name} has no command, and its image is not known`);
    const image = { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: "/root", ...run.env };
    const environment = {
      ...image,
      HOSTNAME: pod.spec.hostname ?? pod.metadata.name,
      ...Object.fromEntries(variables),
    };
    const mounts = [
      ...(await imageMounts(join(content, "image", basename(scratch)), run)),
      ...containerMounts(container, volumes),
    ];
    const rootMode = container.securityContext?.readOnlyRootFilesystem ? "ro" : "rw";
    const stop = keepFresh({ cluster, pod, tokens, refresh: prepare });
    return await execute(run, [
      scratch,
      content,
      container.workingDir ?? "/",
      rootMode,
      ...mounts.flatMap(({ source, target, mode }) => [source, target, mode]),
      "--",
      ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ...asUser(pod, container),
      ...command,
    ]).finally(stop);
  } catch (error) {
    return notStarted(error instanceof Error ? error.message : String(error));
  }
};
