/** Keeps this replica's certificate, the CA in the Secret and the `caBundle`s as they have to be: reads, decides, writes. */
import { backoffMs } from "../../kube/backoff.ts";
import type { Clock } from "../../kube/clock.ts";
import { messageOf, quote } from "../../reasons/text.ts";
import type { ServingCertificate } from "../certificate.ts";
import type { ApiTime } from "./api-time.ts";
import { trustIn } from "./bundles.ts";
import type { Authority, CaCertificate } from "./certificates.ts";
import { type Condition, describeCondition, isReady, type Places } from "./condition.ts";
import { type Cause, decide, leafEnd, type Plan } from "./decide.ts";
import type { Ca, Lifetimes, View } from "./facts.ts";
import type { CertificateStore, ReadConfiguration, ReadSecret, Written } from "./store.ts";

/** Makes CAs and leaves; see sign.ts. */
export interface Signer {
  createAuthority(life: { readonly nowMs: number; readonly lifeMs: number }): Authority;
  signLeaf(
    authority: Authority,
    options: { readonly names: readonly string[]; readonly endMs: number },
  ): ServingCertificate;
}

/** What is told of it, for logs and metrics. */
export interface KeeperTelemetry {
  /** A CA of ours is in the Secret now. */
  caCreated(cause: Cause, notAfter: Date): void;
  /** The CA in the Secret, as it was read. */
  caSeen(notAfter: Date): void;
  bundleWritten(configuration: string, result: "success" | "failure"): void;
  secretWritten(result: "success" | "failure"): void;
  /** What is to be said has changed. */
  conditionChanged(condition: Condition): void;
  /** How far this machine's clock is ahead of the API server's, in milliseconds. */
  clockDiffers(milliseconds: number): void;
}

/** What it is made of. */
export interface KeeperOptions {
  readonly store: CertificateStore;
  readonly configurations: readonly string[];
  readonly places: Places;
  /** The names that the leaf is for. */
  readonly names: readonly string[];
  readonly lifetimes: Lifetimes;
  readonly time: ApiTime;
  readonly clock: Pick<Clock, "random">;
  readonly telemetry: KeeperTelemetry;
  readonly signer: Signer;
  onLeaf(leaf: ServingCertificate): void;
}

interface Seen {
  readonly secret: ReadSecret;
  readonly configurations: readonly ReadConfiguration[];
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** What was written is read again at once; replicas that all write meet each other, and not for ever in the same moment. */
const SHORTLY_MS = 50;

/** How one round ended. */
type Outcome = "idle" | "wrote" | "failed";

/** See the file's comment; nothing is done before the first {@link round}. */
export class Keeper {
  private readonly options: KeeperOptions;
  private authority: Authority | undefined;
  private leaf: ServingCertificate | undefined;
  private wasReady = false;
  private failedRounds = 0;
  private said = "";

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  get served(): ServingCertificate | undefined {
    return this.leaf;
  }

  /** Looks once, and does what is to be done; resolves to how long to wait until the next look, in milliseconds. */
  async round(): Promise<number> {
    const seen = await this.look();
    const view = this.viewOf(seen);
    const plan = decide(view);
    const unsigned = this.renewLeaf(plan, view, seen);
    const failures = unsigned === undefined ? [] : [unsigned];
    const outcome = await this.write(plan, seen, failures);
    this.say(seen, failures);
    return this.waitAfter(outcome, plan);
  }

  private async look(): Promise<Seen> {
    const { store, configurations: names, time, telemetry } = this.options;
    const [secret, ...configurations] = await Promise.all([
      store.readSecret(),
      ...names.map((name) => store.readConfiguration(name)),
    ]);
    if (secret.date === undefined) time.unanswered();
    else time.answered(secret.date);
    telemetry.clockDiffers(time.differenceMs());
    if (secret.authority !== undefined) telemetry.caSeen(new Date(secret.authority.ca.notAfterMs));
    return { secret, configurations };
  }

  private viewOf({ secret, configurations }: Seen): View {
    const { time, lifetimes } = this.options;
    return {
      nowMs: time.now(),
      secret: secret.view,
      configurations: configurations.map(({ view }) => view),
      replica: {
        served: this.authority?.ca,
        leafEndMs: this.leaf?.notAfter.getTime() ?? 0,
        wasReady: this.wasReady,
      },
      lifetimes,
    };
  }

