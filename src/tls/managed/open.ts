/** Certificates of our own making, as a source: a CA in a Secret, a leaf in memory, and the `caBundle`s that vouch for both. */
import { type Clock, systemClock } from "../../kube/clock.ts";
import type { Connection } from "../../kube/connection.ts";
import { messageOf } from "../../reasons/text.ts";
import { unusableBecause } from "../certificate.ts";
import type { WallClock } from "../judgement.ts";
import type { CertificateSource, OnCertificateEvent } from "../source.ts";
import { ApiTime } from "./api-time.ts";
import { createClusterStore } from "./cluster-store.ts";
import type { Condition } from "./condition.ts";
import type { Lifetimes, WebhookConfiguration } from "./facts.ts";
import { Keeper } from "./keeper.ts";
import type { KeeperTelemetry } from "./ports.ts";
import { createAuthority, signLeaf } from "./sign.ts";
import type { CertificateStore } from "./store.ts";

/** Which objects they are, and whom the leaf is for. */
export interface ManagedCertificates {
  /** Podpass' own. */
  readonly namespace: string;
  /** The Secret's name. */
  readonly secret: string;
  readonly service: string;
  /** Those whose `caBundle` is kept. */
  readonly configurations: readonly WebhookConfiguration[];
  readonly lifetimes: Lifetimes;
}

/** What the source is made of. */
export interface ManagedPorts {
  readonly connection: Connection;
  readonly telemetry: KeeperTelemetry;
  /** Once it is aborted nothing is written any more; what is served is still renewed, until the source is closed. */
  readonly stopping: AbortSignal;
  readonly clock?: Clock;
  readonly wall?: WallClock;
}

const DAY_MS = 86_400_000;

/**
 * A CA for a year. A leaf for a day: signing one takes a few milliseconds, it is renewed eight hours before its end, and
 * with the CA's key in memory no API server is needed for it.
 */
export const LIFETIMES: Lifetimes = { caMs: 365 * DAY_MS, leafMs: DAY_MS };

/** How often both clocks are compared: after a machine was suspended, that is how long an old leaf may be served. */
const COMPARE_EVERY_MS = 5000;

/** Clients that refuse what is served are a reason to look, but not more often than this. */
const LOOK_AT_MOST_EVERY_MS = 2000;

const AFTER_A_FAULT_MS = 10_000;

/** The names that API servers call a Service by, and people. */
const serviceNames = (service: string, namespace: string): readonly string[] => [
  `${service}.${namespace}.svc`,
  `${service}.${namespace}.svc.cluster.local`,
  `${service}.${namespace}`,
  service,
];

const NOT_YET: Condition = { missing: "the CA has not been read yet", notices: [] };

class ManagedSource implements CertificateSource {
  private readonly closed = new AbortController();
  private readonly clock: Clock;
  private readonly time: ApiTime;
  private readonly keeper: Keeper;
  private condition = NOT_YET;
  private onEvent: OnCertificateEvent = () => {};
  private cancelLook = () => {};
  private cancelCompare = () => {};
  private lookedMs = Number.NEGATIVE_INFINITY;
  /** When it looks next; infinite before it first does, and less than any while it does. */
  private nextLookMs = Number.POSITIVE_INFINITY;

  constructor(
    managed: ManagedCertificates,
    { connection, telemetry, stopping, clock = systemClock, wall = Date.now }: ManagedPorts,
  ) {
    this.clock = clock;
    this.time = new ApiTime(clock, wall);
    const { namespace, secret, service, configurations, lifetimes } = managed;
    const elapsedMs = () => clock.now();
    const store: CertificateStore = createClusterStore({
      connection,
      namespace,
      secret,
      elapsedMs,
      closed: this.closed.signal,
      stopping,
    });
    this.keeper = new Keeper({
      store,
      configurations,
      places: { namespace, secret },
      names: serviceNames(service, namespace),
      lifetimes,
      time: this.time,
      clock,
      stopping,
      signer: { createAuthority, signLeaf },
      onLeaf: (certificate) => this.onEvent({ kind: "replaced", certificate }),
      telemetry: {
        ...telemetry,
        conditionChanged: (condition) => {
          // Requests that were cut off by the end of the process tell nothing.
          if (this.closed.signal.aborted) return;
          this.condition = condition;
          telemetry.conditionChanged(condition);
        },
      },
    });
  }

  current() {
    return this.keeper.served;
  }

  unavailable(): string | undefined {
    const leaf = this.keeper.served;
    return this.condition.missing ?? (leaf && unusableBecause(leaf, this.time.now()));
  }

  notice(): string | undefined {
    const { notices } = this.condition;
    return notices.length === 0 ? undefined : notices.join("; ");
  }

  async watch(onEvent: OnCertificateEvent): Promise<void> {
    this.onEvent = onEvent;
    this.compareClocks();
    // What listens shall not wait for an API server.
    void this.look();
  }

  refused(): void {
    this.lookAfter(Math.max(0, this.lookedMs + LOOK_AT_MOST_EVERY_MS - this.clock.now()));
  }

  close(): void {
    this.closed.abort();
    this.cancelLook();
    this.cancelCompare();
  }

  private compareClocks(): void {
    this.cancelCompare = this.clock.after(COMPARE_EVERY_MS, () => {
      if (this.time.leaped()) this.lookAfter(0);
      this.compareClocks();
    });
  }

  /** Looks after `waitMs` milliseconds, if it would not look earlier anyway. */
  private lookAfter(waitMs: number): void {
    const atMs = this.clock.now() + waitMs;
    if (this.closed.signal.aborted || atMs >= this.nextLookMs) return;
    this.cancelLook();
    this.nextLookMs = atMs;
    this.cancelLook = this.clock.after(waitMs, () => void this.look());
  }

  private async look(): Promise<void> {
    this.nextLookMs = Number.NEGATIVE_INFINITY;
    this.lookedMs = this.clock.now();
    let waitMs = AFTER_A_FAULT_MS;
    try {
      waitMs = await this.keeper.round();
    } catch (error) {
      this.onEvent({ kind: "refused", problem: messageOf(error) });
    }
    this.nextLookMs = Number.POSITIVE_INFINITY;
    this.lookAfter(waitMs);
  }
}

/** Makes the source; nothing is asked before it is watched. */
export const openManagedCertificates = (managed: ManagedCertificates, ports: ManagedPorts): CertificateSource =>
  new ManagedSource(managed, ports);
