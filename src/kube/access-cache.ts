/** Access that is kept for a while, and read again as tokens and CAs rotate. */
import { type Access, type AccessSource, sharesConnections } from "./access.ts";
import type { Clock } from "./clock.ts";

/** What the cache works with. */
export interface AccessCacheOptions {
  readonly source: AccessSource;
  readonly clock: Clock;
  readonly maxAgeMs: number;
  /** Called where what was read needs connections of its own. */
  readonly onReplaced: () => void;
}

/** One access at a time, read once for all who ask meanwhile. */
export class AccessCache {
  private readonly options: AccessCacheOptions;
  private access: Access | undefined;
  private readAtMs = 0;
  private isStale = true;
  private wasRefused = false;
  private reading: Promise<Access> | undefined;

  constructor(options: AccessCacheOptions) {
    this.options = options;
  }

  /** Rejects only where nothing could be read yet. */
  async current(): Promise<Access> {
    const { clock, maxAgeMs } = this.options;
    if (this.access !== undefined && !this.isStale && clock.now() - this.readAtMs < maxAgeMs) return this.access;
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  /** The next one is read anew. `wasRefused`: the API server did not take this one, so that nothing of it may be kept. */
  expire(wasRefused: boolean): void {
    this.isStale = true;
    if (wasRefused) this.wasRefused = true;
  }

  private async read(): Promise<Access> {
    const { source, clock, onReplaced } = this.options;
    const { wasRefused } = this;
    this.isStale = false;
    this.wasRefused = false;
    let fresh: Access;
    try {
      fresh = await source.read(wasRefused);
    } catch (error) {
      this.isStale = true;
      // What worked a minute ago most likely still does; if not, the API server will say so.
      if (this.access === undefined) throw error;
      return this.access;
    }
    this.readAtMs = clock.now();
    const { access: before } = this;
    if (before !== undefined && !sharesConnections(before, fresh)) onReplaced();
    this.access = fresh;
    return fresh;
  }
}
