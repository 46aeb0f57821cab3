/** Access from a kubeconfig file, exec plugins and client certificates included. */
import { existsSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { delimiter } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { list, messageOf } from "../reasons/text.ts";
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

/** What people call the file. */
const nameOf = ({ path }: KubeconfigOptions): string =>
  `the kubeconfig ${path ?? (process.env["KUBECONFIG"] || "~/.kube/config")}`;

type Client = Awaited<ReturnType<typeof importClient>>;

const firstOfEachName = <Named extends { readonly name: string }>(all: readonly Named[]): Named[] => {
  const names = new Set<string>();
  return all.filter(({ name }) => !names.has(name) && names.add(name));
};

/**
 * Several files as kubectl merges them, which the client does otherwise: one that is not there is passed over, and what is
 * said first holds, the current context too.
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
const loadFiles = ({ KubeConfig }: Client, paths: readonly string[]): KubeConfig => {
  const there = paths.filter((path) => existsSync(path));
  const files = (there.length > 0 ? there : paths).map((path) => {
    const file = new KubeConfig();
    file.loadFromFile(path);
    return file;
  });
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firstOfEachName(files.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(files.flatMap(({ users }) => users)),
    contexts: firstOfEachName(files.flatMap(({ contexts }) => contexts)),
    currentContext: files.map(({ currentContext }) => currentContext).find(Boolean),
  });
  return config;
};

const loadFile = async (options: KubeconfigOptions): Promise<KubeConfig> => {
  const client = await importClient();
  const named = options.path === undefined ? (process.env["KUBECONFIG"] ?? "").split(delimiter) : [options.path];
  const paths = named.filter((path) => path !== "");
  try {
    if (paths.length > 0) return loadFiles(client, paths);
    const config = new client.KubeConfig();
    config.loadFromDefault();
    return config;
  } catch (error) {
    throw new Error(`${nameOf(options)} cannot be read: ${messageOf(error).split("\n")[0]}`);
  }
};

const MAX_NAMED = 10;

const load = async (options: KubeconfigOptions): Promise<KubeConfig> => {
  const config = await loadFile(options);
  const wanted = options.context ?? config.getCurrentContext();
  if (wanted && config.getContextObject(wanted)) {
    config.setCurrentContext(wanted);
    return config;
  }
  const names = config.getContexts().map(({ name }) => name);
  const allowed = names.length === 0 ? "it has no context at all" : `allowed: ${list(names, MAX_NAMED)}`;
  throw new Error(
    wanted
      ? `${nameOf(options)} has no context ${JSON.stringify(wanted)}; ${allowed}`
      : `${nameOf(options)} has no current-context, and no --context is given; ${allowed}`,
  );
};

/** What plugins and their hints say has line breaks. */
const onOneLine = (text: string): string => text.trim().replace(/\s+/g, " ");

/** Whose fault it is that there is no credential: most often a plugin that is not installed. */
const credentialProblem = (config: KubeConfig, file: KubeconfigOptions, error: unknown): Error => {
  const user = config.getCurrentUser();
  const { command, installHint } = (user?.exec ?? {}) as Readonly<Record<string, unknown>>;
  const { syscall, code } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  // A file of a certificate or a key is read by the same call.
  if (syscall === "open" || syscall === "read")
    return new Error(`${nameOf(file)} names a file that cannot be read: ${messageOf(error)}`);
  if (typeof command !== "string") return new Error(`${nameOf(file)} gives no credential: ${messageOf(error)}`);
  const failed = (reason: string): Error =>
    new Error(`${nameOf(file)} has user ${JSON.stringify(user?.name)} get a credential from ${command}: ${reason}`);
  // The parser's message has the beginning of the text, which may be a token.
  if (error instanceof SyntaxError) return failed("what it printed is no JSON; allowed: an ExecCredential");
  if (code !== "ENOENT") return failed(onOneLine(messageOf(error)) || "it failed, and said nothing");
  const hint = typeof installHint === "string" ? ` (${onOneLine(installHint)})` : "";
  return failed(`there is no such program${hint}`);
};

const readAccess = async (config: KubeConfig, file: KubeconfigOptions): Promise<Access> => {
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const context = JSON.stringify(config.getCurrentContext());
    throw new Error(`${nameOf(file)} has a context ${context} that names no cluster of the file`);
  }
  const server = readServer(cluster.server);
  const isPlain = server.protocol === "http:";
  if (cluster.skipTLSVerify && !isPlain)
    throw new Error("the kubeconfig says insecure-skip-tls-verify; the API server is always verified here");
  if (cluster.proxyUrl) throw new Error("the kubeconfig says proxy-url, which is not supported here");
  // The client knows nothing of the groups and the rest that kubectl sends with it, and who is asked for matters.
  if (config.getCurrentUser()?.impersonateUser)
    throw new Error(
      "the kubeconfig says as (impersonation), which is not supported here; use that user's own credentials",
    );
  // Where there is no certificate the client wants it said that none is verified.
  if (isPlain)
    config.clusters = config.clusters.map((one) => (one === cluster ? { ...one, skipTLSVerify: true } : one));
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw credentialProblem(config, file, error);
  }
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
      return readAccess(config, options);
    },
  };
};
