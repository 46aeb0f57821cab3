/** The HTTPS server that the API server calls. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { badRequest } from "../admission/answer.ts";
import type { EdgeState } from "../telemetry/metrics.ts";
import { readBody } from "./bodies.ts";
import { BodyMemory } from "./body-memory.ts";
import { boundConnections, type Connections } from "./connections.ts";
import { Garbage } from "./garbage.ts";
import { hasLargeBody, Pace } from "./pace.ts";
import { type AnsweringPorts, createResponder } from "./responder.ts";
import { closeSilent } from "./silence.ts";
import { ACCOUNTS_PATH, PODS_PATH, readTarget } from "./target.ts";
import { Turns } from "./turns.ts";

/** An API server keeps 25 connections, and opens more while all are in use. One takes 90 KiB, and twice that once it was busy. */
const MAX_CONNECTIONS = 320;

/**
 * What slow clients may do, in milliseconds. An API server closes what it does not use after 90 s, and has to be the first:
 * a request that it sends while we close is lost, and `failurePolicy` then decides. That holds for a connection on which it
 * has not asked yet, too: it opens more than it needs, and may use one much later. Who holds many has them taken away for
 * others long before (see connections.ts, body-memory.ts and unsent.ts).
 */
export interface Timeouts {
  /** Until the last byte of a request; Node.js counts it from the connection's start for the first one. */
  readonly requestMs: number;
  /** The same until the last header. */
  readonly headersMs: number;
  readonly handshakeMs: number;
  /** Without a byte in either direction: before a request, within one, or between two. */
  readonly silentMs: number;
  readonly checkEveryMs: number;
}

/** How long an API server keeps a connection that it does not use, in milliseconds. */
export const API_SERVER_IDLE_MS = 90_000;

/** The usual timeouts. */
export const TIMEOUTS: Timeouts = {
  requestMs: 120_000,
  headersMs: 120_000,
  handshakeMs: 10_000,
  silentMs: 120_000,
  checkEveryMs: 5000,
};

/** What the server needs. */
export interface AdmissionServerPorts extends AnsweringPorts {
  readonly timeouts?: Timeouts;
}

/** A serving certificate with its chain, and its key; PEM both. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** TLS options for a key pair, at the start and at each swap: `setSecureContext` forgets all that it is not told. */
export const secureContext = (pair?: KeyPair): SecureContextOptions & { minVersion: "TLSv1.2" } => ({
  ...(pair && { cert: pair.cert, key: pair.key }),
  minVersion: "TLSv1.2",
});

const serverOptions = (timeouts: Timeouts): ServerOptions => ({
  requestTimeout: timeouts.requestMs,
  headersTimeout: timeouts.headersMs,
  // None of Node.js' own: silence.ts closes what is not used, too.
  keepAliveTimeout: 0,
  connectionsCheckingInterval: timeouts.checkEveryMs,
  handshakeTimeout: timeouts.handshakeMs,
  // The API server speaks nothing else to webhooks.
  ALPNProtocols: ["http/1.1"],
});

/** The server, which does not listen yet, and what it holds. */
export interface AdmissionServer {
  readonly server: Server;
  readonly state: EdgeState;
}

const NOT_JSON = badRequest(415, "wrong-content-type", "the content type is not application/json");

/** What is usual is compared as it is; anything else may have other letters, or parameters. */
const isJson = (type: string | undefined): boolean =>
  type === "application/json" || type?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";

const sayWhere = (response: ServerResponse): void => {
  response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
  response.end(`podpass: POST ${PODS_PATH} or ${ACCOUNTS_PATH}\n`);
};

/**
 * A client that closes its half once it has asked still has its answer: Node.js would end the connection, since answers
 * wait for a batch. Not before the handshake is done, where whoever looks whether a port is open would be waited for.
 */
const answerHalfClosed = (server: Server): void => {
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("secureConnection", (socket) => {
    socket.allowHalfOpen = true;
  });
};

/** Builds the server, which does not listen yet. Without a pair every handshake fails, until there is one. */
export const buildAdmissionServer = (pair: KeyPair | undefined, ports: AdmissionServerPorts): AdmissionServer => {
  const { timeouts = TIMEOUTS } = ports;
  const garbage = new Garbage();
  const { respond, finish } = createResponder({ ...ports, garbage });
  const pace = new Pace(garbage);
  const bodies = { memory: new BodyMemory(), turns: new Turns(), garbage };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (!connections.began(request, response)) return;
    if (hasLargeBody(request)) pace.follow(request);
    const target = request.method === "POST" ? readTarget(request.url ?? "") : undefined;
    if (target === undefined) sayWhere(response);
    else if (isJson(request.headers["content-type"]))
      readBody(request, bodies, (body) => respond(body, target, response));
    else finish(NOT_JSON, { response, target, startedMs: performance.now() });
  };
  const server = createServer({ ...serverOptions(timeouts), ...secureContext(pair) }, answer);
  answerHalfClosed(server);
  const connections: Connections = boundConnections(server, MAX_CONNECTIONS);
  closeSilent(server, timeouts);
  const bodyBytes = () => bodies.memory.bytes();
  return { server, state: { bodyBytes, connections: connections.count, closedConnections: connections.closed } };
};
