/** ServiceAccounts of a cluster: answered from memory while a watch keeps that current, else read from the API server. */
import type { AccountKeys } from "../../federation/account-keys.ts";
import type { ServiceAccount } from "../../federation/service-account.ts";
import { type Clock, systemClock } from "../../kube/clock.ts";
import type { Connection } from "../../kube/connection.ts";
import type { Metadata } from "../../kube/object-parts.ts";
import { LookupFailed, type ServiceAccountSource } from "../source.ts";
import { LiveGets } from "./live-gets.ts";
import { type KubeMetrics, noMetrics } from "./metrics.ts";
import { Reflector } from "./reflector.ts";
import { defaultLimits, type ReflectorLimits } from "./reflector-limits.ts";
import { type Stalls, watchForStalls } from "./stalls.ts";

/** What a source is made of. */
export interface ClusterSourceOptions {
  /** Shared with others; closing the source leaves it open. */
  readonly connection: Connection;
  /** The annotations that are kept. Others need a new source. */
  readonly keys: AccountKeys;
  readonly metrics?: KubeMetrics;
  readonly clock?: Clock;
  readonly stalls?: Stalls;
  readonly limits?: Partial<ReflectorLimits & { readonly tryMs: number }>;
  /** Called when what `all()` yields has changed; with every event, so that it should do little. */
  readonly onChange?: () => void;
}

/** How a source is, for gauges. */
export interface ClusterSourceHealth {
  /** Milliseconds since the watch was last heard of; undefined while there is none. */
  readonly watchAgeMs: number | undefined;
  /** Are answers given from memory? */
  readonly isTrusted: boolean;
  readonly accounts: number;
  /** Those that carry an annotation under the prefix. */
  readonly ownAccounts: number;
  /** Of these, those that found no room in their namespace's share of memory; `all()` does not yield them. */
  readonly leftOutAccounts: number;
}

/** The source; see {@link createClusterSource}. */
export interface ClusterSource extends ServiceAccountSource {
  health(): ClusterSourceHealth;
  /** Resolves with the first complete list; rejects with {@link LookupFailed} when the source is closed before. */
  whenSynced(): Promise<void>;
}

/** Long enough for a busy API server, short enough that a dead connection leaves time for another try. */
const TRY_MS = 3000;

/**
 * Starts reading at once and goes on until it is closed.
 *
 * How old an answer can be:
 * - A ServiceAccount that is not in memory is read live, with a request that begins after the question, and its absence
 *   is never remembered: a ServiceAccount that was made before its pod is always seen. Neither in memory are those whose
 *   annotations found no room in their namespace's share.
 * - One in memory is as old as the watch's lag: measured from the answer to a write on, half are here already, 99 of 100
 *   within 10 ms. (The pod's creation takes a similar time to arrive here, so that an annotation made and used in the
 *   same instant may just be missed.)
 * - While there is no watch, for a second after it came back, and once nothing was heard of it for `idleTimeoutMs` (75 s;
 *   bookmarks come each minute), every answer is read live. So a connection that died without a word makes answers at
 *   most 75 s old.
 * - For a second after this process stood still (stopped, throttled), every answer is read live: the watch's events may
 *   wait unread beside the request. The same holds while the watch brings more than is read, once that has lasted for a
 *   second: large ServiceAccounts that change all the time.
 *
 * Before the first complete list `find` fails: not ready is another answer than not there.
 */
export const createClusterSource = (options: ClusterSourceOptions): ClusterSource => {
  const { connection, keys, metrics = noMetrics, clock = systemClock } = options;
  const { stalls = watchForStalls() } = options;
  const { tryMs = TRY_MS, ...limits } = options.limits ?? {};
  let isClosed = false;
  const closed = () => new LookupFailed("the source is closed");
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => {});

  const reflector = new Reflector({
    connection,
    keys,
    clock,
    metrics,
    limits: { ...defaultLimits, ...limits },
    onChange() {
      synced.resolve();
      options.onChange?.();
    },
  });
  const view = (metadata: Metadata) => reflector.store.view(metadata);
  const live = new LiveGets({ connection, keys, clock, metrics, tryMs, view });
  void reflector.start();

  return {
    find(namespace, name, budgetMs): ServiceAccount | undefined | Promise<ServiceAccount | undefined> {
      if (isClosed) throw closed();
      if (!reflector.isSynced) throw new LookupFailed("the ServiceAccounts have not been read yet");
      const known = reflector.isTrusted && !stalls.isRecent() ? reflector.store.get(namespace, name) : undefined;
      return known ?? live.get(namespace, name, budgetMs);
    },
    all: () => reflector.store.own(),
    isSynced: () => reflector.isSynced,
    whenSynced: () => synced.promise,
    health: () => ({
      watchAgeMs: reflector.watchAgeMs,
      isTrusted: reflector.isTrusted && !stalls.isRecent(),
      accounts: reflector.store.size,
      ownAccounts: reflector.store.ownSize,
      leftOutAccounts: reflector.store.leftOutSize,
    }),
    close() {
      isClosed = true;
      stalls.stop();
      reflector.stop();
      live.stop();
      synced.reject(closed());
    },
  };
};
