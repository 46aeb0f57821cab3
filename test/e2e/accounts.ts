/** ServiceAccounts, and Podpass' right to read them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { User } from "../cluster/credentials.ts";
import { grantPodpassRights } from "../cluster/podpass-rights.ts";

/** A ServiceAccount; in `default` unless told. */
export interface Account {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The user that Podpass is at the API server: it may read ServiceAccounts, and nothing else. */
export const podpassUser: User = { name: "podpass", groups: [] };

/** Gives Podpass its right, and writes a kubeconfig file with which it reaches the cluster at `server`. */
export const podpassKubeconfig = async (cluster: Cluster, directory: string, server: string): Promise<string> => {
  await grantPodpassRights(cluster, { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: podpassUser.name });
  const path = join(directory, "kubeconfig");
  const ca = Buffer.from(cluster.caPem).toString("base64");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": ca } }],
    users: [{ name: "podpass", user: { token: cluster.userToken(podpassUser.name) } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "podpass" } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(kubeconfig), { mode: 0o600 });
  return path;
};

/** Makes a ServiceAccount. */
export const createAccount = (cluster: Cluster, account: Account): Promise<ApiObject> => {
  const { name, namespace = "default", annotations = {} } = account;
  return cluster.must("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, annotations },
  });
};
