/** What stands between the API server and a webhook, and may lead elsewhere or nowhere. */
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer, request as tlsRequest } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Where new connections lead: to a port of 127.0.0.1, nowhere (they are closed), or into silence. */
export type Way = number | "closed" | "silent";

/** See the file's comment. */
export interface Front {
  readonly port: number;
  /** From now on all connections lead this way; those that there are end. */
  lead(way: Way): void;
  close(): Promise<void>;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Listens on 127.0.0.1, and leads to `target` until it is told otherwise. */
export const startFront = async (target: number): Promise<Front> => {
  let way: Way = target;
  const sockets = new Set<Socket>();
  const track = (socket: Socket, peer?: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      peer?.destroy();
    });
  };
  const server = createServer((incoming) => {
    if (way === "closed") return void incoming.destroy();
    if (way === "silent") return track(incoming);
    const outgoing = connect({ host: "127.0.0.1", port: way });
    track(incoming, outgoing);
    track(outgoing, incoming);
    incoming.pipe(outgoing).pipe(incoming);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: portOf(server),
    lead(next) {
      way = next;
      endAll();
    },
    async close() {
      const closed = once(server.close(), "close");
      endAll();
      await closed;
    },
  };
};

interface Pair {
  readonly cert: string;
  readonly key: string;
}

const listenTls = async (pair: Pair, listener: RequestListener) => {
  // The API server must not meet a connection that is just being closed.
  const server = createTlsServer({ ...pair, keepAliveTimeout: 0 }, listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: portOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** An HTTPS server that answers everything with 500; resolves to its port and to what closes it. */
export const startFaulty = (pair: Pair) =>
  listenTls(pair, (request, response) => {
    request.resume().once("end", () => response.writeHead(500).end("a fault"));
  });

/** An HTTPS server that hands one request after the other to the next of `ports`: what a rollout is to an API server. */
export const startAlternating = (pair: Pair, ports: readonly number[]) => {
  let turn = 0;
  return listenTls(pair, (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const port = ports[turn++ % ports.length];
    const onward = tlsRequest({
      host: "127.0.0.1",
      port,
      agent: false,
      rejectUnauthorized: false,
      method,
      path,
      headers,
    });
    onward.on("error", () => response.destroy());
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
};
