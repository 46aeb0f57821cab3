/** Connections on which a test writes what no client library would. */
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { testAuthority } from "./webhooks.ts";

/** With what the types of Node.js leave out: does the client go on once the server has closed its half? */
type SocketOptions = ConnectionOptions & { readonly allowHalfOpen?: boolean };

/** A connection to a test's webhook, closed with the test. */
export const openSocket = async (url: string, options: SocketOptions = {}): Promise<TLSSocket> => {
  const { ca } = await testAuthority();
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), ca, ...options });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  return socket;
};

/** Everything that the server sends until the connection is closed. */
export const untilClosed = (socket: TLSSocket): Promise<string> =>
  new Promise((resolve) => {
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
    });
    socket.on("close", () => resolve(received));
    socket.on("error", () => {});
  });

/** The first of a request's bytes, up to its body. */
export const requestHead = (headers: Readonly<Record<string, string | number>>): string =>
  `${["POST /mutate/pods?timeout=5s HTTP/1.1", "host: x", "content-type: application/json", ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\r\n")}\r\n\r\n`;
