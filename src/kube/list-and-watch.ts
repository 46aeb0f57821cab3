/** The reflector's two requests: a list in pages, and a watch. */
import { AttemptEnded, endedByStatus, send, type Watchdog } from "./attempt.ts";
import { AnswerTooLarge, readBounded } from "./bounded-body.ts";
import type { Connection } from "./connection.ts";
import { accept, type ListPage, readEvent, readPage, type WatchEvent } from "./metadata.ts";
import type { Metadata } from "./object-parts.ts";
import { giveTurn, TURN_MS } from "./turns.ts";
import { LineSplitter } from "./watch-lines.ts";

const PATH = "/api/v1/serviceaccounts";

/** How to list. */
export interface ListRequest {
  readonly connection: Connection;
  /** Annotations under it are read. */
  readonly annotationPrefix: string;
  readonly pageSize: number;
  /** A page that is larger is given up, and asked for again with fewer objects in it. */
  readonly maxPageBytes: number;
  /** The same for a page of one object, which cannot be smaller. */
  readonly maxLineBytes: number;
  readonly silenceMs: number;
}

/** A page's text; undefined where it is larger than it may be and could be smaller. */
const readPageText = async (
  { connection, maxPageBytes, maxLineBytes, silenceMs }: ListRequest,
  query: URLSearchParams,
  dog: Watchdog,
): Promise<string | undefined> => {
  const feed = () => dog.feed(silenceMs);
  feed();
  const { body } = await send(connection, `${PATH}?${query}`, accept.list, dog.signal);
  const isOfOne = query.get("limit") === "1";
  try {
    return await readBounded(body, isOfOne ? Math.max(maxPageBytes, maxLineBytes) : maxPageBytes, feed);
  } catch (error) {
    if (error instanceof AnswerTooLarge && !isOfOne) return undefined;
    throw error;
  }
};

/** A page that was too large tells little of how large its objects are, and there are few such pages. */
const SMALLER = 4;

async function* listPages(request: ListRequest, dog: Watchdog): AsyncGenerator<ListPage> {
  let limit = request.pageSize;
  const query = new URLSearchParams();
  for (;;) {
    query.set("limit", String(limit));
    const text = await readPageText(request, query, dog);
    if (text === undefined) {
      limit = Math.max(1, Math.floor(limit / SMALLER));
      continue;
    }
    const page = readPage(text, request.annotationPrefix);
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
  dog: Watchdog,
  put: (metadata: Metadata) => void,
): Promise<string> => {
  let resourceVersion = "";
  for await (const page of listPages(request, dog)) {
    let beganAtMs = performance.now();
    for (const metadata of page.items) {
      put(metadata);
      const workedMs = performance.now() - beganAtMs;
      if (workedMs < TURN_MS) continue;
      await giveTurn(workedMs);
      beganAtMs = performance.now();
    }
    resourceVersion = page.resourceVersion;
  }
  return resourceVersion;
};

/** How to watch. */
export interface WatchRequest {
  readonly connection: Connection;
  /** Annotations under it are read. */
  readonly annotationPrefix: string;
  /** Undefined: everything there is comes first, then a bookmark that says so. */
  readonly resourceVersion: string | undefined;
  readonly timeoutSeconds: number;
  readonly maxLineBytes: number;
  /** Asked with each chunk. */
  readonly silenceMs: () => number;
}

/** At 16 KiB each, what TLS sends at most, some milliseconds of work. */
const CHUNKS_IN_A_ROW = 8;

/** A watch event that is no error: those end the attempt. */
export type StoreEvent = Exclude<WatchEvent, { readonly type: "error" }>;

function* eventsIn(lines: Iterable<string>, prefix: string): Generator<StoreEvent> {
  for (const line of lines) {
    const event = readEvent(line, prefix);
    if (event.type === "error") throw endedByStatus(event.status);
    yield event;
  }
}

/** Events by chunk, in order; the first batch is empty and comes with the headers. */
export async function* watchEvents(request: WatchRequest, dog: Watchdog): AsyncGenerator<Iterable<StoreEvent>> {
  dog.feed(request.silenceMs());
  const body = await openWatch(request, dog.signal);
  yield [];
  const lines = new LineSplitter(request.maxLineBytes);
  dog.feed(request.silenceMs());
  let chunks = 0;
  let workedMs = 0;
  for await (const chunk of body) {
    const beganAtMs = performance.now();
    yield eventsIn(lines.push(chunk), request.annotationPrefix);
    dog.feed(request.silenceMs());
    workedMs += performance.now() - beganAtMs;
    // A long list comes faster than it is read, and requests that are served meanwhile would wait for all of it.
    if (++chunks % CHUNKS_IN_A_ROW !== 0 && workedMs < TURN_MS) continue;
    await giveTurn(workedMs);
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
    return (await send(connection, `${PATH}?${query}`, accept.object, signal)).body;
  } catch (error) {
    throw resourceVersion === undefined && isRefusal(error)
      ? new AttemptEnded({ kind: "unstreamable" }, error.message)
      : error;
  }
};

/** 422 from servers that know the parameters and do not serve them, 400 from those that do not know them. */
const isRefusal = (error: unknown): error is AttemptEnded =>
  error instanceof AttemptEnded && error.outcome.kind === "failed" && error.outcome.trouble === "unexpected";
