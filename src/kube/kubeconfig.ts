/** Access from a kubeconfig file, exec plugins and client certificates included. */
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { type Access, type AccessSource, readServer } from "./access.ts";

/** Which file, and which of its contexts. */
export interface KubeconfigOptions {
  /** Undefined: `KUBECONFIG`, else `~/.kube/config`, else the pod's own ServiceAccount. */
  readonly path?: string;
  /** Undefined: the file's current context. */
  readonly context?: string;
}

const text = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  return Array.isArray(value) ? value.map(text).join("\n") : undefined;
};

// Loaded only here: it costs 40 MB, and a server in a cluster needs four files.
const importClient = async (): Promise<typeof import("@kubernetes/client-node")> => {
  try {
    return await import("@kubernetes/client-node");
  } catch (error) {
    throw new Error("a kubeconfig needs the package @kubernetes/client-node, which cannot be loaded", { cause: error });
  }
};

const load = async ({ path, context }: KubeconfigOptions): Promise<KubeConfig> => {
  const config = new (await importClient()).KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  const wanted = context ?? config.getCurrentContext();
  if (!wanted || !config.getContextObject(wanted))
    throw new Error(`the kubeconfig has no context ${JSON.stringify(wanted ?? "")}`);
  config.setCurrentContext(wanted);
  return config;
};

const readAccess = async (config: KubeConfig): Promise<Access> => {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig's context names no cluster of the file");
  if (cluster.skipTLSVerify)
    throw new Error("the kubeconfig says insecure-skip-tls-verify; the API server is always verified here");
  if (cluster.proxyUrl) throw new Error("the kubeconfig says proxy-url, which is not supported here");
  const server = readServer(cluster.server);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const authorization = options.auth
    ? `Basic ${Buffer.from(options.auth).toString("base64")}`
    : text((options.headers as Readonly<Record<string, unknown>> | undefined)?.["Authorization"]);
  return {
    server,
    ca: text(options.ca),
    cert: text(options.cert),
    key: text(options.key),
    serverName: options.servername,
    authorization,
  };
};

/**
 * Access with a kubeconfig, read by `@kubernetes/client-node`, which is imported by the first reading: it costs 40 MB.
 * An exec plugin is run again when its credential has expired or was refused.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export const kubeconfigAccess = (options: KubeconfigOptions = {}): AccessSource => {
  let config: KubeConfig | undefined;
  return {
    async read(wasRefused) {
      // The client keeps what a plugin gave until it expires, and a token without an end for ever.
      if (config === undefined || wasRefused) config = await load(options);
      return readAccess(config);
    },
  };
};
