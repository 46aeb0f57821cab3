/** An API server for ServiceAccounts on a real socket: honest, unless the script has another answer to a request. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Authority, createAuthority } from "../../scripts/certificates.ts";
import type { AccessSource } from "../../src/kube/access.ts";
import { AccountLog, statusObject } from "./account-log.ts";

/** `stream`: a streaming list that goes on as a watch. */
export type RequestKind = "stream" | "watch" | "list" | "get";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly kind: RequestKind;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly authorization: string;
}

/** One request in the hands of the script. */
export interface Exchange {
  readonly seen: SeenRequest;
  readonly response: ServerResponse;
  readonly log: AccountLog;
  /** Answers as a real API server would. */
  readonly honestly: () => void;
}

/** An answer in the script. */
export type Answer = (exchange: Exchange) => void;

const sendJson = (response: ServerResponse, code: number, body: unknown, headers = {}): void => {
  response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};

/** Answers with a Status. */
export const status =
  (code: number, reason: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  ({ response }) =>
    sendJson(response, code, statusObject(code, reason), headers);

/** Takes the request and never says a word. */
export const hang: Answer = () => {};

/** Closes the connection without an answer. */
export const reset: Answer = ({ response }) => void response.socket?.destroy();

/** Sends `text` with 200 and then ends properly, breaks off or stays open without another byte. */
export const raw =
  (text: string | ((log: AccountLog) => string), then: "end" | "break" | "stay"): Answer =>
  ({ response, log }) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write(typeof text === "string" ? text : text(log), () => {
      if (then === "end") response.end();
      if (then === "break") response.socket?.destroy();
    });
  };

const kindOf = (url: URL): RequestKind => {
  if (url.pathname.includes("/namespaces/")) return "get";
  if (url.searchParams.get("watch") !== "true") return "list";
  return url.searchParams.has("sendInitialEvents") ? "stream" : "watch";
};

/** The server; see {@link startScriptedServer}. */
export class ScriptedServer {
  readonly log = new AccountLog();
  readonly requests: SeenRequest[] = [];
  readonly sockets = new Set<Socket>();
  /** Undefined: everyone may ask. */
  acceptedToken: string | undefined;
  connections = 0;
  private readonly script = new Map<RequestKind, Answer[]>();
  private readonly standing = new Map<RequestKind, Answer>();
  private readonly watches = new Set<ServerResponse>();
  private authority: Authority;
  readonly http: Server;

  constructor(http: Server, authority: Authority) {
    this.http = http;
    this.authority = authority;
    this.log.onEvent = (line) => this.send(line);
    http.on("request", (request, response) => this.receive(request, response));
    http.on("connection", (socket: Socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get ca(): string {
    return this.authority.ca;
  }

  /** Access with one token that never changes. */
  get access(): AccessSource {
    return {
      read: async () => ({
        server: new URL(`https://127.0.0.1:${this.port}`),
        ca: this.ca,
        authorization: "Bearer token-1",
      }),
    };
  }

  get openWatches(): number {
    return this.watches.size;
  }

  /** The next requests of a kind get these answers; afterwards they are honest again. */
  next(kind: RequestKind, ...answers: readonly Answer[]): void {
    this.script.set(kind, [...(this.script.get(kind) ?? []), ...answers]);
  }

  /** Every request of a kind gets this answer, until it is taken back with undefined. */
  always(kind: RequestKind, answer: Answer | undefined): void {
    if (answer === undefined) this.standing.delete(kind);
    else this.standing.set(kind, answer);
  }

  count(kind: RequestKind): number {
    return this.requests.filter((request) => request.kind === kind).length;
  }

  /** Sends a line to every open watch. */
  send(line: string): void {
    for (const watch of this.watches) watch.write(line);
  }

  bookmark(): void {
    this.send(this.log.bookmark());
  }

  /** Ends the open watches as a timeout does. */
  endWatches(): void {
    for (const watch of this.watches) watch.end();
  }

  /** Breaks every connection. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Open watches hear nothing any more, and do not end either. */
  deafen(): void {
    this.watches.clear();
  }

  /** Serves with a certificate of another authority from the next connection on. */
  async rotateAuthority(): Promise<void> {
    this.authority = await createAuthority();
    this.http.setSecureContext(await this.authority.issue());
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "https://api");
    const { accept = "", authorization = "" } = request.headers;
    const kind = kindOf(url);
    const seen = { kind, path: url.pathname, query: url.searchParams, accept, authorization };
    this.requests.push(seen);
    response.on("error", () => {});
    if (this.acceptedToken !== undefined && authorization !== `Bearer ${this.acceptedToken}`) {
      sendJson(response, 401, statusObject(401, "Unauthorized"));
      return;
    }
    const honestly = () => this.answer(seen, response);
    const answer = this.script.get(kind)?.shift() ?? this.standing.get(kind) ?? honestly;
    answer({ seen, response, log: this.log, honestly });
  }

  private answer({ kind, path, query }: SeenRequest, response: ServerResponse): void {
    if (kind === "list") {
      sendJson(response, 200, this.log.page(Number(query.get("limit")), Number(query.get("continue") ?? 0)));
      return;
    }
    if (kind === "get") {
      const [, namespace, name] = /\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)$/.exec(path) ?? [];
      const found = this.log.get(`${namespace}/${name}`);
      sendJson(response, found ? 200 : 404, found ?? statusObject(404, "NotFound"));
      return;
    }
    const missed = kind === "stream" ? this.initial() : this.log.since(Number(query.get("resourceVersion")));
    if (missed === undefined) {
      sendJson(response, 410, statusObject(410, "Expired"));
      return;
    }
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    for (const line of missed) response.write(line);
    this.watches.add(response);
    response.on("close", () => this.watches.delete(response));
  }

  private initial(): readonly string[] {
    return [...this.log.initialLines(), this.log.bookmark(true)];
  }
}

/** Starts a server that is gone after the test. */
export const startScriptedServer = async (): Promise<ScriptedServer> => {
  const authority = await createAuthority();
  const http = createServer(await authority.issue());
  const server = new ScriptedServer(http, authority);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    http.close();
    for (const socket of server.sockets) socket.destroy();
  });
  return server;
};
