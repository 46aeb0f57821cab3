/** What the cluster source tells of itself, as metrics and log lines. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { ClusterSourceHealth } from "../serviceaccounts/cluster/cluster-source.ts";
import {
  ERROR_CLASSES,
  type KubeMetrics,
  LIVE_GET_RESULTS,
  RELIST_REASONS,
} from "../serviceaccounts/cluster/metrics.ts";
import { NAMESPACE_SHARE } from "../serviceaccounts/cluster/store.ts";
import type { Log } from "./log.ts";

const gauge = (registry: Registry, name: string, help: string, value: () => number): void => {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
};

/** Gauges over `health`, which is asked when they are scraped. */
const watchGauges = (registry: Registry, health: () => ClusterSourceHealth | undefined): void => {
  gauge(registry, "podpass_watch_age_seconds", "Since the watch was last heard of; -1 while there is none.", () => {
    const age = health()?.watchAgeMs;
    return age === undefined ? -1 : age / 1000;
  });
  gauge(
    registry,
    "podpass_watch_trusted",
    "1 while ServiceAccounts are answered from memory, 0 while each is read from the API server.",
    () => (health()?.isTrusted ? 1 : 0),
  );
  gauge(registry, "podpass_watch_accounts", "ServiceAccounts in memory.", () => health()?.accounts ?? 0);
  gauge(
    registry,
    "podpass_watch_accounts_left_out",
    "ServiceAccounts whose annotations found no room in their namespace's share; each is read live and not surveyed.",
    () => health()?.leftOutAccounts ?? 0,
  );
};

/** Makes the adapter; `health` is undefined until there is a source. */
export const createKubeMetrics = (
  registry: Registry,
  log: Log,
  health: () => ClusterSourceHealth | undefined,
): KubeMetrics => {
  const registers = [registry];
  const relists = new Counter({
    name: "podpass_watch_relists_total",
    help: "Complete lists of ServiceAccounts, by why they were read.",
    labelNames: ["reason"],
    registers,
  });
  const errors = new Counter({
    name: "podpass_watch_errors_total",
    help: "Lists and watches that failed, by the class of the error.",
    labelNames: ["error"],
    registers,
  });
  const rewatches = new Counter({
    name: "podpass_watch_renewals_total",
    help: "Watches that ended by their own timeout and went on.",
    registers,
  });
  const liveGets = new Histogram({
    name: "podpass_live_get_duration_seconds",
    help: "ServiceAccounts that were read from the API server for a request, by how that ended.",
    labelNames: ["result"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  for (const reason of RELIST_REASONS) relists.inc({ reason }, 0);
  for (const error of ERROR_CLASSES) errors.inc({ error }, 0);
  for (const result of LIVE_GET_RESULTS) liveGets.zero({ result });
  watchGauges(registry, health);
  return {
    relisted: (reason, milliseconds) => {
      relists.inc({ reason });
      log.info({ reason, milliseconds: Math.round(milliseconds) }, "ServiceAccounts listed");
    },
    watchFailed: (error, detail) => {
      errors.inc({ error });
      log.warn({ error, detail }, "watching ServiceAccounts failed; trying again");
    },
    rewatched: () => rewatches.inc(),
    liveGet: (result, milliseconds) => liveGets.observe({ result }, milliseconds / 1000),
    crowded: (namespace) =>
      log.warn({ namespace, characters: NAMESPACE_SHARE }, "some ServiceAccounts are read live, for want of room"),
  };
};
