/** Small HTTP(S) servers for the stand-ins. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import type { KeyPair } from "../../../scripts/certificates.ts";

/** A request, read to its end. */
export interface Incoming {
  readonly method: string;
  /** As it was sent: not decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** What HTTP/2 sends after the body. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** Answers the requests that it knows; `undefined` for all others. */
export type Handle = (incoming: Incoming) => Promise<Reply | undefined>;

/** Where to listen; on a free port of 127.0.0.1 by default, encrypted with `tls`. */
export interface ListenOptions {
  readonly host?: string;
  readonly port?: number;
  /** A Unix socket, in place of host and port. */
  readonly socketPath?: string;
  readonly tls?: KeyPair;
}

/** A stand-in at work. */
export interface Listener {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Every request so far, with the status of its answer. */
  readonly calls: readonly { readonly incoming: Incoming; readonly status: number }[];
  stop(): Promise<void>;
}

/** A JSON answer. */
export const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

/** The body as a form. */
export const form = (incoming: Incoming): URLSearchParams => new URLSearchParams(incoming.body.toString());

/** The body as a JSON object; an empty one where it is none. */
export const jsonBody = (incoming: Incoming): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(incoming.body.toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};

/** The bearer token of a request. */
export const bearer = (incoming: Incoming): string =>
  /^Bearer (.+)$/u.exec(incoming.headers.authorization ?? "")?.[1] ?? "";

/**
 * An address of the loopback network that hardly anybody else uses, so that several stand-ins can have the port that a
 * vendor's host name implies.
 */
export const ownLoopbackAddress = (): string => {
  const part = () => 1 + Math.floor(Math.random() * 250);
  return `127.${part()}.${part()}.${part()}`;
};

/** What both versions of HTTP have of a request. */
interface Request extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What both versions of HTTP have of a response. */
interface Response {
  writeHead(status: number, headers?: Readonly<Record<string, string>>): unknown;
  addTrailers(trailers: Readonly<Record<string, string>>): void;
  end(body: string | Buffer): unknown;
}

const read = async (request: Request): Promise<Incoming> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const { method = "GET", headers } = request;
  return { method, path, query: new URLSearchParams(query), headers, body: Buffer.concat(chunks) };
};

type OnRequest = (request: Request, response: Response) => Promise<void>;

/** With TLS it speaks HTTP/2 with those alone that cannot speak HTTP/1.1, as gRPC's clients. */
const createAnyServer = (onRequest: OnRequest, tls: KeyPair | undefined): Server => {
  if (tls === undefined) return createServer(onRequest);
  const options = {
    cert: tls.cert,
    key: tls.key,
    allowHTTP1: true,
    ALPNCallback: ({ protocols }: { protocols: string[] }) =>
      ["http/1.1", "h2"].find((known) => protocols.includes(known)),
  };
  return createSecureServer(options, onRequest);
};

/** Every connection that a server has. */
const trackConnections = (server: Server): ReadonlySet<Socket> => {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return open;
};

/** Serves what the first of `handles` that knows a request answers. */
export const listen = async (handles: readonly Handle[], options: ListenOptions = {}): Promise<Listener> => {
  const calls: { incoming: Incoming; status: number }[] = [];
  const answer = async (incoming: Incoming): Promise<Reply> => {
    for (const handle of handles) {
      const reply = await handle(incoming);
      if (reply) return reply;
    }
    return { status: 404, body: `no such resource: ${incoming.method} ${incoming.path}` };
  };
  const onRequest: OnRequest = async (request, response) => {
    const incoming = await read(request);
    const reply = await answer(incoming).catch((error: unknown): Reply => ({ status: 500, body: String(error) }));
    calls.push({ incoming, status: reply.status });
    response.writeHead(reply.status, reply.headers);
    if (reply.trailers) response.addTrailers(reply.trailers);
    response.end(reply.body);
  };
  const { tls, host = "127.0.0.1", port = 0, socketPath } = options;
  const server = createAnyServer(onRequest, tls);
  const open = trackConnections(server);
  server.listen(socketPath === undefined ? { port, host } : { path: socketPath });
  await once(server, "listening");
  const address = server.address() as AddressInfo | string;
  const actualPort = typeof address === "string" ? port : address.port;
  return {
    url: `${tls ? "https" : "http"}://${host}:${actualPort}`,
    host,
    port: actualPort,
    calls,
    async stop() {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
};
