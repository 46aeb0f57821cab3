/** Podpass as a process beside a test cluster, and its registration there. */
import { once } from "node:events";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../../scripts/certificates.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { freePorts } from "../cluster/ports.ts";
import { createServerProcess } from "../cluster/server-process.ts";
import { podpassKubeconfig } from "./accounts.ts";
import { program } from "./program.ts";

/** How the API server calls Podpass. */
export interface PodpassOptions {
  /** The configuration file's text; every preset under its own name by default. */
  readonly config?: string;
  readonly failurePolicy?: "Fail" | "Ignore";
  readonly timeoutSeconds?: number;
  /** Where Podpass finds the API server; its own address by default. */
  readonly reach?: (cluster: Cluster) => Promise<string>;
  /** Where the API server finds Podpass, which listens on `port`; there by default. */
  readonly reached?: (port: number) => Promise<number>;
}

/** A server of `/readyz` and the like has answered. */
interface Page {
  readonly status: number;
  readonly body: string;
}

/** See the file's comment. */
export interface Podpass {
  readonly logFile: string;
  /** Where it listens. */
  readonly port: number;
  /** Kills it and waits for its end. */
  kill(): Promise<void>;
  /** Starts it again on its port, and waits until it is ready. */
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Replaces the configuration file at once, as a mounted ConfigMap is replaced. */
  pushConfig(text: string): Promise<void>;
  readyz(): Promise<Page>;
  /** The sum of a metric over all of its labels that contain `labels`; 0 where there is none. */
  metric(name: string, labels?: string): Promise<number>;
  /** The log so far, one object a line. */
  log(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const readyTimeoutMs = 30_000;
const header = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";

/** A configuration file with `sections` below its header. */
export const configuration = (sections: Readonly<Record<string, unknown>> = {}): string =>
  header +
  Object.entries(sections)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join("");

/** What a plain page answers. */
export const getPage = async (url: string): Promise<Page> => {
  const [response] = await once(request(url, { agent: false, timeout: 2_000 }).end(), "response");
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
};

/** The webhook configuration; without `caPem` its `caBundle` is left to others. */
export const webhookConfiguration = (url: string, caPem: string | undefined, options: PodpassOptions) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "podpass" },
  webhooks: [
    {
      name: "pods.podpass.dev",
      clientConfig: { url, ...(caPem !== undefined && { caBundle: Buffer.from(caPem).toString("base64") }) },
      rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      namespaceSelector: {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] }],
      },
      failurePolicy: options.failurePolicy ?? "Fail",
      reinvocationPolicy: "IfNeeded",
      timeoutSeconds: options.timeoutSeconds ?? 10,
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  ],
});

/** The sum of the samples of `name` in a metrics page whose labels contain `labels`. */
export const sumOf = (page: string, name: string, labels: string): number =>
  page
    .split("\n")
    .filter((line) => new RegExp(`^${name}[ {]`, "u").test(line) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);

const untilCalled = async (cluster: Cluster, podpass: Podpass): Promise<void> => {
  const metadata = { name: "podpass-canary" };
  await cluster.must("POST", "/api/v1/namespaces/default/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata,
  });
  const deadline = Date.now() + readyTimeoutMs;
  while ((await podpass.metric("podpass_admission_requests_total")) === 0) {
    if (Date.now() > deadline) throw new Error("the API server does not call Podpass");
    await cluster.request("POST", "/api/v1/namespaces/default/pods?dryRun=All", {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: {
        serviceAccountName: metadata.name,
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "example.com/none" }],
      },
    });
    await sleep(50);
  }
};

/** One replica of Podpass, which nobody calls yet. */
interface Replica {
  /** Of its process and its folder. */
  readonly name: string;
  readonly config?: string | undefined;
  readonly kubeconfig: string;
}

/** Where the kubeconfig file is that `startPodpass` has written; other replicas may use it too. */
export const kubeconfigOf = (cluster: Cluster): string => join(cluster.directory, "podpass", "kubeconfig");

/** Starts a replica, and returns when it is ready, with the CA of its certificate. It ends with the cluster. */
export const startReplica = async (
  cluster: Cluster,
  { name, config = configuration(), kubeconfig }: Replica,
): Promise<{ readonly podpass: Podpass; readonly ca: string }> => {
  const directory = join(cluster.directory, name);
  await mkdir(directory, { recursive: true });
  const file = (part: string) => join(directory, part);
  const authority = await createAuthority("podpass test webhook");
  const pair = await authority.issue({ names: ["127.0.0.1", "localhost"] });
  await Promise.all([
    writeFile(file("tls.crt"), pair.cert),
    writeFile(file("tls.key"), pair.key, { mode: 0o600 }),
    writeFile(file("config.yaml"), config),
  ]);
  const [port = 0, healthPort = 0] = await freePorts(2);
  const health = `http://127.0.0.1:${healthPort}`;
  const server = createServerProcess(cluster.keeper, process.execPath, name);
  const args = {
    config: file("config.yaml"),
    kubeconfig,
    "tls-cert": file("tls.crt"),
    "tls-key": file("tls.key"),
    host: "127.0.0.1",
    port,
    "health-host": "127.0.0.1",
    "health-port": healthPort,
    namespace: "podpass",
  };

  const podpass: Podpass = {
    logFile: server.logFile,
    port,
    kill: () => server.stop(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    async start() {
      server.start([program(), "serve", ...Object.entries(args).map(([name, value]) => `--${name}=${value}`)]);
      await server.waitUntil(async () => (await getPage(`${health}/readyz`)).status === 200, readyTimeoutMs);
    },
    async pushConfig(text) {
      await writeFile(file("config.new"), text);
      await rename(file("config.new"), file("config.yaml"));
    },
    readyz: () => getPage(`${health}/readyz`),
    metric: async (name, labels = "") => sumOf((await getPage(`${health}/metrics`)).body, name, labels),
    async log() {
      const lines = (await readFile(server.logFile, "utf8")).split("\n");
      return lines.filter((line) => line.startsWith("{") && line.endsWith("}")).map((line) => JSON.parse(line));
    },
  };
  await podpass.start();
  return { podpass, ca: authority.ca };
};

/** Starts Podpass, registers it at the cluster, and returns when the API server calls it. It ends with the cluster. */
export const startPodpass = async (cluster: Cluster, options: PodpassOptions = {}): Promise<Podpass> => {
  const { reach = async ({ url }: Cluster) => url, reached = async (at: number) => at, config } = options;
  const directory = join(cluster.directory, "podpass");
  await mkdir(directory);
  const kubeconfig = await podpassKubeconfig(cluster, directory, await reach(cluster));
  const { podpass, ca } = await startReplica(cluster, { name: "podpass", config, kubeconfig });
  const path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
  const url = `https://127.0.0.1:${await reached(podpass.port)}/mutate/pods`;
  await cluster.must("POST", path, webhookConfiguration(url, ca, options));
  await untilCalled(cluster, podpass);
  return podpass;
};
