/**
 * Keeps a store like the API server's own list of ServiceAccounts, whatever happens in between: a list, as a stream or in
 * pages, then a watch from there on.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { AttemptEnded, toAttemptEnded, troubled, Watchdog } from "./attempt.ts";
import { MAX_OBJECT_BYTES } from "./bounded-body.ts";
import { type Clock, pause } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { listAll, type StoreEvent, watchEvents } from "./list-and-watch.ts";
import type { KubeMetrics } from "./metrics.ts";
import { advance, begun, initialState, progressed, type ReflectorState } from "./reflector-state.ts";
import { AccountStore } from "./store.ts";

/** Limits; the defaults are for a real API server. */
export interface ReflectorLimits {
  /**
   * After so long without a line a watch counts as dead. The API server sends a bookmark about every minute, even when
   * nothing changed (`defaultBookmarkFrequency`, k8s.io/apiserver/pkg/storage/cacher).
   */
  readonly silenceMs: number;
  /** The same while a list is being read. */
  readonly listSilenceMs: number;
  /** A watch that begins with an older resource version brings what it missed first; within this, on any network. */
  readonly settleMs: number;
  readonly pageSize: number;
  /** A page of a thousand usual objects has one MiB. */
  readonly maxPageBytes: number;
  readonly maxLineBytes: number;
}

/** The limits for a real API server. */
export const defaultLimits: ReflectorLimits = {
  silenceMs: 75_000,
  listSilenceMs: 30_000,
  settleMs: 1000,
  pageSize: 1000,
  maxPageBytes: 4 * 1024 * 1024,
  // A longer line would be sent again by each new watch, which then never gets beyond it.
  maxLineBytes: MAX_OBJECT_BYTES,
};

/** What a reflector works with. */
export interface ReflectorOptions {
  readonly connection: Connection;
  readonly annotationPrefix: string;
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
  private heardAtMs: number | undefined;
  private trustedFromMs = 0;
  private openedAtMs: number | undefined;

  constructor(options: ReflectorOptions) {
    this.options = options;
    const { annotationPrefix, metrics } = options;
    this.current = new AccountStore(annotationPrefix, undefined, (namespace) => metrics.crowded(namespace));
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
    return this.heardAtMs === undefined ? undefined : this.options.clock.now() - this.heardAtMs;
  }

  /** Is the store as new as a healthy watch keeps it? */
  get isTrusted(): boolean {
    const { heardAtMs } = this;
    if (heardAtMs === undefined) return false;
    const now = this.options.clock.now();
    return now - heardAtMs < this.options.limits.silenceMs && now >= this.trustedFromMs;
  }

  async start(): Promise<void> {
    const { clock, metrics } = this.options;
    const { signal } = this.stopped;
    while (!signal.aborted) {
      this.openedAtMs = undefined;
      const { outcome, message } = await this.attempt();
      this.heardAtMs = undefined;
      if (signal.aborted) return;
      if (outcome.kind === "failed") metrics.troubled(outcome.trouble, message);
      if (outcome.kind === "ended") metrics.rewatched();
      const openMs = this.openedAtMs === undefined ? 0 : clock.now() - this.openedAtMs;
      const next = advance(this.state, outcome, { openMs, random: clock.random() });
      this.state = next.state;
      if (next.delayMs > 0) await pause(clock, next.delayMs, signal);
    }
  }

  stop(): void {
    this.stopped.abort(new Error("stopped"));
    this.heardAtMs = undefined;
  }

  private async attempt(): Promise<AttemptEnded> {
    this.state = begun(this.state);
    const dog = new Watchdog(this.options.clock, this.stopped.signal);
    try {
      if (this.state.resourceVersion === undefined && !this.state.streams) await this.list(dog);
      await this.watch(dog);
      return new AttemptEnded({ kind: "ended" }, "");
    } catch (error) {
      return toAttemptEnded(dog.signal.aborted ? dog.signal.reason : error);
    } finally {
      dog.stop();
    }
  }

  private async list(dog: Watchdog): Promise<void> {
    const { connection, annotationPrefix, clock, limits } = this.options;
    const startedAtMs = clock.now();
    const store = new AccountStore(annotationPrefix, this.current);
    const request = { connection, annotationPrefix, ...limits, silenceMs: limits.listSilenceMs };
    const resourceVersion = await listAll(request, dog, (metadata) => store.put(metadata));
    this.replace(store, resourceVersion, startedAtMs);
  }

  /** Watches from the resource version on; without one, the list comes first in the same stream. */
  private async watch(dog: Watchdog): Promise<void> {
    const { connection, annotationPrefix, clock, limits } = this.options;
    const startedAtMs = clock.now();
    const { resourceVersion } = this.state;
    let incoming = resourceVersion === undefined ? new AccountStore(annotationPrefix, this.current) : undefined;
    const request = {
      connection,
      annotationPrefix,
      resourceVersion,
      timeoutSeconds: 300 + Math.floor(clock.random() * 301),
      maxLineBytes: limits.maxLineBytes,
      silenceMs: () => (incoming === undefined ? limits.silenceMs : limits.listSilenceMs),
    };
    for await (const events of watchEvents(request, dog)) {
      if (incoming === undefined && this.heardAtMs === undefined) this.watchSince(limits.settleMs);
      for (const event of events) {
        if (incoming === undefined) this.apply(event);
        else if (this.completes(incoming, event, startedAtMs)) incoming = undefined;
      }
    }
    if (incoming !== undefined) throw troubled("cut", "the stream ended within the list");
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
    this.heardAtMs = now;
    this.openedAtMs = now;
    this.trustedFromMs = now + settleMs;
  }

  private apply(event: StoreEvent): void {
    this.heardAtMs = this.options.clock.now();
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
