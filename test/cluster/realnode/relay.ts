/**
 * Passes connections on, as a process of its own in a network namespace: `relay.ts FROM TO [FROM TO]...`, each a path
 * of a Unix socket or `ADDRESS:PORT`.
 */
import { createConnection, createServer, type ListenOptions, type NetConnectOpts } from "node:net";

const endpoint = (text: string): ListenOptions & NetConnectOpts => {
  if (text.startsWith("/")) return { path: text };
  const [host = "", port = ""] = text.split(":");
  return { host, port: Number(port) };
};

const relay = (from: string, to: string): void => {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (incoming) => {
    const outgoing = createConnection({ ...endpoint(to), allowHalfOpen: true });
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("error", () => outgoing.destroy());
    outgoing.on("error", () => incoming.destroy());
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
  });
  server.listen(endpoint(from));
};

const [, , ...pairs] = process.argv;
for (let index = 0; index + 1 < pairs.length; index += 2) relay(pairs[index] ?? "", pairs[index + 1] ?? "");
