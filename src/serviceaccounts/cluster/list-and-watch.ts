/** The reflector's two requests: a list in pages, and a watch. */
import type { AccountKeys } from "../../federation/account-keys.ts";
import { AnswerTooLarge, readBounded } from "../../kube/bounded-body.ts";
import type { Connection } from "../../kube/connection.ts";
import type { Deadline } from "../../kube/deadline.ts";
import { accept, type ListPage, readEvent, readPage, type WatchEvent } from "../../kube/metadata.ts";
import type { Metadata } from "../../kube/object-parts.ts";
import { SERVICE_ACCOUNTS, serviceAccountsPath } from "../../kube/paths.ts";
import { AttemptEnded, attemptFailed, endedByStatus, send } from "./attempt.ts";
import type { Backlog } from "./backlog.ts";
import { SLICE_MS, yieldToEventLoop } from "./event-loop.ts";
import { LineSplitter } from "./line-splitter.ts";

/** Sets the moment at which a request that brings nothing is given up anew. */
const restart = (idle: Deadline, idleTimeoutMs: number): void =>
  idle.set(idleTimeoutMs, () => attemptFailed("idle-timeout", `nothing came for ${idleTimeoutMs / 1000} s`));

/** How to list. */
export interface ListRequest {
  readonly connection: Connection;
  /** The annotations that are read. */
  readonly keys: AccountKeys;
  /** Of the objects that are listed; all of them without one. */
  readonly labelSelector?: string;
  /** Undefined: every namespace. */
  readonly namespace?: string | undefined;
  readonly pageSize: number;
  /** A page that is larger is given up, and asked for again with fewer objects in it. */
  readonly maxPageBytes: number;
  /** The same for a page of one object, which cannot be smaller. */
  readonly maxLineBytes: number;
  readonly idleTimeoutMs: number;
}

/** A page's text; undefined where it is larger than it may be and could be smaller. */
const readPageText = async (
  { connection, namespace, maxPageBytes, maxLineBytes, idleTimeoutMs }: ListRequest,
  query: URLSearchParams,
  idle: Deadline,
): Promise<string | undefined> => {
  const onChunk = () => restart(idle, idleTimeoutMs);
  onChunk();
  const path = namespace === undefined ? SERVICE_ACCOUNTS : serviceAccountsPath(namespace);
  const { body } = await send(connection, `${path}?${query}`, accept.list, idle.signal);
  const isOfOne = query.get("limit") === "1";
  try {
    return await readBounded(body, isOfOne ? Math.max(maxPageBytes, maxLineBytes) : maxPageBytes, onChunk);
  } catch (error) {
    if (error instanceof AnswerTooLarge && !isOfOne) return undefined;
    throw error;
  }
};

/** A page that was too large tells little of how large its objects are, and there are few such pages. */
const SMALLER = 4;

async function* listPages(request: ListRequest, idle: Deadline): AsyncGenerator<ListPage> {
  let limit = request.pageSize;
  const { labelSelector } = request;
  const query = new URLSearchParams(labelSelector === undefined ? {} : { labelSelector });
  for (;;) {
    query.set("limit", String(limit));
    const text = await readPageText(request, query, idle);
    if (text === undefined) {
      limit = Math.max(1, Math.floor(limit / SMALLER));
      continue;
    }
    const page = readPage(text, request.keys);
    yield page;
    if (page.continueToken === undefined) return;
    // The token says where to go on, whatever the limit.
    query.set("continue", page.continueToken);
    limit = Math.min(request.pageSize, limit * 2);
  }
}

/**
 * Gives `put` a complete list as etcd has it now: no resource version is named, so that no cache may answer. Resolves to
 * the list's resource version.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export const listAll = async (
  request: ListRequest,
  idle: Deadline,
  put: (metadata: Metadata) => void,
): Promise<string> => {
  let resourceVersion = "";
  for await (const page of listPages(request, idle)) {
    let beganAtMs = performance.now();
    for (const metadata of page.items) {
      put(metadata);
      const workedMs = performance.now() - beganAtMs;
      if (workedMs < SLICE_MS) continue;
      await yieldToEventLoop(workedMs);
      beganAtMs = performance.now();
    }
    resourceVersion = page.resourceVersion;
  }
  return resourceVersion;
};

/** How to watch. */
export interface WatchRequest {
  readonly connection: Connection;
  /** The annotations that are read. */
  readonly keys: AccountKeys;
  /** Undefined: everything there is comes first, then a bookmark that says so. */
  readonly resourceVersion: string | undefined;
  readonly timeoutSeconds: number;
  readonly maxLineBytes: number;
  /** Asked with each chunk. */
  readonly idleTimeoutMs: () => number;
  readonly backlog: Backlog;
}

/** At 16 KiB each, what TLS sends at most, some milliseconds of work. */
const CHUNKS_IN_A_ROW = 8;

/** A watch event that is no error: those end the attempt. */
export type StoreEvent = Exclude<WatchEvent, { readonly type: "error" }>;

function* eventsIn(lines: Iterable<string>, keys: AccountKeys): Generator<StoreEvent> {
  for (const line of lines) {
    const event = readEvent(line, keys);
    if (event.type === "error") throw endedByStatus(event.status.code, event.status);
    yield event;
  }
}

/** Events by chunk, in order; the first batch is empty and comes with the headers. */
export async function* watchEvents(request: WatchRequest, idle: Deadline): AsyncGenerator<Iterable<StoreEvent>> {
  restart(idle, request.idleTimeoutMs());
  const body = await openWatch(request, idle.signal);
  yield [];
  const lines = new LineSplitter(request.maxLineBytes);
  restart(idle, request.idleTimeoutMs());
  let chunks = 0;
  let workedMs = 0;
  for await (const chunk of request.backlog.follow(body)) {
    const beganAtMs = performance.now();
    yield eventsIn(lines.push(chunk), request.keys);
    restart(idle, request.idleTimeoutMs());
    workedMs += performance.now() - beganAtMs;
    // A long list comes faster than it is read, and requests that are served meanwhile would wait for all of it.
    if (++chunks % CHUNKS_IN_A_ROW !== 0 && workedMs < SLICE_MS) continue;
    await yieldToEventLoop(workedMs);
    workedMs = 0;
  }
}

const openWatch = async (request: WatchRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
  const { connection, resourceVersion, timeoutSeconds } = request;
  const query = new URLSearchParams({
    watch: "true",
    allowWatchBookmarks: "true",
    timeoutSeconds: String(timeoutSeconds),
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
    ...(resourceVersion === undefined
      ? { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" }
      : { resourceVersion }),
  });
  try {
    return (await send(connection, `${SERVICE_ACCOUNTS}?${query}`, accept.object, signal)).body;
  } catch (error) {
    throw resourceVersion === undefined && isRefusal(error)
      ? new AttemptEnded({ kind: "streaming-unsupported" }, error.message)
      : error;
  }
};

/** 422 from servers that know the parameters and do not serve them, 400 from those that do not know them. */
const isRefusal = (error: unknown): error is AttemptEnded =>
  error instanceof AttemptEnded && error.outcome.kind === "failed" && error.outcome.errorClass === "unexpected";
