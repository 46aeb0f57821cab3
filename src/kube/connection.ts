/** One pool of connections to an API server, with credentials that are read again as they rotate. */
import { errors, type Pool } from "undici";
import { type Access, type AccessSource, sharesConnections } from "./access.ts";
import { MAX_OBJECT_BYTES, readBounded } from "./bounded-body.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openPool } from "./pool.ts";

/** The start of an answer; `body` must be read or dropped. */
export interface KubeResponse {
  readonly status: number;
  /** What `Retry-After` says. */
  readonly retryAfterMs: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Rejects with an `AnswerTooLarge` where the body has more than {@link MAX_OBJECT_BYTES}. */
  readText(): Promise<string>;
  /** Frees the connection; also where the body is not needed. */
  drop(): void;
}

/** Requests to one API server, as a port. */
export interface Connection {
  /** Resolves with the headers; rejects where there are none, and with `signal`'s reason once it is aborted. */
  get(path: string, accept: string, signal: AbortSignal): Promise<KubeResponse>;
  /**
   * The same with `body` as JSON. It may be sent twice where credentials or CA turn out to have rotated: only for what
   * does no harm when it is done twice, such as asking for a token.
   */
  post(path: string, body: unknown, signal: AbortSignal): Promise<KubeResponse>;
  /** Ends every connection at once, those in use too. */
  close(): void;
}

/** How a connection is made. */
export interface ConnectionOptions {
  readonly access: AccessSource;
  /** How old what was read of tokens and CAs may get: client-go re-reads its token each minute as well. */
  readonly maxAccessAgeMs?: number;
  /** One of them is the watch's. */
  readonly connections?: number;
  readonly clock?: Clock;
}

interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Loses to `signal`: undici looks at it only once it is connected, and a paused server never finishes that. */
const orAborted = <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });

const readRetryAfter = (value: string | string[] | undefined): number | undefined => {
  if (typeof value !== "string") return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
};

class PooledConnection implements Connection {
  private readonly options: Required<ConnectionOptions>;
  private access: Access | undefined;
  private readAtMs = 0;
  private isStale = true;
  private wasRefused = false;
  private reading: Promise<Access> | undefined;
  private pool: Pool | undefined;
  private readonly draining = new Set<Pool>();
  private isClosed = false;

  constructor(options: ConnectionOptions) {
    this.options = { maxAccessAgeMs: 60_000, connections: 16, clock: systemClock, ...options };
  }

  get(path: string, accept: string, signal: AbortSignal): Promise<KubeResponse> {
    return this.ask({ method: "GET", path, headers: { accept } }, signal);
  }

  post(path: string, body: unknown, signal: AbortSignal): Promise<KubeResponse> {
    const headers = { accept: "application/json", "content-type": "application/json" };
    return this.ask({ method: "POST", path, headers, body: JSON.stringify(body) }, signal);
  }

  private async ask(request: Request, signal: AbortSignal): Promise<KubeResponse> {
    const access = await orAborted(this.currentAccess(), signal);
    let response: KubeResponse | undefined;
    try {
      response = await this.send(access, request, signal);
      if (response.status !== 401) return response;
      this.wasRefused = true;
    } catch (error) {
      // A pool that was replaced while the request waited in it.
      if (signal.aborted || this.isClosed) throw error;
      // The serving certificate may be a new CA's.
      if (!(error instanceof errors.ClientClosedError)) this.isStale = true;
      const fresh = await orAborted(this.currentAccess(), signal);
      if (fresh === access || sharesConnections(fresh, access)) throw error;
      return this.send(fresh, request, signal);
    }
    this.isStale = true;
    const fresh = await orAborted(this.currentAccess(), signal);
    if (fresh.authorization === access.authorization && sharesConnections(fresh, access)) return response;
    response.drop();
    return this.send(fresh, request, signal);
  }

  close(): void {
    this.isClosed = true;
    const pools = [...this.draining, ...(this.pool ? [this.pool] : [])];
    this.pool = undefined;
    for (const pool of pools) void pool.destroy().catch(() => {});
  }

  private async currentAccess(): Promise<Access> {
    const { clock, maxAccessAgeMs } = this.options;
    if (this.access !== undefined && !this.isStale && clock.now() - this.readAtMs < maxAccessAgeMs) return this.access;
    this.reading ??= this.readAccess().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readAccess(): Promise<Access> {
    const { access: source, clock } = this.options;
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
    if (before !== undefined && !sharesConnections(before, fresh)) this.drain();
    this.access = fresh;
    return fresh;
  }

  /** Lets what is under way over the current pool finish; new requests get a new one. */
  private drain(): void {
    const { pool } = this;
    if (pool === undefined) return;
    this.pool = undefined;
    this.draining.add(pool);
    void pool.close().finally(() => this.draining.delete(pool));
  }

  private poolFor(access: Access): Pool {
    if (this.isClosed) throw new errors.ClientClosedError("the connection is closed");
    this.pool ??= openPool(access, this.options.connections);
    return this.pool;
  }

  private async send(access: Access, request: Request, signal: AbortSignal): Promise<KubeResponse> {
    const base = access.server.pathname.replace(/\/$/, "");
    const { authorization } = access;
    const sent = this.poolFor(access).request({
      ...request,
      path: `${base}${request.path}`,
      headers: {
        ...request.headers,
        "user-agent": "podpass",
        ...(authorization === undefined ? {} : { authorization }),
      },
      signal,
    });
    const { statusCode, headers, body } = await orAborted(sent, signal);
    return {
      status: statusCode,
      retryAfterMs: readRetryAfter(headers["retry-after"]),
      body,
      readText: () => readBounded(body, MAX_OBJECT_BYTES),
      drop: () => void body.dump().catch(() => {}),
    };
  }
}

/** Makes a connection; nothing is read or opened before the first request. */
export const createConnection = (options: ConnectionOptions): Connection => new PooledConnection(options);
