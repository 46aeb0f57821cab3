/** Where ServiceAccounts come from: one port, served from YAML manifests or from a cluster. */

import type { ServiceAccount } from "../federation/service-account.ts";

/** Thrown by {@link ServiceAccountSource.find} when the answer cannot be had; an internal fault, never a refusal. */
export class LookupFailed extends Error {
  override readonly name = "LookupFailed";
}

/** The port. */
export interface ServiceAccountSource {
  /**
   * The ServiceAccount, or undefined when there is none. An answer that needs no waiting comes without a promise. Throws
   * or rejects with {@link LookupFailed} when it cannot be had, also after `budgetMs` milliseconds.
   */
  find(
    namespace: string,
    name: string,
    budgetMs: number,
  ): ServiceAccount | undefined | Promise<ServiceAccount | undefined>;
  /**
   * Every ServiceAccount in memory that carries an annotation which is read, or is federated without any, to judge them
   * again after a new configuration. Without those that are only ever read live, for want of room.
   */
  all(): Iterable<ServiceAccount>;
  /** False until the first complete list is in. */
  isSynced(): boolean;
  /** Stops watching. */
  close(): void;
}
