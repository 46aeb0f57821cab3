/** The plain server beside the webhook: `/livez`, `/readyz` and `/metrics`. */

import type { Server, ServerResponse } from "node:http";
import { messageOf } from "../reasons/text.ts";
import { boundConnections } from "./connections.ts";

// An import would evaluate the module's lazy exports, WebSocket among them, for which Node loads all of undici: 60 ms.
const { createServer } = process.getBuiltinModule("node:http");

/** One thing that must be so before Podpass is ready. */
export interface Condition {
  readonly name: string;
  /** Why it is not so; undefined where it is. */
  readonly missing: () => string | undefined;
  /** What exactly is so, for programs; never secret. */
  readonly about?: (() => string) | undefined;
  /** What somebody should know though it is so; undefined where there is nothing. */
  readonly notice?: () => string | undefined;
}

/** What the server tells. */
export interface HealthPorts {
  readonly conditions: readonly Condition[];
  readonly metrics: { readonly registry: { readonly contentType: string }; render(): Promise<string> };
  /** Called with each answer that says ready, once that is on its way. */
  readonly onReady?: () => void;
}

const PLAIN = "text/plain; charset=utf-8";

const send = (response: ServerResponse, status: number, body: string, type = PLAIN): void => {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
};

const okLine = ({ name, about, notice }: Condition): string => {
  const but = notice?.();
  return `[+]${name} ok${about === undefined ? "" : `: ${about()}`}${but === undefined ? "" : `, but: ${but}`}`;
};

/** The page of `/readyz`: each condition by name, one a line, in the API server's own manner. */
const readiness = (conditions: readonly Condition[]): { readonly isReady: boolean; readonly page: string } => {
  let isReady = true;
  const lines = conditions.map((condition) => {
    const why = condition.missing();
    if (why === undefined) return okLine(condition);
    isReady = false;
    return `[-]${condition.name} failed: ${why}`;
  });
  return { isReady, page: `${[...lines, isReady ? "ready" : "not ready"].join("\n")}\n` };
};

/** A kubelet and some scrapers need a handful. */
const MAX_CONNECTIONS = 64;

const answer = ({ conditions, metrics, onReady }: HealthPorts, path: string | undefined, response: ServerResponse) => {
  if (path === "/livez") return send(response, 200, "ok\n");
  if (path === "/readyz") {
    const { isReady, page } = readiness(conditions);
    send(response, isReady ? 200 : 503, page);
    return isReady ? onReady?.() : undefined;
  }
  if (path !== "/metrics") return send(response, 404, "/livez, /readyz, /metrics\n");
  return void metrics.render().then(
    (text) => send(response, 200, text, metrics.registry.contentType),
    (error: unknown) => send(response, 500, `${messageOf(error)}\n`),
  );
};

/** Builds the server, which does not listen yet. */
export const buildHealthServer = (ports: HealthPorts): Server => {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    if (!connections.began(request, response)) return;
    if (request.method === "GET" || request.method === "HEAD") answer(ports, request.url?.split("?", 1)[0], response);
    else send(response, 405, "only GET\n");
  });
  const connections = boundConnections(server, MAX_CONNECTIONS);
  return server;
};
