/**
 * The API server's time. Its clock is the one that judges our certificates, and that of this machine may be wrong: so what
 * counts is what it says with each answer, and in between a clock that only grows. The wall clock serves to notice that the
 * machine was suspended, which stops that one, and for as long as no API server has answered.
 */
import type { Clock } from "../../kube/clock.ts";
import type { WallClock } from "../judgement.ts";

/** `Date` has whole seconds, and an answer takes a while: what differs by no more is taken for the same. */
const TOLERANCE_MS = 2000;

/** See the file's comment. Milliseconds since 1970, but where it says otherwise. */
export class ApiTime {
  private readonly clock: Pick<Clock, "now">;
  private readonly wall: WallClock;
  /** What is to be added to the clock that only grows. */
  private offsetMs: number;
  /** The same for the wall clock, when it was last looked at. */
  private wallOffsetMs: number;
  private leapMs = 0;
  private answeredMs: number | undefined;

  constructor(clock: Pick<Clock, "now">, wall: WallClock) {
    this.clock = clock;
    this.wall = wall;
    this.wallOffsetMs = wall() - clock.now();
    this.offsetMs = this.wallOffsetMs;
  }

  now(): number {
    return this.clock.now() + this.offsetMs;
  }

  /** How far the wall clock is ahead of the API server's, in milliseconds; 0 while no API server has answered. */
  differenceMs(): number {
    const difference = this.answeredMs === undefined ? 0 : this.wall() - this.now();
    return Math.abs(difference) <= TOLERANCE_MS ? 0 : difference;
  }

  /** Has the wall clock moved otherwise than the other one since it was last asked? */
  leaped(): boolean {
    const wallOffsetMs = this.wall() - this.clock.now();
    const leapMs = wallOffsetMs - this.wallOffsetMs;
    if (Math.abs(leapMs) <= TOLERANCE_MS) return false;
    this.wallOffsetMs = wallOffsetMs;
    this.leapMs += leapMs;
    return true;
  }

  /** The API server answered with this `Date`; what is none is passed over. */
  answered(date: string | undefined): void {
    const dateMs = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(dateMs)) return;
    // In the middle of the second that it is.
    const trueMs = dateMs + 500;
    this.leapMs = 0;
    this.answeredMs = trueMs;
    if (Math.abs(this.now() - trueMs) > TOLERANCE_MS) this.offsetMs = trueMs - this.clock.now();
  }

  /**
   * The API server did not answer. A wall clock that leaped ahead is then believed: most likely the machine was suspended,
   * and a leaf that is renewed too early harms nobody. One that leaped back is not.
   */
  unanswered(): void {
    if (this.leapMs > 0) this.offsetMs += this.leapMs;
    this.leapMs = 0;
  }
}
