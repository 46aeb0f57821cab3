/** A cluster in memory, and replicas that keep their certificates in it: time, faults and what others do come by hand. */
import type { ServingCertificate } from "../../../src/tls/certificate.ts";
import { ApiTime } from "../../../src/tls/managed/api-time.ts";
import type { Authority, CaCertificate } from "../../../src/tls/managed/certificates.ts";
import type { Condition } from "../../../src/tls/managed/condition.ts";
import { type Ca, isInDate, type Lifetimes, type WebhookConfiguration } from "../../../src/tls/managed/facts.ts";
import { Keeper } from "../../../src/tls/managed/keeper.ts";
import type { KeeperTelemetry, Signer } from "../../../src/tls/managed/ports.ts";
import type {
  CertificateStore,
  ReadConfiguration,
  ReadSecret,
  SecretContent,
  Written,
} from "../../../src/tls/managed/store.ts";

/** Where the world begins. */
const BIRTH_MS = Date.parse("2026-01-01T00:00:00Z");

const TICK_MS = 500;

/** An API server may take so long to notice that a configuration has changed. */
const LAG_MS = 3000;

interface Secret {
  version: number;
  authority: Authority | "spoilt" | undefined;
  previous: CaCertificate | undefined;
}

interface Bundle {
  readonly cas: readonly CaCertificate[];
  readonly sinceMs: number;
}

const DENIED = { problem: "the API server answered 403 Forbidden" } as const;

/** A CA of nobody in particular. */
export const foreignCa = (id: string, notAfterMs = BIRTH_MS * 2): CaCertificate => ({
  ca: { id, notBeforeMs: 0, notAfterMs, isOwn: false },
  cert: id,
});

/** The cluster. */
export class World {
  nowMs = BIRTH_MS;
  secret: Secret | undefined = { version: 1, authority: undefined, previous: undefined };
  /** All that the bundle ever was; undefined: there is no configuration. */
  history: Bundle[] | undefined = [{ cas: [], sinceMs: 0 }];
  readonly may = { readSecret: true, writeSecret: true, makeSecret: true, readBundle: true, writeBundle: true };
  /** How far the clocks of the API servers that answer are off, in turn; certificates are judged by the right time. */
  clocks: readonly number[] = [0];
  /** How long the next requests take, in turn. */
  delays: readonly number[] = [0];
  /** Called after each step of time. */
  onTick: () => void = () => {};
  private asked = 0;
  private dated = 0;
  private made = 0;
  private readonly timers = new Set<{ readonly atMs: number; readonly ring: () => void }>();
  readonly replicas: Replica[] = [];
  readonly lifetimes: Lifetimes;

  constructor(lifetimes: Lifetimes = { caMs: 120_000, leafMs: 30_000 }) {
    this.lifetimes = lifetimes;
  }

  get bundle(): readonly CaCertificate[] {
    return this.history?.at(-1)?.cas ?? [];
  }

  /** Puts `cas` into the bundle, as anybody who may write it. */
  setBundle(cas: readonly CaCertificate[]): void {
    const ids = (one: readonly CaCertificate[]) => one.map(({ ca }) => ca.id).join();
    // What changes nothing is not noted by an API server either.
    if (ids(cas) !== ids(this.bundle)) this.history?.push({ cas, sinceMs: this.nowMs });
  }

  spoilSecret(): void {
    if (this.secret !== undefined)
      this.secret = { ...this.secret, version: this.secret.version + 1, authority: "spoilt" };
  }

  deleteSecret(): void {
    this.secret = undefined;
  }

  /** Is a CA in every bundle that some API server may still go by? One that has ended vouches for nothing anyway. */
  isHonoured(ca: Ca): boolean {
    if (!isInDate(ca, this.nowMs)) return true;
    const { history } = this;
    if (history === undefined) return true;
    const inForce = history.filter((_, index) => (history[index + 1]?.sinceMs ?? this.nowMs) >= this.nowMs - LAG_MS);
    return inForce.every(({ cas }) => cas.some((one) => one.ca.id === ca.id));
  }

  addReplica(): Replica {
    const replica = new Replica(this);
    this.replicas.push(replica);
    return replica;
  }

  /** Lets time pass; each replica looks when it is due. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(this.nowMs + TICK_MS, endMs);
      for (const timer of [...this.timers]) {
        if (timer.atMs > this.nowMs) continue;
        this.timers.delete(timer);
        timer.ring();
      }
      for (const replica of this.replicas) replica.lookWhenDue();
      await new Promise(setImmediate);
      this.onTick();
    }
  }

  /** What the next API server in turn takes for the time. */
  date(): string {
    return new Date(this.nowMs + (this.clocks[this.dated++ % this.clocks.length] ?? 0)).toUTCString();
  }

  /** A request is on its way. */
  async travel(): Promise<void> {
    const ms = this.delays[this.asked++ % this.delays.length] ?? 0;
    if (ms === 0) return;
    await new Promise<void>((ring) => this.timers.add({ atMs: this.nowMs + ms, ring }));
  }

  readonly signer: Signer = {
    createAuthority: async ({ nowMs, lifeMs }) => {
      const id = `ca-${++this.made}`;
      return { ca: { id, notBeforeMs: nowMs, notAfterMs: nowMs + lifeMs, isOwn: true }, cert: id, key: id };
    },
    signLeaf: async ({ ca }, { endMs }) => ({
      cert: `leaf of ${ca.id} until ${endMs}`,
      key: "",
      notBefore: new Date(ca.notBeforeMs),
      notAfter: new Date(endMs),
    }),
  };
}

