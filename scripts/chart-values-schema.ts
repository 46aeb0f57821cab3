/** What the values of the chart may be; the descriptions are in its values.yaml. */
import { z } from "zod";

const free = () => z.record(z.string(), z.unknown());
const objects = () => z.array(free());
const strings = () => z.array(z.string());
const texts = () => z.record(z.string(), z.string());
const count = () => z.int().min(0);
const port = () => z.int().min(1).max(65535);
const seconds = () => z.int().min(0);
/** A name that is also that of a Service, or none. */
const objectName = () => z.string().regex(/^([a-z]([-a-z0-9]{0,61}[a-z0-9])?)?$/);
const duration = () => z.string().regex(/^([0-9]+(h|m|s|ms))+$/);
const switched = () => z.strictObject({ create: z.boolean() });

const image = () =>
  z.strictObject({
    repository: z.string().min(1),
    tag: z.string(),
    digest: z.string().regex(/^(sha256:[a-f0-9]{64})?$/),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
    pullSecrets: z.array(z.strictObject({ name: z.string() })),
  });

const certificates = () =>
  z.strictObject({
    mode: z.enum(["managed", "files", "cert-manager"]),
    secretName: z.string(),
    caBundle: z.string().regex(/^(\s*-----BEGIN CERTIFICATE-----[\s\S]*)?$/),
    certManager: z.strictObject({
      issuerRef: z.strictObject({ name: z.string(), kind: z.string(), group: z.string() }).partial(),
      duration: duration(),
      renewBefore: duration(),
    }),
  });

const webhook = () =>
  z.strictObject({
    failurePolicy: z.enum(["Ignore", "Fail"]),
    timeoutSeconds: z.int().min(1).max(30),
    matchPolicy: z.enum(["Equivalent", "Exact"]),
    excludedNamespaces: z.array(z.string().min(1)),
    namespaceSelector: z.strictObject({ matchLabels: texts(), matchExpressions: objects() }).partial(),
    matchConditions: z.array(z.strictObject({ name: z.string(), expression: z.string() })),
    annotations: texts(),
  });

const policies = () =>
  z.strictObject({
    enabled: z.boolean(),
    mutating: z.strictObject({ enabled: z.boolean() }),
    mode: z.enum(["exact", "label"]),
    reportDrift: z.boolean(),
    rendered: z.string(),
  });

const placement = () => ({
  resources: free(),
  priorityClassName: z.string(),
  resourceQuota: switched().extend({ pods: count() }),
  podSecurityContext: free(),
  securityContext: free(),
  podDisruptionBudget: switched().extend({
    maxUnavailable: z.union([count(), z.string().regex(/^[0-9]+%$/)]),
  }),
  autoscaling: z.strictObject({
    enabled: z.boolean(),
    minReplicas: z.int().min(1),
    maxReplicas: z.int().min(1),
    targetCPUUtilizationPercentage: z.int().min(1),
  }),
  podAntiAffinity: z.enum(["soft", "hard", "none"]),
  affinity: free(),
  topologySpreadConstraints: objects(),
  nodeSelector: texts(),
  tolerations: objects(),
  runtimeClassName: z.string(),
  updateStrategy: free(),
  revisionHistoryLimit: count(),
  drainSeconds: seconds().max(3600),
  terminationGracePeriodSeconds: seconds(),
  startupProbe: free(),
  livenessProbe: free(),
  readinessProbe: free(),
});

const network = () => ({
  ports: z.strictObject({ https: port(), http: port() }),
  hostNetwork: z.boolean(),
  dnsPolicy: z.string(),
  service: z.strictObject({ port: port(), annotations: texts() }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    webhookFrom: objects(),
    metricsFrom: objects(),
    apiServerPorts: z.array(port()).min(1),
    apiServerTo: objects(),
  }),
});

const monitoring = () => ({
  serviceMonitor: z.strictObject({
    enabled: z.boolean(),
    labels: texts(),
    interval: duration(),
    scrapeTimeout: z.string(),
    relabelings: objects(),
    metricRelabelings: objects(),
  }),
  prometheusRule: z.strictObject({
    enabled: z.boolean(),
    labels: texts(),
    alertLabels: texts(),
    job: z.string(),
    runbookUrl: z.string(),
    certificateSeconds: seconds(),
    disabledAlerts: strings(),
    extraRules: objects(),
  }),
  dashboard: z.strictObject({ enabled: z.boolean(), labels: texts(), annotations: texts() }),
});

/** The schema of all values but `configuration`. */
export const chartValuesSchema = () =>
  z
    .strictObject({
      nameOverride: objectName(),
      fullnameOverride: objectName(),
      existingConfigMap: z.string(),
      replicas: count(),
      image: image(),
      logLevel: z.enum(["trace", "debug", "info", "warn", "error"]),
      extraArgs: strings(),
      extraEnv: objects(),
      extraVolumes: objects(),
      extraVolumeMounts: objects(),
      certificates: certificates(),
      webhook: webhook(),
      podStatus: z.strictObject({ enabled: z.boolean(), everyMinutes: z.int().min(5).max(1440) }),
      accountsWebhook: z.strictObject({ enabled: z.boolean(), timeoutSeconds: z.int().min(1).max(30) }),
      policies: policies(),
      clusterObjects: switched(),
      rbac: switched(),
      serviceAccount: switched().extend({ name: z.string(), annotations: texts() }),
      ...network(),
      ...placement(),
      extraLabels: texts(),
      extraAnnotations: texts(),
      podLabels: texts(),
      podAnnotations: texts(),
      ...monitoring(),
    })
    .partial();
