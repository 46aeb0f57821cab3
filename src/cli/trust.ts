/** `podpass trust`: what a provider has to be told, from a cluster or, without one, from manifests and an address. */
import type { Settings } from "../configuration/settings.ts";
import { resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { collectServiceAccounts } from "../manifests/service-accounts.ts";
import { line, quote } from "../reasons/text.ts";
import { type AccountName, readAccountName, readAccountPattern } from "../trust/account-name.ts";
import { type ClusterQueries, ClusterQueryFailed, type OpenCluster } from "../trust/cluster-queries.ts";
import { issuerProblem } from "../trust/issuer.ts";
import { type KeySet, readKeySet } from "../trust/jwks.ts";
import { findIdentity, type KnownIdentity } from "../trust/known-identity.ts";
import { showTrust } from "../trust/show-trust.ts";
import { type Issuer, type KeySource, patternProblem, trustOf } from "../trust/trust.ts";
import { visibleJson } from "../trust/visible-json.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { findConfiguration, requireSettings } from "./settings.ts";
import { readSources, readText, type Sources } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

/** Where configuration and ServiceAccounts come from. */
export interface AccountOptions {
  /** `NAMESPACE/NAME` */
  readonly account: string;
  readonly provider: string;
  readonly config?: string;
  /** Manifests with the ServiceAccount; without them the cluster is asked. */
  readonly filename?: readonly string[];
}

/** The command's options. */
export interface TrustOptions extends AccountOptions {
  /** Without it: from the cluster's discovery document. */
  readonly issuer?: string;
  /** A file with the cluster's JWKS; only with `issuer`. */
  readonly jwks?: string;
  /** Where the provider leaves a choice; without it the issuer's address decides. */
  readonly keys?: KeySource;
  /** `PARAMETER=VALUE`, where the account is a pattern. */
  readonly set?: readonly string[];
  readonly output: "text" | "json";
}

const HINTS: ReadonlyMap<number, string> = new Map([
  [401, "the cluster does not know these credentials; log in again"],
  [403, "these credentials may not do that"],
]);

/** Asks the cluster; a failure becomes {@link BadInput}, with `forbidden` where permission is what is missing. */
export const ask = async <Answer>(question: Promise<Answer>, what: string, forbidden: string): Promise<Answer> => {
  try {
    return await question;
  } catch (error) {
    if (!(error instanceof ClusterQueryFailed)) throw error;
    const hint = error.status === 403 ? forbidden : HINTS.get(error.status ?? 0);
    throw new BadInput(line(`${what}: ${error.message}${hint === undefined ? "" : `; ${hint}`}`, 1000));
  }
};

const NO_SOURCES: Sources = { files: [], objects: [] };

const findInManifests = (sources: Sources, { namespace, name }: AccountName): ServiceAccount | undefined => {
  const { bad, find } = collectServiceAccounts(sources.objects, "default");
  const [first] = bad;
  if (first !== undefined)
    throw new BadInput(line(`${first.place.file}:${first.place.line}:${first.place.column}: ${first.message}`, 1000));
  return find(namespace, name);
};

const noSuchAccount = ({ namespace, name }: AccountName, isOffline: boolean): BadInput =>
  new BadInput(
    isOffline
      ? `there is no ServiceAccount ${namespace}/${name} in the manifests`
      : `there is no ServiceAccount ${namespace}/${name} in the cluster; create it: kubectl create serviceaccount ${name} --namespace ${namespace}`,
  );

/** The ServiceAccount's name, what is known of its identity, and the configuration. */
export interface FoundAccount {
  readonly name: AccountName;
  readonly identity: KnownIdentity;
  readonly settings: Settings;
}

/** Finds the ServiceAccount and its identity. Throws {@link BadInput} that says what to do. */
export const findAccount = async (
  { account, provider, config, filename }: AccountOptions,
  terminal: Terminal,
  openCluster: OpenCluster,
): Promise<FoundAccount> => {
  const name = readAccountName(account);
  if (name === undefined)
    throw new BadInput(`${quote(account, 100)} is no ServiceAccount; allowed: NAMESPACE/NAME, e.g. production/my-api`);
  const sources = filename === undefined ? NO_SOURCES : await readSources(filename, terminal);
  const settings = requireSettings(await findConfiguration(config, sources, terminal));
  const findInCluster = async (cluster: ClusterQueries) =>
    ask(
      cluster.serviceAccount(name.namespace, name.name),
      `ServiceAccount ${account} cannot be read`,
      `these credentials need the verb get on serviceaccounts in ${name.namespace}`,
    );
  const found = filename === undefined ? await findInCluster(await openCluster()) : findInManifests(sources, name);
  if (found === undefined) throw noSuchAccount(name, filename !== undefined);
  const identity = findIdentity(found, provider, settings);
  if (!identity.ok) throw new BadInput(identity.problems.map((problem) => line(problem, 2000)).join("\n"));
  return { name, identity: identity.identity, settings };
};

/** What `--set` says, as annotations of a ServiceAccount of which there may be many. */
const annotationsFrom = (provider: string, set: readonly string[], prefix: string): ReadonlyMap<string, string> => {
  const annotations = new Map([[`${prefix}/federate`, provider]]);
  for (const one of set) {
    const equals = one.indexOf("=");
    if (equals < 1) throw new BadInput(`--set ${quote(one, 100)}; allowed: PARAMETER=VALUE`);
    annotations.set(`${provider}.${prefix}/${one.slice(0, equals)}`, one.slice(equals + 1));
  }
  return annotations;
};

/** The identity of all ServiceAccounts that match `pattern`, as far as it is the same for all of them. */
const findPattern = async (
  pattern: AccountName,
  { provider, config, filename, set = [] }: TrustOptions,
  terminal: Terminal,
): Promise<FoundAccount> => {
  const sources = filename === undefined ? NO_SOURCES : await readSources(filename, terminal);
  const settings = requireSettings(await findConfiguration(config, sources, terminal));
  const account = { ...pattern, annotations: annotationsFrom(provider, set, settings.annotationPrefix) };
  const found = findIdentity(account, provider, settings);
  if (!found.ok) throw new BadInput(found.problems.map((problem) => line(problem, 2000)).join("\n"));
  const unused = resolveFederation(account, settings).warnings.filter(({ reason }) => reason === "unused-key");
  if (unused.length > 0) throw new BadInput(unused.map(({ text }) => `--set: ${line(text, 2000)}`).join("\n"));
  const problem = patternProblem(found.identity, pattern);
  if (problem !== undefined)
    throw new BadInput(`${problem}; register each ServiceAccount: podpass trust ${provider} NAMESPACE/NAME`);
  return { name: pattern, identity: found.identity, settings };
};

const DISCOVERY_ROLE = "these credentials need the ClusterRole system:service-account-issuer-discovery";

const keysOf = (value: unknown, where: string): KeySet => {
  const read = readKeySet(value);
  if (!read.ok) throw new BadInput(`${where}: ${read.problem}`);
  return read.keySet;
};

const offlineIssuer = async (issuer: string, jwks: string | undefined): Promise<Issuer> => {
  const problem = issuerProblem(issuer);
  if (problem !== undefined) throw new BadInput(`--issuer ${quote(issuer, 200)}: ${problem}`);
  if (jwks === undefined) return { issuer, jwksUri: undefined, keySet: undefined };
  const text = await readText(jwks);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadInput(line(`--jwks ${jwks}: it is no JSON`, 1000));
  }
  return { issuer, jwksUri: undefined, keySet: keysOf(value, line(`--jwks ${jwks}`, 500)) };
};

