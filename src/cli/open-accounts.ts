/** Where `podpass serve` has its ServiceAccounts from: a folder of manifests, or a cluster. */
import type { Settings } from "../configuration/settings.ts";
import { accountKeys } from "../federation/account-keys.ts";
import type { Connection } from "../kube/connection.ts";
import type { ServiceAccountSource } from "../serviceaccounts/source.ts";
import type { createEvents } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** What the command line says about it. */
export interface AccountsOptions {
  /** The folder with the ServiceAccounts' manifests. */
  readonly manifests?: string | undefined;
  /** A kubeconfig file; without it, and without manifests, the cluster that this process runs in. */
  readonly kubeconfig?: string | undefined;
}

/** What a source is opened with. */
export interface AccountsPorts {
  settings(): Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined: no cluster is asked. */
  readonly connection: Connection | undefined;
  readonly events: Pick<ReturnType<typeof createEvents>, "accountsChanged" | "manifestsRead">;
}

/** A source, and what it has to be told. */
export interface Accounts {
  readonly source: ServiceAccountSource;
  configurationReloaded(): void;
  close(): void;
}

/** Going through every federated ServiceAccount of a large cluster takes some milliseconds, so not with every event. */
const SURVEY_EVERY_MS = 5000;

const NO_ACCOUNTS = `podpass serve needs to know where the ServiceAccounts are:
  --manifests DIR     a folder of YAML manifests
  --kubeconfig FILE   the cluster of a kubeconfig file
  (neither)           in a pod, the cluster that it runs in; this process runs in none`;

/** Why no source can be opened with these options; undefined where one can. */
export const accountsProblem = async ({ manifests, kubeconfig }: AccountsOptions): Promise<string | undefined> => {
  if (manifests !== undefined && kubeconfig !== undefined)
    return "--manifests and --kubeconfig exclude each other: one of them says where the ServiceAccounts are";
  if (manifests !== undefined || kubeconfig !== undefined) return undefined;
  const { isInCluster } = await import("../kube/in-cluster.ts");
  return isInCluster() ? undefined : NO_ACCOUNTS;
};

const openManifestAccounts = async (path: string, { events }: AccountsPorts): Promise<Accounts> => {
  const { openManifests } = await import("../serviceaccounts/manifests.ts");
  let isOpen = false;
  const source = await openManifests({
    path,
    onRead: (problems) => {
      events.manifestsRead(problems);
      // The first time there is nothing to ask yet.
      if (isOpen) events.accountsChanged();
    },
  });
  isOpen = true;
  return { source, configurationReloaded: () => {}, close: () => source.close() };
};

const openClusterAccounts = async (connection: Connection, ports: AccountsPorts): Promise<Accounts> => {
  const { settings, log, metrics, events } = ports;
  const [{ createFollowingSource }, { createKubeMetrics }] = await Promise.all([
    import("../serviceaccounts/cluster/following-source.ts"),
    import("../telemetry/kube-metrics.ts"),
  ]);
  let survey: NodeJS.Timeout | undefined;
  const source = createFollowingSource({
    connection,
    keys: accountKeys(settings()),
    metrics: createKubeMetrics(metrics.registry, log, () => source?.health()),
    onChange: () => {
      survey ??= setTimeout(() => {
        survey = undefined;
        events.accountsChanged();
      }, SURVEY_EVERY_MS).unref();
    },
  });
  return {
    source,
    configurationReloaded: () => source.follow(accountKeys(settings())),
    close: () => {
      clearTimeout(survey);
      source.close();
    },
  };
};

/**
 * Opens the source over `connection`, which is left open, or without one over the manifests; it may have to read the
 * cluster first, which `isSynced` tells.
 */
export const openAccounts = async ({ manifests }: AccountsOptions, ports: AccountsPorts): Promise<Accounts> => {
  if (ports.connection !== undefined) return openClusterAccounts(ports.connection, ports);
  if (manifests !== undefined) return openManifestAccounts(manifests, ports);
  throw new Error(NO_ACCOUNTS);
};
