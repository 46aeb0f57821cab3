/** An installation as the chart makes it, object by object, beside a Podpass that runs as a process of this machine. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority } from "../../scripts/certificates.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { freePorts } from "../cluster/ports.ts";
import { createServerProcess, type ServerProcess } from "../cluster/server-process.ts";
import { podpassUser } from "./accounts.ts";
import { configuration } from "./podpass.ts";
import { program } from "./program.ts";

/** Where everything is. */
export const NAMESPACE = "podpass-system";
const NAME = "podpass";
const HOST = `${NAME}.${NAMESPACE}.svc`;
const LABELS = { "app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": NAME };
const RBAC = "rbac.authorization.k8s.io";

/** Paths of the objects that tests change. */
export const PATHS = {
  webhook: `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${NAME}`,
  accountsWebhook: `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${NAME}`,
  configMap: `/api/v1/namespaces/${NAMESPACE}/configmaps/${NAME}`,
  clusterRole: `/apis/${RBAC}/v1/clusterroles/${NAME}`,
  clusterRoleBindings: `/apis/${RBAC}/v1/clusterrolebindings`,
  deployment: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${NAME}`,
} as const;

/** See the file's comment. */
export interface Installation {
  readonly process: ServerProcess;
  /** Starts the process again. */
  start(): Promise<void>;
  /** The webhook for pods, as it was registered. */
  readonly webhook: Readonly<Record<string, unknown>>;
  /** That for ServiceAccounts. */
  readonly accountsWebhook: Readonly<Record<string, unknown>>;
  /** The serving certificate, PEM. */
  readonly certificate: string;
}

const deployment = () => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: NAME, labels: LABELS },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: NAME,
        containers: [
          {
            name: NAME,
            image: "registry.example.com/podpass:0.1.0",
            args: [
              "serve",
              "--config=/etc/podpass/configuration.yaml",
              `--ca-secret=${NAME}-ca`,
              `--webhook-configuration=${NAME}`,
              `--validating-webhook-configuration=${NAME}`,
            ],
            ports: [{ name: "http", containerPort: 8080 }],
            volumeMounts: [{ name: "configuration", mountPath: "/etc/podpass" }],
          },
        ],
        volumes: [{ name: "configuration", configMap: { name: NAME } }],
      },
    },
  },
});

const webhookOf = (port: number, ca: string) => ({
  name: "pods.podpass.dev",
  admissionReviewVersions: ["v1"],
  clientConfig: {
    service: { namespace: NAMESPACE, name: NAME, path: "/mutate/pods", port },
    caBundle: Buffer.from(ca).toString("base64"),
  },
  rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], scope: "Namespaced" }],
  namespaceSelector: {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: [NAMESPACE, "kube-system"] }],
  },
  matchConditions: [
    {
      name: "not-a-mirror-pod",
      expression:
        "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
    },
  ],
  reinvocationPolicy: "IfNeeded",
  sideEffects: "None",
  failurePolicy: "Ignore",
  timeoutSeconds: 5,
});

const own = "k.startsWith('podpass.dev/') || k.contains('.podpass.dev/')";

const accountsWebhookOf = (port: number, ca: string) => ({
  name: "serviceaccounts.podpass.dev",
  admissionReviewVersions: ["v1"],
  clientConfig: {
    service: { namespace: NAMESPACE, name: NAME, path: "/validate/serviceaccounts", port },
    caBundle: Buffer.from(ca).toString("base64"),
  },
  rules: [
    {
      operations: ["CREATE", "UPDATE"],
      apiGroups: [""],
      apiVersions: ["v1"],
      resources: ["serviceaccounts"],
      scope: "Namespaced",
    },
  ],
  namespaceSelector: webhookOf(port, ca).namespaceSelector,
  matchConditions: [
    {
      name: "has-own-annotations",
      expression: `has(object.metadata.annotations) && object.metadata.annotations.exists(k, ${own})`,
    },
  ],
  sideEffects: "None",
  failurePolicy: "Ignore",
  timeoutSeconds: 5,
});

const webhookRule = (resource: string) => ({
  apiGroups: ["admissionregistration.k8s.io"],
  resources: [resource],
  resourceNames: [NAME],
  verbs: ["get", "patch"],
});

/** The rules of the ClusterRole. */
export const CLUSTER_RULES: readonly object[] = [
  { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "list", "watch"] },
  webhookRule("mutatingwebhookconfigurations"),
  webhookRule("validatingwebhookconfigurations"),
];

const rights = () => {
  const account = { kind: "ServiceAccount", namespace: NAMESPACE, name: NAME };
  const user = { kind: "User", apiGroup: RBAC, name: podpassUser.name };
  const metadata = { name: NAME };
  const secretRule = {
    apiGroups: [""],
    resources: ["secrets"],
    resourceNames: [`${NAME}-ca`],
    verbs: ["get", "create", "update", "patch"],
  };
  const roles = `/apis/${RBAC}/v1/namespaces/${NAMESPACE}`;
  const ref = (kind: string) => ({ apiGroup: RBAC, kind, name: NAME });
  return [
    [`/apis/${RBAC}/v1/clusterroles`, { metadata, rules: CLUSTER_RULES }],
    [PATHS.clusterRoleBindings, { metadata, roleRef: ref("ClusterRole"), subjects: [account, user] }],
    [`${roles}/roles`, { metadata, rules: [secretRule] }],
    [`${roles}/rolebindings`, { metadata, roleRef: ref("Role"), subjects: [account] }],
  ] as const;
};

const replica = (number: number) => ({
  metadata: { name: `${NAME}-${number}`, labels: LABELS },
  spec: {
    serviceAccountName: NAME,
    automountServiceAccountToken: false,
    containers: [{ name: NAME, image: "registry.example.com/podpass:0.1.0" }],
  },
});

const objects = (port: number, ca: string): readonly (readonly [path: string, body: object])[] => {
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  const metadata = { name: NAME };
  return [
    [`${core}/serviceaccounts`, { metadata }],
    [`${core}/configmaps`, { metadata, data: { "configuration.yaml": configuration() } }],
    [`${core}/secrets`, { metadata: { name: `${NAME}-ca` }, stringData: { "ca.crt": ca, "ca.key": "the key" } }],
    // No address of loopback may be an endpoint, so this leads the API server to the process.
    [`${core}/services`, { metadata, spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] } }],
    [
      `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`,
      {
        metadata: { name: NAME, labels: { "kubernetes.io/service-name": NAME } },
        addressType: "IPv4",
        endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: true } }],
      },
    ],
    [`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, deployment()],
    [
      `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } } },
    ],
    ...rights(),
    [`${core}/pods`, replica(1)],
    [`${core}/pods`, replica(2)],
  ];
};

const setStatus = async (cluster: Cluster): Promise<void> => {
  // Above what any change of a test makes of it.
  const counts = { observedGeneration: 1000, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
  await cluster.must("PATCH", `${PATHS.deployment}/status`, { status: counts });
  await cluster.must("PATCH", `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/${NAME}/status`, {
    status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
  });
};

/** A kubeconfig file for whoever has `token`. */
export const kubeconfigFor = async (cluster: Cluster, name: string, token: string): Promise<string> => {
  const path = join(cluster.directory, `${name}.kubeconfig`);
  const ca = Buffer.from(cluster.caPem).toString("base64");
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: cluster.url, "certificate-authority-data": ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: name } }],
    "current-context": "test",
  };
  await writeFile(path, JSON.stringify(kubeconfig), { mode: 0o600 });
  return path;
};

const startServing = async (cluster: Cluster, port: number, healthPort: number) => {
  const directory = join(cluster.directory, "podpass");
  await mkdir(directory);
  const file = (name: string) => join(directory, name);
  const authority = await createAuthority("podpass");
  const pair = await authority.issue({ names: [HOST] });
  await Promise.all([
    writeFile(file("tls.crt"), pair.cert),
    writeFile(file("tls.key"), pair.key, { mode: 0o600 }),
    writeFile(file("configuration.yaml"), configuration()),
  ]);
  const args = {
    config: file("configuration.yaml"),
    kubeconfig: await kubeconfigFor(cluster, "podpass", cluster.userToken(podpassUser.name)),
    "tls-cert": file("tls.crt"),
    "tls-key": file("tls.key"),
    port,
    "health-host": "127.0.0.1",
    "health-port": healthPort,
    namespace: NAMESPACE,
  };
  const server = createServerProcess(cluster.keeper, process.execPath, "podpass");
  const start = async () => {
    server.start([program(), "serve", ...Object.entries(args).map(([name, value]) => `--${name}=${value}`)]);
    const isReady = async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status === 200;
    await server.waitUntil(isReady, 30_000);
  };
  return { process: server, start, ca: authority.ca, certificate: pair.cert };
};

/** Where an object is made that is then at `path`. */
export const collectionOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Makes all objects, starts the process and registers it. `cluster` needs {@link podpassUser}. */
export const install = async (cluster: Cluster): Promise<Installation> => {
  await cluster.must("POST", "/api/v1/namespaces", { metadata: { name: NAMESPACE } });
  const [port = 0, healthPort = 0] = await freePorts(2);
  const { process, start, ca, certificate } = await startServing(cluster, port, healthPort);
  for (const [path, body] of objects(port, ca)) await cluster.must("POST", path, body);
  await setStatus(cluster);
  await start();
  const webhook = webhookOf(port, ca);
  const accountsWebhook = accountsWebhookOf(port, ca);
  const metadata = { name: NAME };
  await cluster.must("POST", collectionOf(PATHS.webhook), { metadata, webhooks: [webhook] });
  await cluster.must("POST", collectionOf(PATHS.accountsWebhook), { metadata, webhooks: [accountsWebhook] });
  return { process, start, webhook, accountsWebhook, certificate };
};
