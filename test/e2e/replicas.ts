/** Several replicas of Podpass that make their certificates themselves, beside a test cluster. */
import { X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import type { Cluster } from "../cluster/cluster.ts";
import { grantCertificateRights } from "../cluster/podpass-rights.ts";
import { freePorts } from "../cluster/ports.ts";
import { createServerProcess } from "../cluster/server-process.ts";
import { podpassKubeconfig, podpassUser } from "./accounts.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { getPage, sumOf, webhookConfiguration } from "./podpass.ts";
import { program } from "./program.ts";

/** Podpass' own namespace. */
export const NAMESPACE = "podpass-system";

/** Where its CA is. */
export const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/podpass-ca`;

/** Where its `caBundle` is. */
export const CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass";

const CONFIGURATIONS = CONFIGURATION.replace(/\/podpass$/, "");

/** Under this name 127.0.0.1 is found without a Service. */
const SERVICE = "localhost";

/** One replica. */
export interface ManagedReplica {
  readonly name: string;
  readonly port: number;
  start(): void;
  stop(): Promise<void>;
  readyz(): Promise<{ readonly status: number; readonly body: string }>;
  isReady(): Promise<boolean>;
  metric(name: string, labels?: string): Promise<number>;
  /** Messages of its log, with the time and the whole line. */
  log(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** How far its machine's clock is ahead. */
  setClock(milliseconds: number): Promise<void>;
}

/** Options of all of them. */
export interface ReplicasOptions {
  readonly caSeconds?: number;
  readonly leafSeconds?: number;
}

/** All of them. */
export interface Replicas {
  readonly all: readonly ManagedReplica[];
  readonly balancer: Balancer;
  /** Makes the webhook configuration as the chart does, without a `caBundle`. */
  configure(): Promise<void>;
}

const describeReplica = (
  cluster: Cluster,
  name: string,
  [port, healthPort]: readonly [number, number],
  args: readonly string[],
): ManagedReplica => {
  const server = createServerProcess(cluster.keeper, process.execPath, name);
  const health = `http://127.0.0.1:${healthPort}`;
  const clockFile = join(cluster.directory, `${name}.clock`);
  const readyz = () => getPage(`${health}/readyz`);
  return {
    name,
    port,
    start: () =>
      server.start([
        `--env-file=${clockFile}.env`,
        `--import=${fileURLToPath(new URL("clock.ts", import.meta.url))}`,
        program(),
        "serve",
        ...args,
        `--port=${port}`,
        `--health-port=${healthPort}`,
      ]),
    stop: server.stop,
    readyz,
    isReady: async () => (await readyz()).status === 200,
    metric: async (metric, labels = "") => sumOf((await getPage(`${health}/metrics`)).body, metric, labels),
    async log() {
      const lines = (await readFile(server.logFile, "utf8")).split("\n");
      return lines.filter((line) => line.startsWith("{") && line.endsWith("}")).map((line) => JSON.parse(line));
    },
    async setClock(milliseconds) {
      await writeFile(clockFile, String(milliseconds));
      await writeFile(`${clockFile}.env`, `CLOCK_FILE=${clockFile}\n`);
    },
  };
};

/** Prepares `count` replicas, and all that the chart makes; none of them runs yet. It all ends with the cluster. */
export const prepareReplicas = async (
  cluster: Cluster,
  count: number,
  { caSeconds, leafSeconds }: ReplicasOptions = {},
): Promise<Replicas> => {
  const subject = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: podpassUser.name } as const;
  const metadata = { name: NAMESPACE };
  await cluster.must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  const directory = join(cluster.directory, "replicas");
  await mkdir(directory);
  const kubeconfig = await podpassKubeconfig(cluster, directory, cluster.url);
  await grantCertificateRights(cluster, subject, NAMESPACE);
  const args = [
    `--kubeconfig=${kubeconfig}`,
    `--namespace=${NAMESPACE}`,
    "--ca-secret=podpass-ca",
    `--service=${SERVICE}`,
    "--webhook-configuration=podpass",
    "--host=127.0.0.1",
    "--health-host=127.0.0.1",
    "--drain-seconds=0",
    ...(caSeconds === undefined ? [] : [`--ca-seconds=${caSeconds}`]),
    ...(leafSeconds === undefined ? [] : [`--leaf-seconds=${leafSeconds}`]),
  ];
  const ports = await freePorts(2 * count);
  const all = Array.from({ length: count }, (_, index) => {
    const own = [ports[2 * index] ?? 0, ports[2 * index + 1] ?? 0] as const;
    return describeReplica(cluster, `replica-${index}`, own, args);
  });
  await Promise.all(all.map((replica) => replica.setClock(0)));
  const balancer = await startBalancer(() => all);
  const configure = async () => {
    const { webhooks, ...rest } = webhookConfiguration(
      `https://${SERVICE}:${balancer.port}/mutate/pods`,
      undefined,
      {},
    );
    await cluster.must("POST", CONFIGURATIONS, { ...rest, webhooks });
  };
  return { all, balancer, configure };
};

/** The certificates in the `caBundle` of the webhook configuration; empty where there is none. */
export const readCaBundle = async (cluster: Cluster): Promise<readonly string[]> => {
  const { webhooks } = await cluster.must<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(
    "GET",
    CONFIGURATION,
  );
  const text = Buffer.from(webhooks[0]?.clientConfig.caBundle ?? "", "base64").toString();
  return text.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
};

/** The CA in the Secret; undefined where there is none. */
export const readCa = async (cluster: Cluster): Promise<X509Certificate | undefined> => {
  const { body } = await cluster.request<{ data?: Record<string, string> }>("GET", SECRET);
  const text = Buffer.from(body.data?.["ca.crt"] ?? "", "base64").toString();
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
};

/** A new connection to a replica, by a client that trusts `bundle`: what it serves, or why it is refused. */
export const shakeHands = ({ port }: { readonly port: number }, bundle: readonly string[]) =>
  new Promise<X509Certificate | Error>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, servername: SERVICE, ca: [...bundle], timeout: 5000 });
    socket.once("secureConnect", () => {
      resolve(socket.getPeerX509Certificate() ?? new Error("no certificate"));
      socket.destroy();
    });
    socket.once("timeout", () => socket.destroy(new Error("timeout")));
    socket.once("error", resolve);
  });
