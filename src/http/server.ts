/** The HTTPS server that the API server calls. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { type FastifyRequest, fastify } from "fastify";
import { type Answer, badRequest, failed } from "../admission/answer.ts";
import { readBudgetMs } from "../admission/budget.ts";
import type { EdgeState } from "../telemetry/metrics.ts";
import { type ReceivedBody, readBody } from "./bodies.ts";
import { BodyMemory } from "./body-memory.ts";
import { boundConnections, type Connections } from "./connections.ts";
import { Garbage } from "./garbage.ts";
import { hasLargeBody, Pace } from "./pace.ts";
import { type AnsweringPorts, createResponder } from "./responder.ts";
import { Turns } from "./turns.ts";

/** An API server keeps 25 connections, and opens more while all are in use. One takes 90 KiB, and twice that once it was busy. */
const MAX_CONNECTIONS = 320;

/** What slow clients may do, in milliseconds. */
export interface Timeouts {
  /** Until the last byte of a request; an API server's own is at most 30 s. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** Above the 90 s after which the API server closes: who closes first, loses no request. */
  readonly keepAliveMs: number;
  /** Without a byte in either direction, from a request to its answer: above every review's time. */
  readonly silentMs: number;
  readonly checkEveryMs: number;
}

/** The usual timeouts. */
export const TIMEOUTS: Timeouts = {
  requestMs: 30_000,
  headersMs: 10_000,
  keepAliveMs: 120_000,
  silentMs: 45_000,
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

/** Fastify's codes for what is wrong with a request before its body is read. */
const refusal = (error: unknown): Answer => {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return badRequest(415, "wrong-content-type", "the content type is not application/json");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return badRequest(400, "not-a-review", "the body could not be read");
  return failed("internal-error", "an internal error; Podpass' log has it", error);
};

/** No route has a schema. Unless it is told so, Fastify loads two compilers for them, half as long as all the rest of it. */
const noSchemas = (): never => {
  throw new Error("no route of Podpass has a schema");
};

const serverOptions = (timeouts: Timeouts): ServerOptions => ({
  requestTimeout: timeouts.requestMs,
  headersTimeout: timeouts.headersMs,
  keepAliveTimeout: timeouts.keepAliveMs,
  connectionsCheckingInterval: timeouts.checkEveryMs,
  handshakeTimeout: timeouts.headersMs,
  // The API server speaks nothing else to webhooks.
  ALPNProtocols: ["http/1.1"],
});

/** The server, which does not listen yet, and what it holds. */
export interface AdmissionServer {
  readonly server: Server;
  readonly state: EdgeState;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

interface BoundedServer {
  readonly server: Server;
  readonly connections: Connections;
}

const createBounded = (options: ServerOptions, pace: Pace, listener: Listener): BoundedServer => {
  const server = createServer(options, (request, response) => {
    if (!connections.began(request, response)) return;
    if (hasLargeBody(request)) pace.follow(request);
    listener(request, response);
  });
  const connections = boundConnections(server, MAX_CONNECTIONS);
  return { server, connections };
};

type ReviewRequest = FastifyRequest<{ Body: ReceivedBody | undefined; Querystring: { timeout?: unknown } }>;

/** Builds the server, which does not listen yet. Without a pair every handshake fails, until there is one. */
export const buildAdmissionServer = async (
  pair: KeyPair | undefined,
  ports: AdmissionServerPorts,
): Promise<AdmissionServer> => {
  const { timeouts = TIMEOUTS } = ports;
  const { respond, finish } = createResponder(ports);
  const garbage = new Garbage();
  const pace = new Pace(garbage);
  const bodies = { memory: new BodyMemory(), turns: new Turns(), garbage };
  let bounded: BoundedServer | undefined;
  const app = fastify({
    logger: false,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    serverFactory: (handler) => {
      bounded = createBounded({ ...serverOptions(timeouts), ...secureContext(pair) }, pace, handler);
      bounded.server.setTimeout(timeouts.silentMs);
      return bounded.server;
    },
  });

  // The text as it came: Fastify's parser refuses keys such as `__proto__`, which an annotation may be called.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", (request, payload, done) => {
    if (request.is404) done(null);
    else readBody(payload, bodies, (body) => done(null, body));
  });
  app.setErrorHandler((error, _request, reply) => finish(reply, refusal(error), performance.now()));
  app.post("/mutate/pods", ({ body = "", query }: ReviewRequest, reply) =>
    respond(body, readBudgetMs(query.timeout), reply),
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain").send("podpass: POST /mutate/pods\n"));
  await app.ready();
  if (bounded === undefined) throw new Error("Fastify made no server");
  const { server, connections } = bounded;
  const bodyBytes = () => bodies.memory.bytes();
  return { server, state: { bodyBytes, connections: connections.count, closedConnections: connections.closed } };
};