/** What the API server does, over the world's state. */
class WorldStore implements CertificateStore {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  async readSecret(): Promise<ReadSecret> {
    const { world } = this;
    await world.travel();
    const nothing = { authority: undefined, previous: undefined, resourceVersion: "", date: undefined };
    if (!world.may.readSecret) return { ...nothing, view: { state: "unknown", problem: DENIED.problem } };
    const date = world.date();
    const { secret } = world;
    if (secret === undefined) return { ...nothing, view: { state: "absent" }, date };
    const read = { ...nothing, resourceVersion: String(secret.version), date };
    if (secret.authority === undefined) return { ...read, view: { state: "empty" } };
    if (secret.authority === "spoilt") return { ...read, view: { state: "unusable", problem: "spoilt" } };
    const { authority, previous } = secret;
    return { ...read, authority, previous, view: { state: "usable", ca: authority.ca, previous: previous?.ca } };
  }

  async makeSecret(): Promise<Written> {
    await this.world.travel();
    if (!this.world.may.makeSecret) return DENIED;
    this.world.secret ??= { version: this.world.nowMs, authority: undefined, previous: undefined };
    return "done";
  }

  async writeSecret({ resourceVersion }: ReadSecret, { authority, previous }: SecretContent): Promise<Written> {
    await this.world.travel();
    const { secret, may } = this.world;
    if (!may.writeSecret) return DENIED;
    if (secret === undefined || String(secret.version) !== resourceVersion) return "conflict";
    this.world.secret = { version: secret.version + 1, authority: authority ?? secret.authority, previous };
    return "done";
  }

  async readConfiguration(of: WebhookConfiguration): Promise<ReadConfiguration> {
    const { world } = this;
    await world.travel();
    const nothing = { certificates: [], webhooks: 0, resourceVersion: "" };
    if (!world.may.readBundle) return { ...nothing, view: { state: "unknown", ...of, problem: DENIED.problem } };
    const bundle = world.history?.at(-1);
    if (bundle === undefined) return { ...nothing, view: { state: "idle", ...of, problem: "is not there" } };
    const cas = bundle.cas.map(({ ca }) => ca);
    // The API server notes whole seconds.
    const changedMs = Math.floor(bundle.sinceMs / 1000) * 1000;
    return {
      view: { state: "present", ...of, common: cas, all: cas, isTidy: true, changedMs, seenForMs: 0 },
      certificates: bundle.cas,
      webhooks: 1,
      resourceVersion: String(world.history?.length),
    };
  }

  async writeBundle(
    _of: WebhookConfiguration,
    read: ReadConfiguration,
    certificates: readonly CaCertificate[],
  ): Promise<Written> {
    await this.world.travel();
    if (!this.world.may.writeBundle) return DENIED;
    if (String(this.world.history?.length) !== read.resourceVersion) return "conflict";
    this.world.setBundle(certificates);
    return "done";
  }
}

/** A replica of Podpass. */
export class Replica {
  private readonly world: World;
  private dueMs = 0;
  private isLooking = false;
  private life = 0;
  private stopping = new AbortController();
  private keeper: Keeper;
  private authorityId: string | undefined;
  leaf: ServingCertificate | undefined;
  condition: Condition = { missing: "not yet", notices: [] };
  readonly said: Condition[] = [];
  /** How wrong this machine's own clock is. */
  skewMs = 0;

  constructor(world: World) {
    this.world = world;
    this.keeper = this.start();
  }

  get isReady(): boolean {
    return this.condition.missing === undefined;
  }

  /** The id of the CA whose leaf it serves. */
  get servedBy(): string | undefined {
    return this.authorityId;
  }

  get servedCa(): Ca | undefined {
    return [...(this.world.history ?? [])].flatMap(({ cas }) => cas).find(({ ca }) => ca.id === this.authorityId)?.ca;
  }

  /** Ends the process, and starts it anew. */
  restart(): void {
    this.leaf = undefined;
    this.authorityId = undefined;
    this.condition = { missing: "not yet", notices: [] };
    this.isLooking = false;
    this.dueMs = 0;
    this.keeper = this.start();
  }

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** The process is told to end, and goes on for as long as it drains. */
  stop(): void {
    this.stopping.abort();
  }

  lookNow(): void {
    this.dueMs = 0;
  }

  lookWhenDue(): void {
    if (this.isLooking || this.world.nowMs < this.dueMs) return;
    this.isLooking = true;
    const { life } = this;
    void this.keeper.round().then((waitMs) => {
      if (life !== this.life) return;
      this.isLooking = false;
      this.dueMs = this.world.nowMs + waitMs;
    });
  }

  private start(): Keeper {
    const { world } = this;
    const life = ++this.life;
    this.stopping = new AbortController();
    const startMs = world.nowMs;
    const clock = { now: () => world.nowMs - startMs, random: () => 0.5 };
    const isAlive = () => life === this.life;
    const telemetry: KeeperTelemetry = {
      caCreated: () => {},
      caSeen: () => {},
      bundleWritten: () => {},
      secretWritten: () => {},
      clockDiffers: () => {},
      conditionChanged: (condition) => {
        if (!isAlive()) return;
        this.condition = condition;
        this.said.push(condition);
      },
    };
    return new Keeper({
      store: new WorldStore(world),
      configurations: [{ kind: "MutatingWebhookConfiguration", name: "podpass" }],
      places: { namespace: "podpass-system", secret: "podpass-ca" },
      names: ["podpass.podpass-system.svc"],
      lifetimes: world.lifetimes,
      time: new ApiTime(clock, () => world.nowMs + this.skewMs),
      clock,
      telemetry,
      stopping: this.stopping.signal,
      signer: world.signer,
      onLeaf: (leaf) => {
        if (!isAlive()) return;
        this.leaf = leaf;
        this.authorityId = /^leaf of (\S+)/.exec(leaf.cert)?.[1];
      },
    });
  }
}
