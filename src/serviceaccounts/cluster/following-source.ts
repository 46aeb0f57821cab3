/** A cluster's ServiceAccounts under a prefix that the configuration may change. */
import type { ServiceAccountSource } from "../source.ts";
import {
  type ClusterSource,
  type ClusterSourceHealth,
  type ClusterSourceOptions,
  createClusterSource,
} from "./cluster-source.ts";

/** The source of one prefix after the other. */
export interface FollowingSource extends ServiceAccountSource {
  /**
   * Reads the cluster anew where `annotationPrefix` is another than before. Until that is done the source is not synced:
   * under the old prefix's annotations every pod would look unfederated.
   */
  follow(annotationPrefix: string): void;
  health(): ClusterSourceHealth;
}

/** Starts with `options.annotationPrefix`. */
export const createFollowingSource = (options: ClusterSourceOptions): FollowingSource => {
  let prefix = options.annotationPrefix;
  let current: ClusterSource = createClusterSource(options);
  return {
    find: (namespace, name, budgetMs) => current.find(namespace, name, budgetMs),
    all: () => current.all(),
    isSynced: () => current.isSynced(),
    health: () => current.health(),
    follow(annotationPrefix) {
      if (annotationPrefix === prefix) return;
      prefix = annotationPrefix;
      const before = current;
      current = createClusterSource({ ...options, annotationPrefix });
      before.close();
    },
    close: () => current.close(),
  };
};
