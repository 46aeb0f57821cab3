/** One pool of connections to an API server, with credentials that are read again as they rotate. */
import type { IncomingMessage } from "node:http";
import { type Access, type AccessSource, sharesConnections } from "./access.ts";
import { AccessCache } from "./access-cache.ts";
import { MAX_OBJECT_BYTES, readBounded } from "./bounded-body.ts";
import { type Clock, systemClock } from "./clock.ts";
import { orAborted } from "./deadline.ts";
import { openPool, type Pool, PoolClosed } from "./pool.ts";
import { type JsonObject, type KubeRequest, type Patch, patchRequest, requestWithBody } from "./request.ts";
import { readWarnings } from "./warnings.ts";

/** The start of an answer; `body` must be read or dropped. */
export interface KubeResponse {
  readonly status: number;
  /** What `Retry-After` says. */
  readonly retryAfterMs: number | undefined;
  /** What `Date` says. */
  readonly date?: string | undefined;
  /** What `Warning` says: those of admission among them. */
  readonly warnings?: readonly string[];
  readonly body: AsyncIterable<Uint8Array>;
  /** Rejects with an `AnswerTooLarge` where the body has more than {@link MAX_OBJECT_BYTES}. */
  readText(): Promise<string>;
  /** Frees the connection; also where the body is not needed. */
  drop(): void;
}

/**
 * Requests to one API server, as a port. Each resolves with the headers; rejects where there are none, and with
 * `signal`'s reason once it is aborted.
 *
 * A request with a body may be sent twice where credentials or CA turn out to have rotated: only for what does no harm
 * when it is done twice, such as asking for a token, or writing an object that names its `resourceVersion`, which the API
 * server refuses the second time with 409.
 */
export interface Connection {
  get(path: string, accept: string, signal: AbortSignal): Promise<KubeResponse>;
  post(path: string, body: JsonObject, signal: AbortSignal): Promise<KubeResponse>;
  patch(path: string, patch: Patch, signal: AbortSignal): Promise<KubeResponse>;
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

const readRetryAfter = (value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
};

/** More than that is not read to its end for the sake of the connection. */
const MAX_DROPPED_BYTES = 64 * 1024;

const drop = (answer: IncomingMessage): void => {
  if (Number(answer.headers["content-length"]) <= MAX_DROPPED_BYTES) answer.resume();
  else answer.destroy();
};

class PooledConnection implements Connection {
  private readonly connections: number;
  private readonly access: AccessCache;
  private pool: Pool | undefined;
  private readonly draining = new Set<Pool>();
  private isClosed = false;

  constructor({ access, maxAccessAgeMs = 60_000, connections = 16, clock = systemClock }: ConnectionOptions) {
    this.connections = connections;
    this.access = new AccessCache({ source: access, clock, maxAgeMs: maxAccessAgeMs, onReplaced: () => this.drain() });
  }

  get(path: string, accept: string, signal: AbortSignal): Promise<KubeResponse> {
    return this.ask({ method: "GET", path, headers: { accept } }, signal);
  }

  post(path: string, body: JsonObject, signal: AbortSignal): Promise<KubeResponse> {
    return this.ask(requestWithBody("POST", path, body), signal);
  }

  patch(path: string, patch: Patch, signal: AbortSignal): Promise<KubeResponse> {
    return this.ask(patchRequest(path, patch), signal);
  }

  private async ask(request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
    const access = await orAborted(this.access.current(), signal);
    let response: KubeResponse;
    try {
      response = await this.send(access, request, signal);
    } catch (error) {
      if (signal.aborted || this.isClosed) throw error;
      // The serving certificate may be a new CA's.
      this.access.expire(false);
      const fresh = await orAborted(this.access.current(), signal);
      if (fresh === access || sharesConnections(fresh, access)) throw error;
      return this.send(fresh, request, signal);
    }
    if (response.status !== 401) return response;
    this.access.expire(true);
    const fresh = await orAborted(this.access.current(), signal);
    if (fresh.authorization === access.authorization && sharesConnections(fresh, access)) return response;
    response.drop();
    return this.send(fresh, request, signal);
  }

  close(): void {
    this.isClosed = true;
    const pools = [...this.draining, ...(this.pool ? [this.pool] : [])];
    this.pool = undefined;
    for (const pool of pools) pool.destroy();
  }

  /** Lets what is under way over the current pool finish; new requests get a new one. */
  private drain(): void {
    const { pool } = this;
    if (pool === undefined) return;
    this.pool = undefined;
    this.draining.add(pool);
    pool.drain(() => this.draining.delete(pool));
  }

  private poolFor(access: Access): Pool {
    if (this.isClosed) throw new PoolClosed();
    this.pool ??= openPool(access, this.connections);
    return this.pool;
  }

  private async send(access: Access, request: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
    const { authorization } = access;
    const headers = {
      ...request.headers,
      "user-agent": "podpass",
      ...(authorization === undefined ? {} : { authorization }),
    };
    const answer = await orAborted(this.poolFor(access).send({ ...request, headers }, signal), signal);
    const { statusCode = 0, headers: answered } = answer;
    return {
      status: statusCode,
      retryAfterMs: readRetryAfter(answered["retry-after"]),
      date: answered.date,
      warnings: readWarnings(answered.warning),
      body: answer,
      readText: () => readBounded(answer, MAX_OBJECT_BYTES),
      drop: () => drop(answer),
    };
  }
}

/** Makes a connection; nothing is read or opened before the first request. */
export const createConnection = (options: ConnectionOptions): Connection => new PooledConnection(options);
