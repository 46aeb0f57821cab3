/** What happens to an installation, and to the cluster below it, while pods are created. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { RealCluster } from "../../cluster/realnode/harness.ts";
import type { Installation, Replica } from "./installation.ts";

/** One thing that happens. */
export interface Disturbance {
  /** Does it, and resolves when the installation is whole again. */
  readonly happen: (real: RealCluster, installation: Installation) => Promise<void>;
  /** Podpass is there all the time, so that no pod may be without its identity. */
  readonly isPlanned: boolean;
  /** The API server is away for a while, and then answers nobody. */
  readonly stopsApiServer?: true;
}

const run = promisify(execFile);

const killProcess = async ({ node, programs }: RealCluster, { status }: Replica): Promise<void> => {
  const id = status.containerStatuses?.[0]?.containerID?.replace("containerd://", "") ?? "";
  const socket = `--address=${join(node.directory, "containerd.sock")}`;
  await run(join(programs.folder, "ctr"), [socket, "-n", "k8s.io", "tasks", "kill", "--signal=SIGKILL", id]);
};

const restartsOf = (pods: readonly Replica[]): number =>
  pods.reduce((sum, { status }) => sum + (status.containerStatuses?.[0]?.restartCount ?? 0), 0);

const killReplicas = async (
  real: RealCluster,
  installation: Installation,
  replicas: readonly Replica[],
): Promise<void> => {
  const expected = restartsOf(await installation.replicas()) + replicas.length;
  await Promise.all(replicas.map((replica) => killProcess(real, replica)));
  const deadline = Date.now() + 60_000;
  while (restartsOf(await installation.replicas()) < expected) {
    if (Date.now() > deadline) throw new Error("the killed containers were not started again");
    await sleep(100);
  }
  await installation.untilReady();
};

/** What happens to Podpass or to the API server, by what it is called. */
export const replicaDisturbances: Readonly<Record<string, Disturbance>> = {
  "a rolling update": { isPlanned: true, happen: (_, installation) => installation.rollingRestart() },
  "scaling up and down": {
    isPlanned: true,
    async happen(_, installation) {
      await installation.upgrade({ replicas: 4 });
      await installation.upgrade({ replicas: 2 });
    },
  },
  // Pods are new before each killing: kubelet lets a container wait that ends again and again.
  "both processes killed at once": {
    isPlanned: false,
    happen: async (real, installation) => killReplicas(real, installation, await installation.replicas()),
  },
  "both replicas deleted by force, one after the other": {
    isPlanned: false,
    async happen({ cluster }, installation) {
      for (const { metadata } of await installation.replicas()) {
        await cluster.must("DELETE", `/api/v1/namespaces/podpass-system/pods/${metadata.name}?gracePeriodSeconds=0`);
        await installation.untilReady();
      }
    },
  },
  // Whichever of them the API server's connections lead to, it is among them.
  "both processes killed, one after the other": {
    isPlanned: false,
    async happen(real, installation) {
      for (const replica of await installation.replicas()) await killReplicas(real, installation, [replica]);
    },
  },
  "the API server restarted": {
    isPlanned: true,
    stopsApiServer: true,
    async happen({ cluster }, installation) {
      await cluster.restartApiServer();
      await installation.untilReady();
    },
  },
};

/** Those in which no replica is there for a moment. */
export const outages: Readonly<Record<string, Disturbance>> = Object.fromEntries(
  Object.entries(replicaDisturbances).filter(([name]) => name.startsWith("both processes killed")),
);

/** What takes every pod with it. */
export const nodeDisturbances: Readonly<Record<string, Disturbance>> = {
  "the node restarted": {
    isPlanned: false,
    async happen({ node }, installation) {
      await node.kill();
      await node.start();
      await installation.untilReady();
    },
  },
};
