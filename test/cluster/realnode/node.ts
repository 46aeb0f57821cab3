/** A real node: kubelet, containerd and runc, beside a cluster's control plane and in its network namespace. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Cluster } from "../cluster.ts";
import { createServerProcess } from "../server-process.ts";
import { containerdConfiguration, kubeletConfiguration, networkConfiguration } from "./configuration.ts";
import { addresses } from "./network.ts";
import type { FoundNodePrograms } from "./programs.ts";

/** See the file's comment. */
export interface RealNode {
  readonly name: string;
  /** A folder with containerd's socket, and what both programs keep. */
  readonly directory: string;
  /** Kills kubelet, containerd and every container at once, and waits until nothing of them is left. */
  kill(): Promise<void>;
  /** Starts the node; resolves when kubelet has reported that it is ready. */
  start(): Promise<void>;
  /** Makes the images of a docker or OCI archive known to the node. */
  importImages(archive: string): Promise<void>;
}

/** What a node is made of. */
export interface RealNodeOptions {
  readonly cluster: Cluster;
  readonly programs: FoundNodePrograms;
  /** The folder of kubelet. */
  readonly binaries: string;
  /** A node that the cluster knows. */
  readonly name: string;
}

const run = promisify(execFile);
const readyTimeoutMs = 60_000;

// Processes that were killed take a moment to end, and a folder can be removed when nobody is in it.
const removeCgroups = (cgroup: string): string => `tries=0
while [ "$tries" -lt 200 ]; do
  left=
  for folder in /sys/fs/cgroup/${cgroup} /sys/fs/cgroup/*/${cgroup}; do
    [ -d "$folder" ] || continue
    find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -d "$folder" ] || left=yes
  done
  [ -n "$left" ] || exit 0
  tries=$((tries + 1))
  sleep 0.05
done
exit 1
`;

interface NodeObject {
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; lastHeartbeatTime: string }[];
  };
}

/** The time of the node's last word that it is ready, in whole seconds; undefined where its last word was another. */
const lastReady = async ({ must }: Cluster, name: string): Promise<string | undefined> => {
  const { status } = await must<NodeObject>("GET", `/api/v1/nodes/${name}`);
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? ready.lastHeartbeatTime : undefined;
};

/** Starts a node; it ends with the cluster. */
export const startRealNode = async (options: RealNodeOptions): Promise<RealNode> => {
  const { cluster, programs, binaries, name } = options;
  const directory = join(cluster.directory, name);
  const cgroup = basename(cluster.directory);
  const atEnd = join(cluster.directory, "at-end");
  const removeScript = join(atEnd, "remove-cgroups");
  await Promise.all([mkdir(join(directory, "cni"), { recursive: true }), mkdir(atEnd, { recursive: true })]);
  await Promise.all([
    writeFile(removeScript, removeCgroups(cgroup)),
    writeFile(join(directory, "containerd.toml"), containerdConfiguration(directory, programs)),
    writeFile(join(directory, "cni", "pods.conflist"), networkConfiguration()),
    writeFile(join(directory, "kubelet.json"), kubeletConfiguration(directory, cgroup)),
  ]);
  const kubeconfig = await cluster.writeKubeconfig(`system:node:${name}`);
  const kubelet = [
    join(binaries, "kubelet"),
    `--config=${join(directory, "kubelet.json")}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${name}`,
    `--node-ip=${addresses.node}`,
    `--root-dir=${join(directory, "kubelet")}`,
  ];
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const init = ["sh", join(import.meta.dirname, "node.sh"), directory, cgroup, programs.folder];
  const server = createServerProcess(cluster.keeper, "unshare", name);

  const node: RealNode = {
    name,
    directory,
    async kill() {
      await server.stop();
      await run("sh", [removeScript]);
    },
    async start() {
      const before = await lastReady(cluster, name);
      server.start([...namespaces, ...init, ...kubelet]);
      const isReady = async () => ![undefined, before].includes(await lastReady(cluster, name));
      await server.waitUntil(isReady, readyTimeoutMs);
    },
    async importImages(archive) {
      const socket = `--address=${join(directory, "containerd.sock")}`;
      await run(join(programs.folder, "ctr"), [socket, "-n", "k8s.io", "images", "import", "--local", archive]);
    },
  };
  await node.start();
  return node;
};
