/** The HTTPS server that the API server calls. */
import { createServer, type Server, type ServerOptions } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { type Answer, badRequest, failed } from "../admission/answer.ts";
import { readBudgetMs } from "../admission/budget.ts";
import type { Reviewer } from "../admission/handler.ts";

/** An object and the old one, of 3 MiB each at most, and the rest of the review. */
const BODY_LIMIT_BYTES = 7 * 1024 * 1024;

/** What slow clients may do, in milliseconds. */
export interface Timeouts {
  /** Until the last byte of a request; an API server's own is at most 30 s. */
  readonly requestMs: number;
  readonly headersMs: number;
  /** Above the 90 s after which the API server closes: who closes first, loses no request. */
  readonly keepAliveMs: number;
  readonly checkEveryMs: number;
}

/** The usual timeouts. */
export const TIMEOUTS: Timeouts = { requestMs: 30_000, headersMs: 10_000, keepAliveMs: 120_000, checkEveryMs: 5000 };

/** What the server needs. */
export interface AdmissionServerPorts {
  readonly review: Reviewer;
  /** Told of each answer once it is on its way. */
  readonly answered: (answer: Answer, milliseconds: number) => void;
  /** While true, each answer closes its connection, so that clients look for another replica. */
  readonly isDraining: () => boolean;
  readonly timeouts?: Timeouts;
}

/** A serving certificate with its chain, and its key; PEM both. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** TLS options for a key pair, at the start and at each swap: `setSecureContext` forgets all that it is not told. */
export const secureContext = (pair: KeyPair): SecureContextOptions & { minVersion: "TLSv1.2" } => ({
  cert: pair.cert,
  key: pair.key,
  minVersion: "TLSv1.2",
});

// Written by hand: Fastify's `send` looks at the payload's type, hooks and headers again for each request.
const send = (reply: FastifyReply, answer: Answer, isLast: boolean): void => {
  const { status, body } = answer;
  const bytes = Buffer.byteLength(body);
  reply.hijack();
  reply.raw.writeHead(status, {
    "content-type": status === 200 ? "application/json" : "text/plain; charset=utf-8",
    "content-length": bytes,
    ...(status === 503 && { "retry-after": "1" }),
    ...(isLast && { connection: "close" }),
  });
  // One byte for each character is ASCII, which Node.js writes faster where it need not look for anything else.
  reply.raw.end(body, bytes === body.length ? "latin1" : "utf8");
};

/** Fastify's codes for what is wrong with a request before a handler sees it. */
const refusal = (error: unknown): Answer => {
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return badRequest(413, "body-too-large", `the body is larger than ${BODY_LIMIT_BYTES} bytes`);
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

/** Builds the server, which does not listen yet. */
export const buildAdmissionServer = async (pair: KeyPair, ports: AdmissionServerPorts): Promise<Server> => {
  const { review, answered, isDraining, timeouts = TIMEOUTS } = ports;
  let server: Server | undefined;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    serverFactory: (handler) => {
      server = createServer({ ...serverOptions(timeouts), ...secureContext(pair) }, handler);
      return server;
    },
  });

  const finish = (reply: FastifyReply, answer: Answer, startedMs: number): void => {
    send(reply, answer, isDraining());
    answered(answer, performance.now() - startedMs);
  };

  // The text as it came: Fastify's parser refuses keys such as `__proto__`, which an annotation may be called.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => finish(reply, refusal(error), performance.now()));
  app.post(
    "/mutate/pods",
    (request: FastifyRequest<{ Body: string | undefined; Querystring: { timeout?: unknown } }>, reply) => {
      const startedMs = performance.now();
      const answer = review(request.body ?? "", readBudgetMs(request.query.timeout));
      if (answer instanceof Promise) void answer.then((later) => finish(reply, later, startedMs));
      else finish(reply, answer, startedMs);
    },
  );
  app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain").send("podpass: POST /mutate/pods\n"));
  await app.ready();
  if (server === undefined) throw new Error("Fastify made no server");
  return server;
};
