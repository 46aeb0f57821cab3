/** Every pod of a cluster or a namespace, a page at a time. */
import { ClusterQueryFailed } from "../trust/cluster-queries.ts";
import { AnswerTooLarge, MAX_OBJECT_BYTES, readBounded } from "./bounded-body.ts";
import type { Connection } from "./connection.ts";
import { describeError } from "./error-chain.ts";
import { member } from "./object-parts.ts";
import { describeStatus, readStatus } from "./status.ts";

/** Usual pods have 5 to 15 kB; a page of them is read and judged in some 50 ms. */
const PAGE_SIZE = 250;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
/** For one page. */
const TIMEOUT_MS = 60_000;
/** A page that was too large tells little of how large its pods are. */
const SMALLER = 4;
/** No cluster has so many pods; a list that has more does not end. */
const MAX_PODS = 1_000_000;
/** Of the smallest size where pods are large; some may be empty. */
const MAX_PAGES = 100_000;
/** Those that are over have no identity to look at, and there may be more of them than of the others. */
const NOT_OVER = "status.phase!=Succeeded,status.phase!=Failed";

/** What is listed. */
export interface PodPagesOptions {
  readonly connection: Connection;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly pageSize?: number;
  readonly maxPageBytes?: number;
}

/** Some pods. */
export interface PodPage {
  readonly items: readonly unknown[];
  /** How many there are after it, as far as the API server says. */
  readonly remaining: number;
}

interface Asked {
  readonly status: number;
  readonly text: string;
}

const parsed = ({ text, status }: Asked): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ClusterQueryFailed("the API server's answer is no list of pods", status);
  }
};

/** A list of none may be written without items. */
const isPodList = (body: unknown): boolean => member(body, "kind") === "PodList";

/** A page, and where it goes on; without a page where only that is known. */
const readPage = (answer: Asked): { readonly page: PodPage | undefined; readonly next: string } => {
  const body = answer.status === 200 || answer.status === 410 ? parsed(answer) : undefined;
  const token = member(member(body, "metadata"), "continue");
  const next = typeof token === "string" ? token : "";
  // The list took longer than etcd keeps its history: what comes now is as it is now.
  if (answer.status === 410 && next !== "") return { page: undefined, next };
  if (answer.status !== 200)
    throw new ClusterQueryFailed(describeStatus(answer.status, readStatus(answer.text)), answer.status);
  const items = member(body, "items") ?? (isPodList(body) ? [] : undefined);
  if (!Array.isArray(items)) throw new ClusterQueryFailed("the API server's answer is no list of pods", answer.status);
  const remaining = member(member(body, "metadata"), "remainingItemCount");
  return {
    page: { items, remaining: typeof remaining === "number" ? remaining : 0 },
    next,
  };
};

class PodPages {
  private readonly connection: Connection;
  private readonly path: string;
  private readonly pageSize: number;
  private readonly maxPageBytes: number;

  constructor({ connection, namespace, pageSize = PAGE_SIZE, maxPageBytes = MAX_PAGE_BYTES }: PodPagesOptions) {
    this.connection = connection;
    this.path = namespace === undefined ? "/api/v1/pods" : `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
    this.pageSize = pageSize;
    this.maxPageBytes = maxPageBytes;
  }

  async *pages(): AsyncGenerator<PodPage> {
    const query = new URLSearchParams({ fieldSelector: NOT_OVER });
    let limit = this.pageSize;
    let pods = 0;
    for (let pages = 0; pages < MAX_PAGES && pods < MAX_PODS; pages++) {
      query.set("limit", String(limit));
      const answer = await this.ask(query, limit === 1);
      if (answer === undefined) {
        limit = Math.max(1, Math.floor(limit / SMALLER));
        continue;
      }
      const { page, next } = readPage(answer);
      if (page !== undefined) yield page;
      if (next === "") return;
      if (next === query.get("continue"))
        throw new ClusterQueryFailed("the API server's list of pods goes on where it went on before", answer.status);
      pods += page?.items.length ?? 0;
      query.set("continue", next);
      limit = Math.min(this.pageSize, limit * 2);
    }
    throw new ClusterQueryFailed(`the API server's list of pods does not end: there were ${pods} pods`, undefined);
  }

  /** The answer; undefined where it is larger than it may be and could be smaller. */
  private async ask(query: URLSearchParams, isOfOne: boolean): Promise<Asked | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await this.connection.get(`${this.path}?${query}`, "application/json", signal);
      const maxBytes = isOfOne ? Math.max(this.maxPageBytes, MAX_OBJECT_BYTES) : this.maxPageBytes;
      return { status: response.status, text: await readBounded(response.body, maxBytes) };
    } catch (cause) {
      if (cause instanceof AnswerTooLarge && !isOfOne) return undefined;
      const why = signal.aborted ? `the API server did not answer within ${TIMEOUT_MS / 1000} s` : describeError(cause);
      throw new ClusterQueryFailed(why, undefined, { cause });
    }
  }
}

/**
 * Every pod that is not over, in pages of bounded size.
 * Throws {@link ClusterQueryFailed}, with the HTTP status where there is one.
 */
export const podPages = (options: PodPagesOptions): AsyncGenerator<PodPage> => new PodPages(options).pages();