  private renewLeaf(plan: Plan, view: View, seen: Seen): string | undefined {
    const authority = plan.leaf === "by-current" ? seen.secret.authority : this.authority;
    if (plan.leaf === "keep" || authority === undefined) return undefined;
    const { names, lifetimes, time, onLeaf, signer } = this.options;
    try {
      const leaf = signer.signLeaf(authority, {
        names,
        endMs: leafEnd(authority.ca, { nowMs: time.now(), lifetimes }),
      });
      const trust = authority === this.authority ? "settled" : trustIn(authority.ca, view);
      this.authority = authority;
      this.leaf = leaf;
      onLeaf(leaf);
      // One that took the place of a CA that had ended is not trusted for that, and nobody is sent here meanwhile.
      if (this.wasReady && (trust === "missing" || trust === "unknown")) {
        this.wasReady = false;
        this.say(seen, []);
      }
      return undefined;
    } catch (error) {
      return `signing a serving certificate failed: ${messageOf(error)}`;
    }
  }

  private async write(plan: Plan, seen: Seen, failures: string[]): Promise<Outcome> {
    let hasFailed = false;
    for (const { name, cas } of plan.bundles) {
      const problem = await this.writeBundle(name, cas, seen);
      if (problem === undefined) continue;
      failures.push(problem);
      hasFailed = true;
    }
    const isSecretDue = plan.secret.kind !== "none" && !(hasFailed && plan.secret.kind === "renew");
    const problem = isSecretDue ? await this.writeSecret(plan, seen) : undefined;
    if (problem !== undefined) failures.push(problem);
    if (failures.length > 0) return "failed";
    return plan.bundles.length > 0 || isSecretDue ? "wrote" : "idle";
  }

  private async writeBundle(name: string, cas: readonly Ca[], seen: Seen): Promise<string | undefined> {
    const { store, telemetry } = this.options;
    const configuration = seen.configurations.find(({ view }) => "name" in view && view.name === name);
    if (configuration === undefined) return undefined;
    const known = this.knownCertificates(seen);
    const written = await store.writeBundle(
      name,
      configuration,
      cas.flatMap(({ id }) => known.get(id) ?? []),
    );
    if (written === "conflict") return undefined;
    telemetry.bundleWritten(name, written === "done" ? "success" : "failure");
    if (written === "done") return undefined;
    return `writing the caBundle of the MutatingWebhookConfiguration ${quote(name, 100)} failed: ${written.problem}`;
  }

  private knownCertificates({ secret, configurations }: Seen): ReadonlyMap<string, CaCertificate> {
    const all = [
      ...configurations.flatMap(({ certificates }) => certificates),
      ...[secret.previous, secret.authority, this.authority].filter((one) => one !== undefined),
    ];
    return new Map(all.map((one) => [one.ca.id, one]));
  }

  private async writeSecret({ secret: change }: Plan, seen: Seen): Promise<string | undefined> {
    const { telemetry, places } = this.options;
    let written: Written;
    try {
      written = await this.changeSecret(change, seen);
    } catch (error) {
      written = { problem: messageOf(error) };
    }
    if (written === "conflict") return undefined;
    telemetry.secretWritten(written === "done" ? "success" : "failure");
    if (written === "done") return undefined;
    const what = change.kind === "make" ? "making" : "writing";
    return `${what} the Secret ${places.namespace}/${places.secret} failed: ${written.problem}`;
  }

  private async changeSecret(change: Plan["secret"], seen: Seen): Promise<Written> {
    const { store, time, lifetimes, telemetry, signer } = this.options;
    if (change.kind === "make") return store.makeSecret();
    if (change.kind !== "renew") return store.writeSecret(seen.secret, { previous: undefined });
    const authority = signer.createAuthority({ nowMs: time.now(), lifeMs: lifetimes.caMs });
    const previous = change.previous && this.knownCertificates(seen).get(change.previous.id);
    const written = await store.writeSecret(seen.secret, { authority, previous });
    if (written === "done") telemetry.caCreated(change.cause, new Date(authority.ca.notAfterMs));
    return written;
  }

  private say(seen: Seen, failures: readonly string[]): void {
    const { time, places, telemetry } = this.options;
    const view = this.viewOf(seen);
    this.wasReady ||= isReady(view);
    const condition = describeCondition(view, { failures, clockDifferenceMs: time.differenceMs() }, places);
    const said = JSON.stringify(condition);
    if (said === this.said) return;
    this.said = said;
    telemetry.conditionChanged(condition);
  }

  private waitAfter(outcome: Outcome, { againMs }: Plan): number {
    const random = this.options.clock.random();
    this.failedRounds = outcome === "failed" ? this.failedRounds + 1 : 0;
    if (outcome === "wrote") return SHORTLY_MS * (1 + random);
    // Replicas that start together shall not ask together, and what becomes due is asked for a little later, not before.
    const usual = againMs * (1 + random / 5);
    if (outcome === "idle") return usual;
    const retry = backoffMs({ attempts: this.failedRounds, firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random });
    return Math.min(usual, retry);
  }
}
