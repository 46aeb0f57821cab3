/** Opening and closing a listener, the same for both servers. */
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Listens; rejects where the address cannot be had. Without `host`: on every address of both families. */
export const listen = (server: HttpServer | HttpsServer, port: number, host: string | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve(hostAndPort(server.address() as AddressInfo));
    });
  });

const hostAndPort = ({ address, port, family }: AddressInfo): string => {
  if (address === "::" || address === "0.0.0.0") return `localhost:${port}`;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
};

/** How often what has become idle is closed: Node.js does that once, and a client may send the rest of a body later. */
const IDLE_CHECK_MS = 100;

/**
 * Takes no new connections, closes those that are idle or become so, and waits for what is being answered, until `giveUp`
 * is aborted. Says whether everything was answered.
 */
export const close = (server: HttpServer | HttpsServer, giveUp: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const cut = () => server.closeAllConnections();
    const timer = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    giveUp.addEventListener("abort", cut);
    server.close(() => {
      clearInterval(timer);
      giveUp.removeEventListener("abort", cut);
      resolve(!giveUp.aborted);
    });
    if (giveUp.aborted) cut();
  });
