/**
 * A real control plane for tests: etcd, kube-apiserver and, where asked for, its controllers, on free ports of 127.0.0.1
 * or in a network namespace of its own. Several run side by side, and nothing of them outlives this process, however it
 * ends.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { JSONWebKeySet } from "jose";
import { Agent, request as httpRequest } from "undici";
import { type ApiClient, createApiClient } from "./api-client.ts";
import type { Binaries } from "./controlplane/binaries.ts";
import { admin, controllerManager, createCredentials, scheduler, type User } from "./credentials.ts";
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  type Flags,
  type Layout,
  schedulerFlags,
  toArguments,
} from "./flags.ts";
import { createKeeper, type Keeper } from "./keeper.ts";
import { type Place, placeInNetwork, placeOnLoopback } from "./place.ts";
import { createServerProcess, type ServerProcess } from "./server-process.ts";

/** How a cluster is started. */
export interface ClusterOptions {
  readonly binaries: Extract<Binaries, { kind: "found" }>;
  readonly controllerManager?: boolean;
  /** Starts kube-scheduler, which the binaries must have. */
  readonly scheduler?: boolean;
  /** Puts all of it into a network namespace of its own, which takes root and this busybox. */
  readonly isolatedBy?: string;
  /** Node names; each has a Node object and a user `system:node:NAME`. One node, `node-1`, by default. */
  readonly nodes?: readonly string[];
  readonly users?: readonly User[];
  /** Flags of kube-apiserver beside the usual ones, or in their place. */
  readonly apiServerFlags?: Flags;
  /** An https URL; one that no other cluster has by default. */
  readonly issuer?: string;
}

