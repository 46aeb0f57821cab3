/** Which certificate is served: judged by the wall clock, and again as time passes, since certificates begin and end. */
import { type ServingCertificate, unusableBecause } from "./certificate.ts";
import type { CertificateEvent } from "./source.ts";

/** Milliseconds since 1970, which jump where the clock is set or the machine was suspended. */
export type WallClock = () => number;

const isSame = (a: ServingCertificate | undefined, b: ServingCertificate): boolean =>
  a !== undefined && a.cert === b.cert && a.key === b.key;

/** The certificate that is served, and the newer one that waits for its time. */
export class Judgement {
  private readonly now: WallClock;
  private served: ServingCertificate;
  private wasUsable = true;
  private postponed: ServingCertificate | undefined;
  private hasProblem = false;

  /** `first` is served whatever its time: there is nothing better. */
  constructor(first: ServingCertificate, now: WallClock) {
    this.served = first;
    this.now = now;
  }

  get current(): ServingCertificate {
    return this.served;
  }

  /** Why what is served is out of date; undefined where it is not. */
  unusable(): string | undefined {
    return unusableBecause(this.served, this.now());
  }

  /** The source has `certificate` now; undefined: that changes nothing. */
  offer(certificate: ServingCertificate): CertificateEvent | undefined {
    if (isSame(this.postponed, certificate)) return undefined;
    this.postponed = undefined;
    if (isSame(this.served, certificate) && !this.hasProblem) return undefined;
    const problem = unusableBecause(certificate, this.now());
    if (problem === undefined || isSame(this.served, certificate)) return this.serve(certificate);
    this.postponed = certificate;
    this.hasProblem = true;
    return { kind: "postponed", problem };
  }

  /** What the source has now is no certificate. */
  refuse(problem: string): CertificateEvent {
    this.postponed = undefined;
    this.hasProblem = true;
    return { kind: "refused", problem };
  }

  /** Judges again; undefined: nothing has changed. */
  again(): CertificateEvent | undefined {
    const { postponed } = this;
    if (postponed !== undefined && unusableBecause(postponed, this.now()) === undefined) return this.serve(postponed);
    const problem = this.unusable();
    const { wasUsable } = this;
    this.wasUsable = problem === undefined;
    if (this.wasUsable === wasUsable) return undefined;
    return problem === undefined ? { kind: "in-date", certificate: this.served } : { kind: "out-of-date", problem };
  }

  private serve(certificate: ServingCertificate): CertificateEvent {
    this.served = certificate;
    this.postponed = undefined;
    this.hasProblem = false;
    this.wasUsable = this.unusable() === undefined;
    return { kind: "replaced", certificate };
  }
}
