/** The cluster that a command asks: of a kubeconfig file, or of the pod that it runs in. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AccessSource } from "../kube/access.ts";
import { createClusterQueries } from "../kube/cluster-queries.ts";
import { type Connection, createConnection } from "../kube/connection.ts";
import { inClusterAccess, isInCluster } from "../kube/in-cluster.ts";
import { kubeconfigAccess } from "../kube/kubeconfig.ts";
import { messageOf } from "../reasons/text.ts";
import type { OpenCluster } from "../trust/cluster-queries.ts";
import { BadInput } from "./exit-codes.ts";
import { readText } from "./sources.ts";

/** The options of every command that asks a cluster. */
export interface ClusterOptions {
  /** Undefined: `KUBECONFIG`, `~/.kube/config`, and then the pod's own. */
  readonly kubeconfig?: string;
  readonly context?: string;
}

const NO_CLUSTER =
  "there is no cluster to ask: KUBECONFIG is not set, and there is no ~/.kube/config; name a file with --kubeconfig";

const findAccess = async ({ kubeconfig, context }: ClusterOptions): Promise<AccessSource> => {
  // An empty path would mean the default.
  if (kubeconfig !== undefined) await readText(kubeconfig);
  const isNamed = kubeconfig !== undefined || Boolean(process.env["KUBECONFIG"]);
  if (isNamed || existsSync(join(homedir(), ".kube", "config")))
    return kubeconfigAccess({
      ...(kubeconfig !== undefined && { path: kubeconfig }),
      ...(context !== undefined && { context }),
    });
  // Contexts are a kubeconfig's.
  if (context !== undefined || !isInCluster()) throw new BadInput(NO_CLUSTER);
  return inClusterAccess();
};

/**
 * Runs `command` with a connection to the cluster that the options mean; it is opened only when `command` asks for it, and
 * closed at the end.
 */
export const usingConnection = async (
  options: ClusterOptions,
  command: (open: () => Promise<Connection>) => Promise<number>,
): Promise<number> => {
  let connection: Connection | undefined;
  try {
    return await command(async () => {
      connection ??= createConnection({ access: await findAccess(options) });
      return connection;
    });
  } finally {
    connection?.close();
  }
};

/** The same, with the questions of `trust` and `token`. */
export const usingCluster = (
  options: ClusterOptions,
  command: (open: OpenCluster) => Promise<number>,
): Promise<number> => usingConnection(options, (open) => command(async () => createClusterQueries(await open())));

/** The connection; throws {@link BadInput} where there is none to be had, whatever the reason. */
export const openOrFail = async (open: () => Promise<Connection>): Promise<Connection> => {
  try {
    return await open();
  } catch (error) {
    throw error instanceof BadInput ? error : new BadInput(`the cluster cannot be asked: ${messageOf(error)}`);
  }
};
