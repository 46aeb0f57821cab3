/** Carries out what was decided about Secret and `caBundle`s. */
import { messageOf, quote } from "../../reasons/text.ts";
import type { ApiTime } from "./api-time.ts";
import type { Authority, CaCertificate } from "./certificates.ts";
import type { Places } from "./condition.ts";
import type { Plan } from "./decide.ts";
import type { Ca, Lifetimes, WebhookConfiguration } from "./facts.ts";
import type { KeeperTelemetry, Signer } from "./ports.ts";
import type { CertificateStore, ReadConfiguration, ReadSecret, Written } from "./store.ts";

/** What is written with. */
export interface WriterOptions {
  readonly store: CertificateStore;
  readonly places: Places;
  readonly lifetimes: Lifetimes;
  readonly time: ApiTime;
  readonly telemetry: KeeperTelemetry;
  readonly signer: Signer;
  /**
   * Once it is aborted nothing is written: this replica ends, perhaps since all of the installation is taken away, and what
   * it made anew then would stay behind. Replicas that live on write whatever is missing.
   */
  readonly stopping: AbortSignal;
}

/** All that was read for a decision. */
export interface Seen {
  readonly secret: ReadSecret;
  readonly configurations: readonly ReadConfiguration[];
  /** The CA of the leaf that is served. */
  readonly served: Authority | undefined;
}

/** What became of it. */
export interface Effect {
  /** Sentences about what failed. */
  readonly failures: readonly string[];
  /** Something was sent: what was read is not so any more. */
  readonly isChanged: boolean;
}

const knownCertificates = ({ secret, configurations, served }: Seen): ReadonlyMap<string, CaCertificate> => {
  const all = [
    ...configurations.flatMap(({ certificates }) => certificates),
    ...[secret.previous, secret.authority, served].filter((one) => one !== undefined),
  ];
  return new Map(all.map((one) => [one.ca.id, one]));
};

/** See the file's comment. */
export class Writer {
  private readonly options: WriterOptions;

  constructor(options: WriterOptions) {
    this.options = options;
  }

  /** Writes; one that met another replica's write is no failure, since what is there then is read and decided about. */
  async carryOut(plan: Plan, seen: Seen): Promise<Effect> {
    const failures: string[] = [];
    if (this.options.stopping.aborted) return { failures, isChanged: false };
    for (const { configuration, cas } of plan.bundles) {
      const problem = await this.writeBundle(configuration, cas, seen);
      if (problem !== undefined) failures.push(problem);
    }
    const isSecretDue = plan.secret.kind !== "none" && !(failures.length > 0 && plan.secret.kind === "renew");
    const problem = isSecretDue ? await this.writeSecret(plan, seen) : undefined;
    if (problem !== undefined) failures.push(problem);
    return { failures, isChanged: plan.bundles.length > 0 || isSecretDue };
  }

  private async writeBundle(of: WebhookConfiguration, cas: readonly Ca[], seen: Seen): Promise<string | undefined> {
    const { store, telemetry } = this.options;
    const { kind, name } = of;
    const configuration = seen.configurations.find(({ view }) => view.kind === kind && view.name === name);
    if (configuration === undefined) return undefined;
    const known = knownCertificates(seen);
    const written = await store.writeBundle(
      of,
      configuration,
      cas.flatMap(({ id }) => known.get(id) ?? []),
    );
    const problem = this.problemOf(written, (result) => telemetry.bundleWritten(of, result));
    if (problem === undefined) return undefined;
    return `writing the caBundle of the ${kind} ${quote(name, 100)} failed: ${problem}`;
  }

  private async writeSecret({ secret: change }: Plan, seen: Seen): Promise<string | undefined> {
    const { telemetry, places } = this.options;
    let written: Written;
    try {
      written = await this.changeSecret(change, seen);
    } catch (error) {
      written = { problem: messageOf(error) };
    }
    const problem = this.problemOf(written, (result) => telemetry.secretWritten(result));
    if (problem === undefined) return undefined;
    const what = change.kind === "make" ? "making" : "writing";
    return `${what} the Secret ${places.namespace}/${places.secret} failed: ${problem}`;
  }

  /** What met another replica's write, or was cut off by the end, is no failure. */
  private problemOf(written: Written, tell: (result: "success" | "failure") => void): string | undefined {
    if (written === "done") {
      tell("success");
      return undefined;
    }
    if (written === "conflict" || this.options.stopping.aborted) return undefined;
    tell("failure");
    return written.problem;
  }

  private async changeSecret(change: Plan["secret"], seen: Seen): Promise<Written> {
    const { store, time, lifetimes, telemetry, signer } = this.options;
    if (change.kind === "make") return store.makeSecret();
    if (change.kind !== "renew") return store.writeSecret(seen.secret, { previous: undefined });
    const authority = await signer.createAuthority({ nowMs: time.now(), lifeMs: lifetimes.caMs });
    const previous = change.previous && knownCertificates(seen).get(change.previous.id);
    const written = await store.writeSecret(seen.secret, { authority, previous });
    if (written === "done") telemetry.caCreated(change.cause, new Date(authority.ca.notAfterMs));
    return written;
  }
}
