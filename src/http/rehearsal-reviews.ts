/** Made-up reviews, as an API server writes them, and the ServiceAccounts of their pods. */
import type { Settings } from "../configuration/settings.ts";
import type { ServiceAccount } from "../federation/service-account.ts";

const NAMESPACE = "rehearsal";

/** Pods of it are looked at no further than their ServiceAccount. */
const PLAIN: ServiceAccount = { namespace: NAMESPACE, name: "plain", annotations: new Map() };

const federated = (settings: Settings): ServiceAccount => {
  const { annotationPrefix, providers } = settings;
  const provider = providers.has("aws") ? "aws" : (providers.keys().next().value ?? "");
  const annotations = new Map([
    [`${annotationPrefix}/federate`, provider],
    [`aws.${annotationPrefix}/role-arn`, "arn:aws:iam::123456789012:role/rehearsal"],
    [`aws.${annotationPrefix}/region`, "eu-west-1"],
  ]);
  return { namespace: NAMESPACE, name: "federated", annotations };
};

/** By name: one that is federated with a provider of `settings`, and one that is not. */
export const rehearsalAccounts = (settings: Settings): ReadonlyMap<string, ServiceAccount> =>
  new Map([federated(settings), PLAIN].map((account) => [account.name, account]));

const managedFields = [
  {
    manager: "kube-controller-manager",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-01-01T00:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:metadata": { "f:labels": { ".": {}, "f:app": {} } }, "f:spec": { "f:containers": {} } },
  },
];

const tokenVolume = {
  name: "kube-api-access-x7k2p",
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
    ],
    defaultMode: 420,
  },
};

const probe = (path: string): object => ({
  httpGet: { path, port: "http", scheme: "HTTP" },
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
});

const container = (name: string): object => ({
  name,
  image: `registry.example.com/${name}:1.0.0`,
  args: ["--listen=:8080"],
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
  envFrom: [{ configMapRef: { name } }],
  env: [
    { name: "LOG_LEVEL", value: "info" },
    { name: "NODE_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "spec.nodeName" } } },
  ],
  resources: { limits: { memory: "128Mi" }, requests: { cpu: "50m", memory: "64Mi" } },
  volumeMounts: [
    { name: "data", mountPath: "/data" },
    { name: tokenVolume.name, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" },
  ],
  livenessProbe: probe("/live"),
  readinessProbe: probe("/ready"),
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
  securityContext: { capabilities: { drop: ["ALL"] }, allowPrivilegeEscalation: false },
});

const toleration = (key: string): object => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 });

const podOf = (account: string, containers: readonly string[]): object => ({
  kind: "Pod",
  apiVersion: "v1",
  metadata: {
    generateName: `${account}-5d8f7c6b9-`,
    namespace: NAMESPACE,
    labels: { app: account, "pod-template-hash": "5d8f7c6b9" },
    annotations: { "prometheus.io/scrape": "true" },
    ownerReferences: [
      {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: account,
        uid: "u",
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
    managedFields,
  },
  spec: {
    volumes: [{ name: "data", emptyDir: {} }, tokenVolume],
    containers: containers.map(container),
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    serviceAccountName: account,
    serviceAccount: account,
    securityContext: { runAsNonRoot: true, fsGroup: 1000 },
    schedulerName: "default-scheduler",
    tolerations: [toleration("node.kubernetes.io/not-ready"), toleration("node.kubernetes.io/unreachable")],
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: "PreemptLowerPriority",
  },
  status: {},
});

const PODS = { group: "", version: "v1", resource: "pods" };
const KIND = { group: "", version: "v1", kind: "Pod" };

const reviewOf = (account: string, containers: readonly string[]): string =>
  JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "00000000-0000-4000-8000-000000000000",
      kind: KIND,
      resource: PODS,
      requestKind: KIND,
      requestResource: PODS,
      namespace: NAMESPACE,
      operation: "CREATE",
      userInfo: {
        username: "system:serviceaccount:kube-system:replicaset-controller",
        groups: ["system:authenticated"],
      },
      object: podOf(account, containers),
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  });

/** The bodies; most of a cluster's pods have one container, and a federated one is more to do. */
export const rehearsalReviews = (): readonly string[] => [
  reviewOf("federated", ["web"]),
  reviewOf("federated", ["web", "proxy"]),
  reviewOf("plain", ["web"]),
];
