/**
 * Closing connections on which nothing moves. Node.js' own timeouts are set anew by every read and write, and twice more
 * for every request, which is a twentieth of what a small review takes; here each connection is looked at now and then.
 */
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

/** In milliseconds: without a byte in either direction for how long, and how often to look. */
export interface Silence {
  readonly silentMs: number;
  readonly checkEveryMs: number;
}

interface Watched {
  /** In both directions, when it was looked at last. */
  bytes: number;
  /** When a look first found as many. */
  sinceMs: number;
}

const bytesOf = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten;

/**
 * Closes connections of `server` on which no byte moves for `silentMs`, at the next look after it and one more at the
 * latest; unfinished handshakes too. Where there are no connections nobody looks.
 */
export const closeSilent = (server: HttpServer | HttpsServer, { silentMs, checkEveryMs }: Silence): void => {
  const all = new Map<Socket, Watched>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const nowMs = performance.now();
    for (const [socket, watched] of all) {
      const bytes = bytesOf(socket);
      if (bytes !== watched.bytes) {
        watched.bytes = bytes;
        watched.sinceMs = nowMs;
      } else if (nowMs - watched.sinceMs >= silentMs) socket.destroy();
    }
  };

  server.on("connection", (socket: Socket) => {
    all.set(socket, { bytes: bytesOf(socket), sinceMs: performance.now() });
    timer ??= setInterval(look, checkEveryMs).unref();
    socket.once("close", () => {
      all.delete(socket);
      if (all.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    });
  });
};