/** Issuer and keys as the cluster publishes them. */
export const clusterIssuer = async (cluster: ClusterQueries): Promise<Issuer> => {
  const { issuer, jwksUri } = await ask(
    cluster.discovery(),
    "the cluster's discovery document cannot be read",
    DISCOVERY_ROLE,
  );
  const jwks = await ask(cluster.jwks(), "the cluster's keys cannot be read", DISCOVERY_ROLE);
  return { issuer, jwksUri, keySet: keysOf(jwks, "the cluster's keys") };
};

const issuerFor = async ({ issuer, jwks }: TrustOptions, openCluster: OpenCluster): Promise<Issuer> => {
  if (issuer !== undefined) return offlineIssuer(issuer, jwks);
  if (jwks !== undefined) throw new BadInput("--jwks is for use without a cluster; add --issuer URL");
  return clusterIssuer(await openCluster());
};

const nameTheWayWithout = (error: unknown): never => {
  throw error instanceof BadInput ? new BadInput(`${error.message}; with --issuer and -f no cluster is asked`) : error;
};

/** Runs the command; returns the exit code. The cluster is opened only where something is asked of it. */
export const trust = async (options: TrustOptions, terminal: Terminal, openCluster: OpenCluster): Promise<number> => {
  const { out } = terminal;
  let opened: Promise<ClusterQueries> | undefined;
  const open: OpenCluster = () => {
    opened ??= openCluster().catch(nameTheWayWithout);
    return opened;
  };
  const pattern = options.account.includes("*") ? readAccountPattern(options.account) : undefined;
  if (pattern === undefined && options.account.includes("*"))
    throw new BadInput(
      `${quote(options.account, 100)} is no pattern of ServiceAccounts; allowed: NAMESPACE/NAME with * for any characters of names, e.g. 'preview-*/my-api'`,
    );
  if (pattern === undefined && options.set !== undefined)
    throw new BadInput("--set is for patterns of ServiceAccounts; the annotations of one are read");
  const { name, identity } =
    pattern === undefined ? await findAccount(options, terminal, open) : await findPattern(pattern, options, terminal);
  const issuer = await issuerFor(options, open);
  const described = trustOf(identity, issuer, name, options.keys);
  if (options.output === "json") {
    out.write(`${visibleJson(described, 2)}\n`);
    return EXIT.done;
  }
  const { bold, yellow, dim } = out.colors;
  out.write(showTrust(described, { heading: bold, warning: yellow, faint: dim }));
  return EXIT.done;
};
