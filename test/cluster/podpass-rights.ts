/** What Podpass may do at the API server: read ServiceAccounts, and nothing else. */
import type { Cluster } from "./cluster.ts";

/** Who gets the right, as RBAC names a subject. */
export type Subject =
  | { readonly kind: "ServiceAccount"; readonly namespace: string; readonly name: string }
  | { readonly kind: "User"; readonly apiGroup: "rbac.authorization.k8s.io"; readonly name: string };

const group = "rbac.authorization.k8s.io";
const apiVersion = `${group}/v1`;
const metadata = { name: "podpass" };

/** Gives `subject` Podpass' right; once a cluster. */
export const grantPodpassRights = async (cluster: Cluster, subject: Subject): Promise<void> => {
  const rules = [{ apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "list", "watch"] }];
  await cluster.must("POST", `/apis/${apiVersion}/clusterroles`, { apiVersion, kind: "ClusterRole", metadata, rules });
  await cluster.must("POST", `/apis/${apiVersion}/clusterrolebindings`, {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: group, kind: "ClusterRole", name: metadata.name },
    subjects: [subject],
  });
};
