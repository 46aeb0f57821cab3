/** Keeps this replica's certificate, the CA in the Secret and the `caBundle`s as they have to be: reads, decides, writes. */
import { backoffMs } from "../../kube/backoff.ts";
import type { Clock } from "../../kube/clock.ts";
import { messageOf } from "../../reasons/text.ts";
import type { ServingCertificate } from "../certificate.ts";
import { trustIn } from "./bundles.ts";
import type { Authority } from "./certificates.ts";
import { describeCondition, isReady } from "./condition.ts";
import { againAfter, decide, leafEnd, type Plan } from "./decide.ts";
import type { View, WebhookConfiguration } from "./facts.ts";
import { type Seen, Writer, type WriterOptions } from "./writer.ts";

/** What it is made of. */
export interface KeeperOptions extends WriterOptions {
  readonly configurations: readonly WebhookConfiguration[];
  /** The names that the leaf is for. */
  readonly names: readonly string[];
  readonly clock: Pick<Clock, "random">;
  onLeaf(leaf: ServingCertificate): void;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** What was written is read again at once; replicas that all write meet each other, and not for ever in the same moment. */
const SHORTLY_MS = 50;

/** After so many rounds in a row somebody else undoes what is written: then there is time. */
const ROUNDS_AT_ONCE = 5;

/** See the file's comment; nothing is done before the first {@link round}. */
export class Keeper {
  private readonly options: KeeperOptions;
  private authority: Authority | undefined;
  private leaf: ServingCertificate | undefined;
  private wasReady = false;
  private readonly writer: Writer;
  private failedRounds = 0;
  private busyRounds = 0;
  private said = "";

  constructor(options: KeeperOptions) {
    this.options = options;
    this.writer = new Writer(options);
  }

  get served(): ServingCertificate | undefined {
    return this.leaf;
  }

  /** Looks once, and does what is to be done; resolves to how long to wait until the next look, in milliseconds. */
  async round(): Promise<number> {
    const seen = await this.look();
    const view = this.viewOf(seen);
    const plan = decide(view);
    const unsigned = await this.renewLeaf(plan, view, seen);
    const { failures: unwritten, isChanged } = await this.writer.carryOut(plan, seen);
    const failures = unsigned === undefined ? unwritten : [unsigned, ...unwritten];
    this.say(seen, failures);
    this.failedRounds = failures.length > 0 ? this.failedRounds + 1 : 0;
    this.busyRounds = isChanged ? this.busyRounds + 1 : 0;
    return this.waitAfter(seen, view.nowMs);
  }

  private async look(): Promise<Seen> {
    const { store, configurations: kept, time, telemetry } = this.options;
    const [secret, ...configurations] = await Promise.all([
      store.readSecret(),
      ...kept.map((one) => store.readConfiguration(one)),
    ]);
    if (secret.date === undefined) time.unanswered();
    else time.answered(secret.date);
    telemetry.clockDiffers(time.differenceMs());
    if (secret.authority !== undefined) telemetry.caSeen(new Date(secret.authority.ca.notAfterMs));
    return { secret, configurations, served: this.authority };
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

  private async renewLeaf(plan: Plan, view: View, seen: Seen): Promise<string | undefined> {
    const authority = plan.leaf === "by-current" ? seen.secret.authority : seen.served;
    if (plan.leaf === "keep" || authority === undefined) return undefined;
    const { names, lifetimes, time, onLeaf, signer } = this.options;
    try {
      const leaf = await signer.signLeaf(authority, {
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

  private waitAfter(seen: Seen, decidedMs: number): number {
    const random = this.options.clock.random();
    const attempts = Math.max(this.failedRounds, this.busyRounds - ROUNDS_AT_ONCE);
    if (this.busyRounds > 0 && attempts <= 0) return SHORTLY_MS * (1 + random);
    // Replicas that start together shall not ask together, and what becomes due is asked for a little later, not before.
    const usual = againAfter(this.viewOf(seen), decidedMs) * (1 + random / 5);
    if (attempts <= 0) return usual;
    return Math.min(usual, backoffMs({ attempts, firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random }));
  }
}
