/** The reflector's two requests: a list in pages, and a watch. */
import { setImmediate } from "node:timers/promises";
import { AttemptEnded, endedByStatus, send, type Watchdog } from "./attempt.ts";
import type { Connection } from "./connection.ts";
import { accept, type ListPage, readEvent, readPage, type WatchEvent } from "./metadata.ts";
import { LineSplitter } from "./watch-lines.ts";

const PATH = "/api/v1/serviceaccounts";

/** How to list. */
export interface ListRequest {
  readonly connection: Connection;
  readonly pageSize: number;
  /** For each page. */
  readonly silenceMs: number;
}

/** A complete list as etcd has it now: no resource version is named, so that no cache may answer. */
export async function* listPages(request: ListRequest, dog: Watchdog): AsyncGenerator<ListPage> {
  const query = new URLSearchParams({ limit: String(request.pageSize) });
  for (;;) {
    dog.feed(request.silenceMs);
    const response = await send(request.connection, `${PATH}?${query}`, accept.list, dog.signal);
    const page = readPage(await response.readText());
    yield page;
    if (page.continueToken === undefined) return;
    query.set("continue", page.continueToken);
  }
}

/** How to watch. */
export interface WatchRequest {
  readonly connection: Connection;
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

function* eventsIn(lines: Iterable<string>): Generator<StoreEvent> {
  for (const line of lines) {
    const event = readEvent(line);
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
  for await (const chunk of body) {
    yield eventsIn(lines.push(chunk));
    dog.feed(request.silenceMs());
    // A long list comes faster than it is read, and requests that are served meanwhile would wait for all of it.
    if (++chunks % CHUNKS_IN_A_ROW === 0) await setImmediate();
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