/** A running cluster. */
export interface Cluster extends Pick<ApiClient, "request" | "must"> {
  readonly url: string;
  readonly caPem: string;
  readonly issuer: string;
  readonly adminToken: string;
  /** The token of a user of `ClusterOptions.users`. */
  readonly userToken: (user: string) => string;
  readonly nodeToken: (node?: string) => string;
  readonly kubeconfigPath: string;
  /** Writes a kubeconfig file for a user that has a token. */
  readonly writeKubeconfig: (user: string) => Promise<string>;
  /** The command line before a program that is to reach `url`; empty where that is this machine's. */
  readonly enter: readonly string[];
  /** Sockets that lead into the network namespace, where there is one. */
  readonly sockets: Place["sockets"];
  readonly etcdUrl: string;
  /** A folder that goes with the cluster. */
  readonly directory: string;
  readonly apiServerLog: string;
  readonly keeper: Keeper;
  /** The keys that relying parties verify tokens with. */
  readonly jwks: () => Promise<JSONWebKeySet>;
  readonly discovery: () => Promise<{ readonly issuer: string; readonly jwks_uri: string }>;
  /** Kills kube-apiserver and starts it again on its port, by default with the flags that it had. */
  readonly restartApiServer: (flags?: Flags) => Promise<void>;
  readonly stopApiServer: () => Promise<void>;
  readonly pauseApiServer: () => void;
  readonly resumeApiServer: () => void;
  /**
   * Forgets etcd's history. A watch from before ends with 410 once the API server's own cache is gone as well, so
   * restart it too.
   */
  readonly compactHistory: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const startTimeoutMs = 60_000;

const startControlPlane = async (outer: Keeper, options: ClusterOptions): Promise<Cluster> => {
  const nodes = options.nodes ?? ["node-1"];
  const credentials = await createCredentials(outer.directory, [
    { name: admin, groups: ["system:masters"] },
    { name: controllerManager, groups: [] },
    { name: scheduler, groups: [] },
    ...nodes.map((node) => ({ name: `system:node:${node}`, groups: ["system:nodes"] })),
    ...(options.users ?? []),
  ]);
  const place = await (options.isolatedBy ? placeInNetwork(outer, options.isolatedBy) : placeOnLoopback(outer));
  const { keeper, etcdPort, url, sockets } = place;
  const issuer = options.issuer ?? `https://${randomBytes(6).toString("hex")}.clusters.example.com`;
  const layout: Layout = { ...place, directory: keeper.directory, issuer, credentials };
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const adminToken = credentials.token(admin);
  const api = createApiClient({ url, caPem: credentials.caPem, adminToken, socketPath: sockets?.apiServer });
  const etcdClient = new Agent(sockets ? { connect: { socketPath: sockets.etcd } } : {});
  const server = (program: string): ServerProcess =>
    createServerProcess(keeper, join(options.binaries.folder, program));
  const [etcd, apiServer] = [server("etcd"), server("kube-apiserver")];
  let extraFlags = options.apiServerFlags ?? {};

  const startApiServer = async (): Promise<void> => {
    apiServer.start(toArguments({ ...apiServerFlags(layout), ...extraFlags }));
    const isReady = async () => (await api.request("GET", "/readyz", undefined, { timeoutMs: 2_000 })).status === 200;
    await apiServer.waitUntil(isReady, startTimeoutMs);
  };
  const etcdCall = async <Body>(path: string, body: unknown): Promise<Body> => {
    const request = { method: "POST", body: JSON.stringify(body), dispatcher: etcdClient } as const;
    const response = await httpRequest(`${etcdUrl}${path}`, request);
    const answer = await response.body.json();
    if (response.statusCode !== 200) throw new Error(`etcd ${path}: ${JSON.stringify(answer)}`);
    return answer as Body;
  };

  etcd.start(toArguments(etcdFlags(layout)));
  const isHealthy = async () => {
    const { statusCode } = await httpRequest(`${etcdUrl}/health`, { dispatcher: etcdClient });
    return statusCode === 200;
  };
  await etcd.waitUntil(isHealthy, startTimeoutMs);
  await startApiServer();
  const nodeObject = (name: string) => ({ apiVersion: "v1", kind: "Node", metadata: { name } });
  await Promise.all(nodes.map((node) => api.must("POST", "/api/v1/nodes", nodeObject(node))));
  // Admission marks every new node as not ready, and no DaemonSet would use it; a node's readiness takes that away.
  await Promise.all(nodes.map((node) => api.must("PATCH", `/api/v1/nodes/${node}`, { spec: { taints: null } })));
  const writeKubeconfig = (user: string) => credentials.writeKubeconfig(user, url);
  if (options.controllerManager) {
    const manager = server("kube-controller-manager");
    manager.start(toArguments(controllerManagerFlags(layout, await writeKubeconfig(controllerManager))));
    const account = "/api/v1/namespaces/default/serviceaccounts/default";
    const rootCa = "/api/v1/namespaces/default/configmaps/kube-root-ca.crt";
    const exists = async (path: string) => (await api.request("GET", path)).status === 200;
    await manager.waitUntil(async () => (await exists(account)) && (await exists(rootCa)), startTimeoutMs);
  }
  if (options.scheduler) server("kube-scheduler").start(toArguments(schedulerFlags(await writeKubeconfig(scheduler))));

  return {
    request: api.request,
    must: api.must,
    url,
    caPem: credentials.caPem,
    issuer,
    adminToken,
    userToken: credentials.token,
    nodeToken: (node = nodes[0] ?? "") => credentials.token(`system:node:${node}`),
    kubeconfigPath: await writeKubeconfig(admin),
    writeKubeconfig,
    enter: place.enter,
    sockets,
    etcdUrl,
    directory: keeper.directory,
    apiServerLog: apiServer.logFile,
    keeper,
    jwks: async () => api.must("GET", "/openid/v1/jwks"),
    discovery: async () => api.must("GET", "/.well-known/openid-configuration"),
    async restartApiServer(flags = extraFlags) {
      extraFlags = flags;
      await apiServer.stop();
      await startApiServer();
    },
    stopApiServer: apiServer.stop,
    pauseApiServer: apiServer.pause,
    resumeApiServer: apiServer.resume,
    async compactHistory() {
      const range = await etcdCall<{ header: { revision: string } }>("/v3/kv/range", { key: "AA==" });
      await etcdCall("/v3/kv/compaction", { revision: range.header.revision, physical: true });
    },
    async stop() {
      await Promise.all([api.close(), etcdClient.destroy()]);
      await keeper.close();
    },
  };
};

/** Starts a cluster; it is ready when this resolves. */
export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
  for (let attempt = 1; ; attempt += 1) {
    const keeper = await createKeeper();
    try {
      return await startControlPlane(keeper, options);
    } catch (error) {
      await keeper.close();
      // Another program may have taken a free port in the meantime.
      const isPortTaken = error instanceof Error && error.message.includes("address already in use");
      if (!isPortTaken || attempt === 3) throw error;
    }
  }
};
