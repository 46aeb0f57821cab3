/** What happens to an installation, and to the cluster below it, while pods are created. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RealCluster } from "../../cluster/realnode/harness.ts";
import type { Installation, Replica } from "./installation.ts";

/** One thing that happens. */
export interface Disturbance {
  /** Does it, and resolves when the installation is whole again. */
  readonly happen: (real: RealCluster, installation: Installation) => Promise<void>;
  /** Podpass is there all the time, so that no pod may be without its identity. */
  readonly isPlanned: boolean;
}

const run = promisify(execFile);

const killProcess = async ({ node, programs }: RealCluster, { status }: Replica): Promise<void> => {
  const id = status.containerStatuses?.[0]?.containerID?.replace("containerd://", "") ?? "";
  const socket = `--address=${join(node.directory, "containerd.sock")}`;
  await run(join(programs.folder, "ctr"), [socket, "-n", "k8s.io", "tasks", "kill", "--signal=SIGKILL", id]);
};

const killReplicas = async (real: RealCluster, installation: Installation, count: number): Promise<void> => {
  const before = await installation.replicas();
  const restarts = (pods: readonly Replica[]) =>
    pods.reduce((sum, { status }) => sum + (status.containerStatuses?.[0]?.restartCount ?? 0), 0);
  await Promise.all(before.slice(0, count).map((replica) => killProcess(real, replica)));
  const deadline = Date.now() + 60_000;
  while (restarts(await installation.replicas()) < restarts(before) + count)
    if (Date.now() > deadline) throw new Error("the killed containers were not started again");
  await installation.untilReady();
};

/** All of them, by what they are called. */
export const disturbances: Readonly<Record<string, Disturbance>> = {
  "a rolling update": { isPlanned: true, happen: (_, installation) => installation.rollingRestart() },
  "scaling up and down": {
    isPlanned: true,
    async happen(_, installation) {
      await installation.upgrade({ replicas: 4 });
      await installation.upgrade({ replicas: 2 });
    },
  },
  "one replica deleted by force": {
    isPlanned: false,
    async happen({ cluster }, installation) {
      const [{ metadata } = { metadata: { name: "" } }] = await installation.replicas();
      await cluster.must("DELETE", `/api/v1/namespaces/podpass-system/pods/${metadata.name}?gracePeriodSeconds=0`);
      await installation.untilReady();
    },
  },
  "the process of one replica killed": {
    isPlanned: false,
    happen: (real, installation) => killReplicas(real, installation, 1),
  },
  "both processes killed": { isPlanned: false, happen: (real, installation) => killReplicas(real, installation, 2) },
  "the API server restarted": {
    isPlanned: true,
    async happen({ cluster }, installation) {
      await cluster.restartApiServer();
      await installation.untilReady();
    },
  },
  "the node restarted": {
    isPlanned: false,
    async happen({ node }, installation) {
      await node.kill();
      await node.start();
      await installation.untilReady();
    },
  },
};
