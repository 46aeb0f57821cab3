/** Requests to a cluster's API server over one pool of connections. */
import { Pool } from "undici";

/** An answer of the API server; `body` is parsed where it is JSON. */
export interface ApiResponse<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}

/** What a request may say beside method, path and body. */
export interface ApiRequestOptions {
  /** Bearer token; the administrator's by default, `""` for none. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly timeoutMs?: number;
}

/** Sends one request; `body` is sent as JSON unless it is a string or bytes. */
export type ApiRequest = <Body = ApiObject>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  options?: ApiRequestOptions,
) => Promise<ApiResponse<Body>>;

/** An object of the API as far as every object is alike. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** A pool of connections to one API server. */
export interface ApiClient {
  readonly request: ApiRequest;
  /** Like `request`, and throws with the API server's own message unless the status is 2xx. Returns the body. */
  readonly must: <Body = ApiObject>(...args: Parameters<ApiRequest>) => Promise<Body>;
  close(): Promise<void>;
}

const parse = (text: string, contentType: unknown): unknown =>
  /^application\/(.+\+)?json/u.test(String(contentType)) && text !== "" ? JSON.parse(text) : text;

const asSent = (body: unknown): string | Uint8Array | null => {
  if (body === undefined) return null;
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
};

// The pool does not listen to a signal while it connects, and a paused API server never finishes that.
const raceAgainst = <Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
  ]);

/** Where an API server is, and who asks it. */
export interface ApiEndpoint {
  readonly url: string;
  /** The only authority that is trusted. */
  readonly caPem: string;
  readonly adminToken: string;
  /** A Unix socket that leads there, where `url` is not this machine's. */
  readonly socketPath?: string | undefined;
  /** At most; 32 by default. */
  readonly connections?: number;
}

/** Connects to an API server. */
export const createApiClient = (endpoint: ApiEndpoint): ApiClient => {
  const { url, caPem, adminToken, socketPath, connections = 32 } = endpoint;
  const connect = { ca: caPem, ...(socketPath === undefined ? {} : { socketPath }) };
  const pool = new Pool(url, { connections, connect });

  const request: ApiRequest = async <Body>(
    method: Parameters<ApiRequest>[0],
    path: string,
    body?: unknown,
    options: ApiRequestOptions = {},
  ) => {
    const token = options.token ?? adminToken;
    const defaultType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const signal = AbortSignal.timeout(options.timeoutMs ?? 60_000);
    const response = await raceAgainst(
      signal,
      pool.request({
        method,
        path,
        body: asSent(body),
        headers: {
          accept: "application/json, */*;q=0.5",
          ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": options.contentType ?? defaultType }),
          ...options.headers,
        },
        signal,
      }),
    );
    const text = await response.body.text();
    const { statusCode: status, headers } = response;
    return { status, headers, body: parse(text, headers["content-type"]) as Body };
  };

  const must = async <Body = ApiObject>(...args: Parameters<ApiRequest>): Promise<Body> => {
    const { status, body } = await request<Body & { message?: string }>(...args);
    if (status >= 200 && status < 300) return body;
    throw new Error(`${args[0]} ${args[1]}: ${status} ${body?.message ?? JSON.stringify(body)}`);
  };

  return { request, must, close: () => pool.destroy() };
};
