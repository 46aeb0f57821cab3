/**
 * Keeps a store like the API server's own list of ServiceAccounts, whatever happens in between: a list, as a stream or in
 * pages, then a watch from there on.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */

import type { AccountKeys } from "../../federation/account-keys.ts";
import { type Clock, pause } from "../../kube/clock.ts";
import type { Connection } from "../../kube/connection.ts";
import { Deadline } from "../../kube/deadline.ts";
import { AttemptEnded, attemptFailed, toAttemptEnded } from "./attempt.ts";
import { Backlog } from "./backlog.ts";
import { listAll, type StoreEvent, watchEvents } from "./list-and-watch.ts";
import type { KubeMetrics } from "./metrics.ts";
import type { ReflectorLimits } from "./reflector-limits.ts";
import { advance, begun, initialState, progressed, type ReflectorState } from "./reflector-state.ts";
import { AccountStore } from "./store.ts";

/** What a reflector works with. */
export interface ReflectorOptions {
  readonly connection: Connection;
  readonly keys: AccountKeys;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
  readonly limits: ReflectorLimits;
  /** Called when what {@link AccountStore.own} yields has changed. */
  readonly onChange: () => void;
}

/** A reflector; it works from {@link start} to {@link stop}. */
export class Reflector {
  private readonly options: ReflectorOptions;
  private readonly stopped = new AbortController();
  private state: ReflectorState = initialState;
  private current: AccountStore;
  /** Undefined: there is no watch. */
  private lastEventAtMs: number | undefined;
  private trustedFromMs = 0;
  private openedAtMs: number | undefined;
  private readonly backlog: Backlog;

  constructor(options: ReflectorOptions) {
    this.options = options;
    this.backlog = new Backlog(options.clock);
    const { keys, metrics } = options;
    this.current = new AccountStore(keys, undefined, (namespace) => metrics.crowded(namespace));
  }

  /** What is known; complete once {@link isSynced}. */
  get store(): AccountStore {
    return this.current;
  }

  get isSynced(): boolean {
    return this.state.hasSynced;
  }

  /** Milliseconds since the watch was last heard of; undefined while there is none. */
  get watchAgeMs(): number | undefined {
    return this.lastEventAtMs === undefined ? undefined : this.options.clock.now() - this.lastEventAtMs;
  }

  /** Is the store as new as a healthy watch keeps it? */
  get isTrusted(): boolean {
    const { lastEventAtMs } = this;
    if (lastEventAtMs === undefined) return false;
    const now = this.options.clock.now();
    const { idleTimeoutMs, maxBehindMs } = this.options.limits;
    return now - lastEventAtMs < idleTimeoutMs && now >= this.trustedFromMs && this.backlog.ageMs <= maxBehindMs;
  }

  async start(): Promise<void> {
    const { clock, metrics } = this.options;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      this.openedAtMs = undefined;
      const { outcome, message } = await this.attempt();
      this.lastEventAtMs = undefined;
      if (signal.aborted) return;
      if (outcome.kind === "failed") metrics.watchFailed(outcome.errorClass, message);
      if (outcome.kind === "ended") metrics.rewatched();
      const openMs = this.openedAtMs === undefined ? 0 : clock.now() - this.openedAtMs;
      const next = advance(this.state, outcome, { openMs, random: clock.random() });
      this.state = next.state;
      if (next.delayMs > 0) await pause(clock, next.delayMs, signal);
    }
  }

  stop(): void {
    this.stopped.abort(new Error("stopped"));
    this.lastEventAtMs = undefined;
  }

  private async attempt(): Promise<AttemptEnded> {
    this.state = begun(this.state);
    const idle = new Deadline(this.options.clock, this.stopped.signal);
    try {
      if (this.state.resourceVersion === undefined && !this.state.streamsList) await this.list(idle);
      await this.watch(idle);
      return new AttemptEnded({ kind: "ended" }, "");
    } catch (error) {
      return toAttemptEnded(idle.signal.aborted ? idle.signal.reason : error);
    } finally {
      idle.stop();
    }
  }

  private async list(idle: Deadline): Promise<void> {
    const { connection, keys, clock, limits } = this.options;
    const startedAtMs = clock.now();
    const store = new AccountStore(keys, this.current);
    const request = { connection, keys, ...limits, idleTimeoutMs: limits.listIdleTimeoutMs };
    const resourceVersion = await listAll(request, idle, (metadata) => store.put(metadata));
    this.replace(store, resourceVersion, startedAtMs);
  }

  /** Watches from the resource version on; without one, the list comes first in the same stream. */
  private async watch(idle: Deadline): Promise<void> {
    const { connection, keys, clock, limits } = this.options;
    const startedAtMs = clock.now();
    const { resourceVersion } = this.state;
    let incoming = resourceVersion === undefined ? new AccountStore(keys, this.current) : undefined;
    const request = {
      connection,
      keys,
      resourceVersion,
      timeoutSeconds: 300 + Math.floor(clock.random() * 301),
      maxLineBytes: limits.maxLineBytes,
      idleTimeoutMs: () => (incoming === undefined ? limits.idleTimeoutMs : limits.listIdleTimeoutMs),
      backlog: this.backlog,
    };
    for await (const events of watchEvents(request, idle)) {
      if (incoming === undefined && this.lastEventAtMs === undefined) this.watchSince(limits.settleMs);
      for (const event of events) {
        if (incoming === undefined) this.apply(event);
        else if (this.completes(incoming, event, startedAtMs)) incoming = undefined;
      }
    }
    if (incoming !== undefined) throw attemptFailed("interrupted", "the stream ended within the list");
  }

  /** Adds an event to a list that is being streamed; returns whether that was its end. */
  private completes(incoming: AccountStore, event: StoreEvent, startedAtMs: number): boolean {
    incoming.apply(event);
    if (event.type !== "bookmark" || !event.endsInitialEvents) return false;
    this.replace(incoming, event.resourceVersion, startedAtMs);
    this.watchSince(0);
    return true;
  }

  private watchSince(settleMs: number): void {
    const now = this.options.clock.now();
    this.lastEventAtMs = now;
    this.openedAtMs = now;
    this.trustedFromMs = now + settleMs;
  }

  private apply(event: StoreEvent): void {
    this.lastEventAtMs = this.options.clock.now();
    const resourceVersion = event.type === "bookmark" ? event.resourceVersion : event.metadata.resourceVersion;
    const hasChanged = this.current.apply(event);
    this.state = progressed(this.state, resourceVersion);
    if (hasChanged) this.options.onChange();
  }

  /** Puts a complete list in the place of what was known; until then nobody sees anything of it. */
  private replace(store: AccountStore, resourceVersion: string, startedAtMs: number): void {
    const { clock, metrics, onChange } = this.options;
    const { relistReason } = this.state;
    store.complete();
    this.current = store;
    this.state = progressed(this.state, resourceVersion);
    metrics.relisted(relistReason, clock.now() - startedAtMs);
    onChange();
  }
}
