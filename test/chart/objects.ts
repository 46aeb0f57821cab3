/** Rendered objects at a real API server. */
import type { ApiRequestOptions, ApiResponse } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Rendered } from "../cluster/helm/harness.ts";

/** The resource of each kind that the chart has, and whether it is of the whole cluster. */
const resources: Readonly<Record<string, { readonly name: string; readonly isClusterWide?: boolean }>> = {
  Certificate: { name: "certificates" },
  ClusterRole: { name: "clusterroles", isClusterWide: true },
  ClusterRoleBinding: { name: "clusterrolebindings", isClusterWide: true },
  ConfigMap: { name: "configmaps" },
  CustomResourceDefinition: { name: "customresourcedefinitions", isClusterWide: true },
  Deployment: { name: "deployments" },
  HorizontalPodAutoscaler: { name: "horizontalpodautoscalers" },
  Issuer: { name: "issuers" },
  MutatingAdmissionPolicy: { name: "mutatingadmissionpolicies", isClusterWide: true },
  MutatingAdmissionPolicyBinding: { name: "mutatingadmissionpolicybindings", isClusterWide: true },
  MutatingWebhookConfiguration: { name: "mutatingwebhookconfigurations", isClusterWide: true },
  Namespace: { name: "namespaces", isClusterWide: true },
  NetworkPolicy: { name: "networkpolicies" },
  PodDisruptionBudget: { name: "poddisruptionbudgets" },
  PrometheusRule: { name: "prometheusrules" },
  ResourceQuota: { name: "resourcequotas" },
  Role: { name: "roles" },
  RoleBinding: { name: "rolebindings" },
  Secret: { name: "secrets" },
  Service: { name: "services" },
  ServiceAccount: { name: "serviceaccounts" },
  ServiceMonitor: { name: "servicemonitors" },
  ValidatingWebhookConfiguration: { name: "validatingwebhookconfigurations", isClusterWide: true },
  ValidatingAdmissionPolicy: { name: "validatingadmissionpolicies", isClusterWide: true },
  ValidatingAdmissionPolicyBinding: { name: "validatingadmissionpolicybindings", isClusterWide: true },
};

/** Where the API server has `object`. */
export const pathOf = ({ apiVersion, kind, metadata }: Rendered): string => {
  const resource = resources[kind];
  if (resource === undefined) throw new Error(`the kind ${kind} is not known here`);
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = resource.isClusterWide ? "" : `/namespaces/${metadata.namespace ?? "default"}`;
  return `${group}${namespace}/${resource.name}/${metadata.name}`;
};

/** How an object is applied. */
export interface ApplyOptions extends Pick<ApiRequestOptions, "headers"> {
  readonly isDryRun?: boolean;
  readonly manager?: string;
}

/** Applies `object` on the server; a field that there is not is an error. */
export const apply = (
  cluster: Cluster,
  object: Rendered,
  options: ApplyOptions = {},
): Promise<ApiResponse<Rendered>> => {
  const { isDryRun = false, manager = "chart-test", headers = {} } = options;
  const query = `fieldManager=${manager}&force=true&fieldValidation=Strict${isDryRun ? "&dryRun=All" : ""}`;
  const contentType = "application/apply-patch+yaml";
  return cluster.request("PATCH", `${pathOf(object)}?${query}`, object, { contentType, headers });
};

const crd = (group: string, kind: string, plural: string, version: string): Rendered => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names: { kind, plural },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});

/** The kinds of others, without their schemas. */
export const foreignKinds: readonly Rendered[] = [
  crd("cert-manager.io", "Certificate", "certificates", "v1"),
  crd("cert-manager.io", "Issuer", "issuers", "v1"),
  crd("monitoring.coreos.com", "PrometheusRule", "prometheusrules", "v1"),
  crd("monitoring.coreos.com", "ServiceMonitor", "servicemonitors", "v1"),
];
