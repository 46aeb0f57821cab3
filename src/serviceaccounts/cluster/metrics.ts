/** What the cluster source tells of itself, as a port: adapters turn it into metrics. */

/** Why a complete list was read. */
export const RELIST_REASONS = [
  /** There was none yet. */
  "first",
  /** 410: the API server no longer has the history since the last event. */
  "expired",
  /** Several watches in a row brought nothing, so the resource version may be the reason. */
  "no-progress",
] as const;

/** One of them. */
export type RelistReason = (typeof RELIST_REASONS)[number];

/** Why an attempt to list or watch ended other than by its own timeout. */
export const ERROR_CLASSES = [
  /** No answer at all: refused, reset, TLS, or no connection in time. */
  "unreachable",
  /** The answer stopped in the middle. */
  "interrupted",
  /** A line that is not JSON, or not a watch event. */
  "malformed",
  /** A line or an object beyond what the API server can have stored. */
  "too-large",
  /** Nothing for longer than there is between two bookmarks. */
  "idle-timeout",
  /** 429. */
  "throttled",
  /** 5xx, as a status or within the stream. */
  "server-error",
  /** 401, with freshly read credentials. */
  "unauthorized",
  /** 403. */
  "forbidden",
  /** Any other answer. */
  "unexpected",
] as const;

/** One of them. */
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** How a live GET ended. */
export const LIVE_GET_RESULTS = ["found", "not-found", "failed", "out-of-time"] as const;

/** One of them. */
export type LiveGetResult = (typeof LIVE_GET_RESULTS)[number];

/** The port. */
export interface KubeMetrics {
  /** A complete list is in use, `milliseconds` after its request. */
  relisted(reason: RelistReason, milliseconds: number): void;
  /** An attempt failed; `detail` is for the log and bounded. */
  watchFailed(errorClass: ErrorClass, detail: string): void;
  /** A watch ended by its own timeout and goes on. */
  rewatched(): void;
  liveGet(result: LiveGetResult, milliseconds: number): void;
  /** A namespace's annotations are beyond its share of memory: some of its ServiceAccounts are read live. Told once. */
  crowded(namespace: string): void;
}

/** Tells nobody. */
export const noMetrics: KubeMetrics = {
  relisted: () => {},
  watchFailed: () => {},
  rewatched: () => {},
  liveGet: () => {},
  crowded: () => {},
};
