/** How long a reflector waits, and how much it takes. */
import { MAX_OBJECT_BYTES } from "../../kube/bounded-body.ts";

/** Limits; the defaults are for a real API server. */
export interface ReflectorLimits {
  /**
   * After so long without a line a watch counts as dead. The API server sends a bookmark about every minute, even when
   * nothing changed (`defaultBookmarkFrequency`, k8s.io/apiserver/pkg/storage/cacher).
   */
  readonly idleTimeoutMs: number;
  /** The same while a list is being read. */
  readonly listIdleTimeoutMs: number;
  /** A watch that begins with an older resource version brings what it missed first; within this, on any network. */
  readonly settleMs: number;
  /** Events that wait unread for longer make what is in memory too old. */
  readonly maxBehindMs: number;
  readonly pageSize: number;
  /** A page of a thousand usual objects has one MiB. */
  readonly maxPageBytes: number;
  readonly maxLineBytes: number;
}

/** The limits for a real API server. */
export const defaultLimits: ReflectorLimits = {
  idleTimeoutMs: 75_000,
  listIdleTimeoutMs: 30_000,
  maxBehindMs: 1000,
  settleMs: 1000,
  pageSize: 1000,
  maxPageBytes: 4 * 1024 * 1024,
  // A longer line would be sent again by each new watch, which then never gets beyond it.
  maxLineBytes: MAX_OBJECT_BYTES,
};
