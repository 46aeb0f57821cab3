/** A cluster's ServiceAccounts with the annotations that a configuration reads, which the next one may change. */
import { type AccountKeys, isSameKeys } from "../../federation/account-keys.ts";
import type { ServiceAccountSource } from "../source.ts";
import {
  type ClusterSource,
  type ClusterSourceHealth,
  type ClusterSourceOptions,
  createClusterSource,
} from "./cluster-source.ts";

/** The source for one configuration after the other. */
export interface FollowingSource extends ServiceAccountSource {
  /**
   * Reads the cluster anew where `keys` are others than before. Until that is done the source is not synced: with the old
   * annotations pods would look unfederated.
   */
  follow(keys: AccountKeys): void;
  health(): ClusterSourceHealth;
}

/** Starts with `options.keys`. */
export const createFollowingSource = (options: ClusterSourceOptions): FollowingSource => {
  let before = options.keys;
  let current: ClusterSource = createClusterSource(options);
  return {
    find: (namespace, name, budgetMs) => current.find(namespace, name, budgetMs),
    all: () => current.all(),
    isSynced: () => current.isSynced(),
    health: () => current.health(),
    follow(keys) {
      if (isSameKeys(keys, before)) return;
      before = keys;
      const last = current;
      current = createClusterSource({ ...options, keys });
      last.close();
    },
    close: () => current.close(),
  };
};
