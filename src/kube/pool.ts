/** Kept connections to one API server with one TLS identity, by Node.js' own client. */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { urlToHttpOptions } from "node:url";
import type { Access } from "./access.ts";
import type { KubeRequest } from "./request.ts";

/** A request that a closed pool did not take, or left without an answer. */
export class PoolClosed extends Error {
  override readonly name = "PoolClosed";

  constructor() {
    super("the connection is closed");
  }
}

/** A pool of connections. */
export interface Pool {
  /** Resolves with the headers. Once `signal` is aborted, what is under way ends. */
  send(request: KubeRequest, signal: AbortSignal): Promise<IncomingMessage>;
  /** Lets what is under way finish, then calls `onDrained`. Nothing more may be sent. */
  drain(onDrained: () => void): void;
  /** Ends every connection at once. */
  destroy(): void;
}

const CONNECT_MS = 5000;

/** Below the 90 s after which Go's server closes an idle connection. */
const IDLE_MS = 60_000;

/** Gives up a connection that is not there after so long, its handshake included. */
const boundConnecting = (socket: Socket, connectMs: number): void => {
  if (!socket.connecting) return;
  const late = () => socket.destroy(new Error(`no connection within ${connectMs / 1000} s`));
  const timer = setTimeout(late, connectMs);
  const stop = () => clearTimeout(timer);
  socket.once("encrypted" in socket ? "secureConnect" : "connect", stop).once("close", stop);
};

const tlsOptions = ({ ca, cert, key, serverName }: Access) => ({
  rejectUnauthorized: true,
  // Once for all connections.
  secureContext: createSecureContext({ ca, cert, key }),
  ...(serverName === undefined ? {} : { servername: serverName }),
});

/** The agent, and how it asks. HTTP is for a proxy on the loopback. */
const createClient = (access: Access, connections: number) => {
  // With HTTP/1.1 a connection that died without a word takes one request along; with HTTP/2 it would take the watch and
  // every live GET. Both take equally long for 50,000 ServiceAccounts.
  const options = { keepAlive: true, maxSockets: connections, timeout: IDLE_MS };
  return access.server.protocol === "http:"
    ? { agent: new HttpAgent(options), ask: requestHttp }
    : { agent: new HttpsAgent({ ...options, ...tlsOptions(access) }), ask: requestHttps };
};

/** Opens a pool of at most so many connections; they are made as they are needed. */
export const openPool = (access: Access, connections: number, connectMs = CONNECT_MS): Pool => {
  const { agent, ask } = createClient(access, connections);
  const { hostname, port } = urlToHttpOptions(access.server);
  const base = access.server.pathname.replace(/\/$/, "");
  const underWay = new Set<ClientRequest>();
  let drained: (() => void) | undefined;

  const closed = (request: ClientRequest): void => {
    underWay.delete(request);
    if (underWay.size === 0) drained?.();
  };
  return {
    send: ({ method, path, headers, body }, signal) =>
      new Promise((resolve, reject) => {
        const request = ask({ agent, hostname, port, method, path: `${base}${path}`, headers, signal });
        underWay.add(request);
        request.once("socket", (socket) => boundConnecting(socket, connectMs)).once("response", resolve);
        request.on("error", reject).once("close", () => closed(request));
        request.end(body);
      }),
    drain(onDrained) {
      // Those that become free are closed as well.
      agent.maxFreeSockets = 0;
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      drained = onDrained;
      if (underWay.size === 0) onDrained();
    },
    destroy() {
      // For each that waits Node.js still makes a connection, which would be kept.
      agent.maxFreeSockets = 0;
      for (const request of underWay) request.destroy(new PoolClosed());
      agent.destroy();
    },
  };
};
