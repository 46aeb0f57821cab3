/** A clock that tests move by hand. */
import { vi } from "vitest";
import type { Clock } from "../../src/kube/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly action: () => void;
}

/** Time stands still between two calls of {@link advance}. */
export class ManualClock implements Clock {
  private nowMs = 0;
  private readonly timers = new Set<Timer>();
  chance = 0.5;

  now(): number {
    return this.nowMs;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, action };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** How many timers run. */
  get pending(): number {
    return this.timers.size;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers].sort((a, b) => a.atMs - b.atMs)) {
      if (timer.atMs > this.nowMs || !this.timers.delete(timer)) continue;
      timer.action();
    }
  }

  /** Lets time pass, `stepMs` at a time with a moment for the sockets in between, until `assertion` holds. */
  until<T>(assertion: () => T | Promise<T>, stepMs = 250): Promise<T> {
    return vi.waitFor(
      async () => {
        try {
          return await assertion();
        } catch (error) {
          this.advance(stepMs);
          throw error;
        }
      },
      { timeout: 8000, interval: 5 },
    );
  }
}
