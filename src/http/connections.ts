/** A bound on connections that nobody can use up: the one that is missed least makes room for a new one. */
import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

/** The most that a client may take for its next step while others wait for a connection: to ask, to send, to take an answer. */
const GRACE_MS = 1000;

/** Requests of one connection that are not answered in full: the API server waits for each answer, and others take one more. */
const MAX_UNANSWERED = 4;

interface Connection {
  readonly socket: Socket;
  /** When it began, or its last request did. */
  sinceMs: number;
  request?: IncomingMessage;
  /** The last request's answer, and before it those that were not on their way in full when that request came. */
  answers: ServerResponse[];
}

/** The connections of one server. */
export interface Connections {
  /** How many there are, unfinished handshakes too. */
  count(): number;
  /** How many were closed in favour of new ones, or not taken. */
  closed(): number;
  /** Told of each request as it begins. False where its connection was closed for it. */
  began(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Of those that may be closed, the lowest first; undefined for what the client waits for. */
const rank = ({ request, answers, sinceMs }: Connection, nowMs: number): number | undefined => {
  const response = answers.at(-1);
  const isLate = nowMs - sinceMs > GRACE_MS;
  if (request === undefined || response === undefined) return isLate ? 0 : 3;
  if (request.complete && response.writableFinished) return 2;
  const isWaitingForClient = !request.complete || response.writableEnded;
  return isWaitingForClient && isLate ? 1 : undefined;
};

/**
 * The connection that may go: one that sent no request in time, else one whose client keeps it waiting, else one between
 * two requests, which its client may be about to use, else one that is new; of these the one that did nothing for longest.
 */
const mostIdle = (connections: Iterable<Connection>, nowMs: number): Connection | undefined => {
  let found: Connection | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const connection of connections) {
    const ranked = rank(connection, nowMs);
    if (ranked === undefined || ranked > lowest) continue;
    if (found !== undefined && ranked === lowest && connection.sinceMs >= found.sinceMs) continue;
    found = connection;
    lowest = ranked;
  }
  return found;
};

const peer = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** Keeps `server` at `max` connections at most. */
export const boundConnections = (server: HttpServer | HttpsServer, max: number): Connections => {
  const all = new Set<Connection>();
  const handshaking = new Map<string, Connection>();
  // What a request knows is the socket that speaks HTTP, which over TLS is not the one that was accepted.
  const bySocket = new WeakMap<Socket, Connection>();
  let closed = 0;

  const hasMadeRoom = (nowMs: number): boolean => {
    closed++;
    const other = mostIdle(all, nowMs);
    if (other === undefined) return false;
    all.delete(other);
    other.socket.destroy();
    return true;
  };

  server.on("connection", (socket: Socket) => {
    const nowMs = performance.now();
    if (all.size >= max && !hasMadeRoom(nowMs)) return void socket.destroy();
    const connection: Connection = { socket, sinceMs: nowMs, answers: [] };
    const key = peer(socket);
    all.add(connection);
    handshaking.set(key, connection);
    bySocket.set(socket, connection);
    socket.once("close", () => {
      all.delete(connection);
      if (handshaking.get(key) === connection) handshaking.delete(key);
    });
  });
  server.on("secureConnection", (socket: Socket) => {
    const key = peer(socket);
    const connection = handshaking.get(key);
    if (connection === undefined) return;
    handshaking.delete(key);
    bySocket.set(socket, connection);
  });

  const began = (request: IncomingMessage, response: ServerResponse): boolean => {
    const connection = bySocket.get(request.socket);
    if (connection === undefined) return true;
    // Asked for here, since to be told of each would cost more than all else that is done here.
    if (connection.answers.length > 0)
      connection.answers = connection.answers.filter(({ writableFinished }) => !writableFinished);
    if (connection.answers.length === MAX_UNANSWERED) {
      request.socket.destroy();
      return false;
    }
    connection.answers.push(response);
    connection.request = request;
    connection.sinceMs = performance.now();
    return true;
  };
  return { count: () => all.size, closed: () => closed, began };
};
