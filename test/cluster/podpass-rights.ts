/** What Podpass may do at the API server: read ServiceAccounts, keep its certificates where it does so, and nothing else. */
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

const certificateRules = {
  Role: [
    {
      apiGroups: [""],
      resources: ["secrets"],
      resourceNames: ["podpass-ca"],
      verbs: ["get", "patch", "create"],
    },
  ],
  ClusterRole: [
    {
      apiGroups: ["admissionregistration.k8s.io"],
      resources: ["mutatingwebhookconfigurations"],
      resourceNames: ["podpass"],
      verbs: ["get", "patch"],
    },
  ],
} as const;

const certificates = "podpass-certificates";

const paths = (namespace: string) =>
  ({
    Role: `/apis/${apiVersion}/namespaces/${namespace}/roles`,
    ClusterRole: `/apis/${apiVersion}/clusterroles`,
  }) as const;

/** Gives `subject` what managed certificates need in `namespace`; once a cluster. */
export const grantCertificateRights = async (cluster: Cluster, subject: Subject, namespace: string): Promise<void> => {
  for (const kind of ["Role", "ClusterRole"] as const) {
    const path = paths(namespace)[kind];
    await cluster.must("POST", path, {
      apiVersion,
      kind,
      metadata: { name: certificates },
      rules: certificateRules[kind],
    });
    await cluster.must("POST", path.replace(/roles$/, "rolebindings"), {
      apiVersion,
      kind: `${kind}Binding`,
      metadata: { name: certificates },
      roleRef: { apiGroup: group, kind, name: certificates },
      subjects: [subject],
    });
  }
};

/** Leaves so much of it, or gives all back. */
export const restrictCertificateRights = async (
  cluster: Cluster,
  namespace: string,
  left: "all" | "read" | "nothing",
): Promise<void> => {
  for (const kind of ["Role", "ClusterRole"] as const) {
    const rules = certificateRules[kind].map((rule) => ({
      ...rule,
      verbs: left === "all" ? rule.verbs : ["get"],
    }));
    await cluster.must("PATCH", `${paths(namespace)[kind]}/${certificates}`, {
      rules: left === "nothing" ? [] : rules,
    });
  }
};
