/** Sets of values that cover every switch of the chart, for rendering and for the real API server. */
import type { Values } from "../cluster/helm/harness.ts";

/** By name. The API server takes all of them; cert-manager's and the Prometheus operator's kinds need their CRDs. */
export const valueSets: Readonly<Record<string, Values>> = {
  defaults: {},
  "a whole configuration": {
    configuration: {
      annotationPrefix: "identity.example.com",
      providers: {
        aws: { preset: "aws", parameters: { region: { default: "eu-west-1" } }, env: { AWS_DEFAULT_REGION: null } },
        vault: {
          token: {
            audience: "https://vault.example.com",
            mountPath: "/var/run/secrets/vault",
            expirationSeconds: { max: 4294967296 },
          },
          parameters: { role: { required: true, pattern: "^[a-z0-9-]+$" } },
          env: { VAULT_ROLE: "${parameter.role}" },
          files: [{ name: "client.json", json: { role: "${parameter.role}", list: [1, true, null] } }],
        },
      },
      policy: { tokens: { expirationSeconds: { max: 86400 } } },
    },
  },
  "somebody else's ConfigMap": { existingConfigMap: "other" },
  "one replica that fails closed": {
    replicas: 1,
    webhook: {
      failurePolicy: "Fail",
      timeoutSeconds: 5,
      matchPolicy: "Exact",
      excludedNamespaces: ["kube-system", "monitoring"],
      namespaceSelector: {
        matchLabels: { team: "a" },
        matchExpressions: [{ key: "podpass", operator: "NotIn", values: ["off"] }],
      },
      matchConditions: [{ name: "not-a-job", expression: "object.metadata.name != 'job'" }],
      annotations: { owner: "platform" },
    },
    podDisruptionBudget: { create: false },
    resourceQuota: { create: false },
  },
  "the network of the node": { hostNetwork: true, ports: { https: 10260, http: 10261 } },
  "the most of monitoring": {
    serviceMonitor: {
      enabled: true,
      labels: { release: "prometheus" },
      interval: "15s",
      scrapeTimeout: "10s",
      relabelings: [{ action: "labeldrop", regex: "endpoint" }],
      metricRelabelings: [{ action: "drop", sourceLabels: ["__name__"], regex: "nodejs_.*" }],
    },
    prometheusRule: {
      enabled: true,
      labels: { release: "prometheus" },
      alertLabels: { team: "platform" },
      certificateSeconds: 3600,
      disabledAlerts: ["PodpassServiceAccountsInvalid"],
      extraRules: [{ alert: "Extra", expr: "vector(0)" }],
    },
    dashboard: { enabled: true, annotations: { grafana_folder: "Podpass" } },
  },
  "cert-manager with a CA of the chart": { certificates: { mode: "cert-manager" } },
  "cert-manager with an issuer that is there": {
    certificates: { mode: "cert-manager", certManager: { issuerRef: { name: "internal", kind: "ClusterIssuer" } } },
  },
  "a certificate from a file": {
    certificates: {
      mode: "files",
      secretName: "webhook-tls",
      caBundle: "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n",
    },
  },
  "without what is of the whole cluster": { clusterObjects: { create: false } },
  "roles and account from elsewhere": { rbac: { create: false }, serviceAccount: { create: false, name: "other" } },
  "scaled by load, behind a network policy": {
    autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9 },
    podDisruptionBudget: { maxUnavailable: "30%" },
    networkPolicy: {
      enabled: true,
      webhookFrom: [{ ipBlock: { cidr: "10.1.0.0/16" } }],
      metricsFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
      apiServerPorts: [6443],
      apiServerTo: [{ ipBlock: { cidr: "10.1.0.0/16" } }],
    },
  },
  "everything extra": {
    image: {
      repository: "registry.example.com/podpass",
      digest: `sha256:${"0".repeat(64)}`,
      pullPolicy: "Always",
      pullSecrets: [{ name: "registry" }],
    },
    logLevel: "debug",
    extraArgs: ["--host=0.0.0.0"],
    extraEnv: [{ name: "NODE_EXTRA_CA_CERTS", value: "/etc/ca/ca.crt" }],
    extraVolumes: [{ name: "ca", configMap: { name: "ca" } }],
    extraVolumeMounts: [{ name: "ca", mountPath: "/etc/ca", readOnly: true }],
    extraLabels: { "cost-centre": "7" },
    extraAnnotations: { owner: "platform" },
    podLabels: { sidecar: "none" },
    podAnnotations: { "example.com/scan": "false" },
    serviceAccount: { annotations: { purpose: "webhook" } },
    service: { port: 8443, annotations: { "example.com/topology": "auto" } },
    podAntiAffinity: "hard",
    tolerations: [{ operator: "Exists" }],
    nodeSelector: { pool: "system" },
    topologySpreadConstraints: [],
    runtimeClassName: "gvisor",
    priorityClassName: "",
    updateStrategy: { type: "Recreate" },
    drainSeconds: 20,
    terminationGracePeriodSeconds: 45,
    dnsPolicy: "Default",
    fullnameOverride: "identities",
    enabled: true,
    global: { region: "eu" },
  },
};
