/** Objects of the API for `podpass check`: read, listed in pages, created; each answer says why it is none. */
import { isJsonObject, type JsonObject, listAt, textAt } from "../check/json.ts";
import type { Read } from "../check/read.ts";
import { ClusterQueryFailed } from "../trust/cluster-queries.ts";
import { type Answer, answerTo, TIMEOUT_MS } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { describeStatus, readStatus } from "./status.ts";

/** What is asked: a path, and the right that it needs, as people write it. */
export interface Question {
  readonly path: string;
  readonly permission: string;
}

/** How a list is asked for. */
export interface ListOptions {
  /** The media type; JSON of whole objects unless told. */
  readonly accept?: string;
  readonly labelSelector?: string;
}

/** What a program behind the API server's proxy answered. */
export interface Page {
  readonly status: number;
  readonly text: string;
}

/** Questions to one API server. None of them rejects, but with what is no answer's fault. */
export interface ObjectQueries {
  /** What a pod or Service answers through the API server's proxy, whatever its status; `failed` is the proxy's word. */
  page(question: Question): Promise<Read<Page>>;
  object(question: Question): Promise<Read<JsonObject>>;
  /** All items, page by page; no more than a million. The path has no query. */
  list(question: Question, options?: ListOptions): Promise<Read<readonly JsonObject[]>>;
  create(question: Question, body: JsonObject): Promise<Read<JsonObject>>;
  /** The same, with status and warnings, and without an opinion on the status. */
  attempt(path: string, body: JsonObject): Promise<Answer | { readonly problem: string }>;
}

const JSON_TYPE = "application/json";
const PAGE_SIZE = 500;
const MAX_PAGES = 2000;

const parsed = (text: string): Read<JsonObject> => {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return { kind: "read", value };
  } catch {
    // A proxy's page.
  }
  return { kind: "failed", message: "the API server's answer is no object" };
};

/** What an answer that is not the one that was wanted means. */
const refused = ({ status, text }: Answer, permission: string): Exclude<Read<never>, { kind: "read" }> => {
  const said = readStatus(text);
  if (status === 404) return { kind: "absent" };
  if (status === 403) return { kind: "forbidden", permission };
  return { kind: "failed", message: describeStatus(status, said) };
};

const failed = (error: unknown): { readonly kind: "failed"; readonly message: string } => {
  if (!(error instanceof ClusterQueryFailed)) throw error;
  return { kind: "failed", message: error.message };
};

/** Asks over `connection`, which is left open; each question has `timeoutMs` for its answer. */
export const createObjectQueries = (connection: Connection, timeoutMs = TIMEOUT_MS): ObjectQueries => {
  const get = (path: string, accept: string): Promise<Answer> =>
    answerTo((signal) => connection.get(path, accept, signal), timeoutMs);
  const post = (path: string, body: JsonObject): Promise<Answer> =>
    answerTo((signal) => connection.post(path, body, signal), timeoutMs);

  const object = async ({ path, permission }: Question, accept = JSON_TYPE): Promise<Read<JsonObject>> => {
    try {
      const answer = await get(path, accept);
      return answer.status === 200 ? parsed(answer.text) : refused(answer, permission);
    } catch (error) {
      return failed(error);
    }
  };
  return {
    object: (question) => object(question),
    async page({ path, permission }) {
      try {
        const answer = await get(path, "*/*");
        const isOfApiServer = answer.status !== 200 && readStatus(answer.text) !== undefined;
        return isOfApiServer ? refused(answer, permission) : { kind: "read", value: answer };
      } catch (error) {
        return failed(error);
      }
    },
    async list({ path, permission }, { accept, labelSelector } = {}) {
      const items: JsonObject[] = [];
      const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(labelSelector && { labelSelector }) });
      for (let pages = 0; pages < MAX_PAGES; pages++) {
        const page = await object({ path: `${path}?${query}`, permission }, accept);
        if (page.kind !== "read") return page;
        items.push(...listAt(page.value, "items").filter(isJsonObject));
        const next = textAt(page.value, "metadata", "continue");
        if (next === "") return { kind: "read", value: items };
        query.set("continue", next);
      }
      return { kind: "failed", message: `there are more than ${MAX_PAGES * PAGE_SIZE} objects` };
    },
    async create({ path, permission }, body) {
      try {
        const answer = await post(path, body);
        return answer.status === 201 || answer.status === 200 ? parsed(answer.text) : refused(answer, permission);
      } catch (error) {
        return failed(error);
      }
    },
    async attempt(path, body) {
      try {
        return await post(path, body);
      } catch (error) {
        return { problem: failed(error).message };
      }
    },
  };
};
