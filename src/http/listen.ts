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

/**
 * Takes no new connections, closes the idle ones and waits for what is being answered, until `giveUp` is aborted. Says
 * whether everything was answered.
 */
export const close = (server: HttpServer | HttpsServer, giveUp: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const cut = () => server.closeAllConnections();
    giveUp.addEventListener("abort", cut);
    server.close(() => {
      giveUp.removeEventListener("abort", cut);
      resolve(!giveUp.aborted);
    });
    if (giveUp.aborted) cut();
  });
