/** The one connection of `podpass serve` to its API server. */
import type { Connection } from "../kube/connection.ts";
import type { AccountsOptions } from "./open-accounts.ts";

/** Opens it; undefined where no cluster is asked. Nothing is sent yet. */
export const openConnection = async ({ manifests, kubeconfig }: AccountsOptions): Promise<Connection | undefined> => {
  if (manifests !== undefined) return undefined;
  // A server without a cluster starts without all that speaks to one.
  const { createConnection } = await import("../kube/connection.ts");
  const access =
    kubeconfig === undefined
      ? (await import("../kube/in-cluster.ts")).inClusterAccess()
      : (await import("../kube/kubeconfig.ts")).kubeconfigAccess({ path: kubeconfig });
  return createConnection({ access });
};
