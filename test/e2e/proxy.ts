/** A way between two programs that can go silent: TCP connections stay open, and nothing comes through. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** See the file's comment. */
export interface SilentProxy {
  readonly url: string;
  /** Nothing goes through the connections that there are, ever again; new ones are as good as before. */
  silenceOpenConnections(): void;
  /** Nothing goes through any connection, old or new. */
  silenceEverything(): void;
  /** New connections are good again; the silenced ones are closed. */
  heal(): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 and forwards to the port of `target`. */
export const startProxy = async (target: string): Promise<SilentProxy> => {
  const { protocol, hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const silenced = new Set<Socket>();
  let isSilent = false;

  const silence = (socket: Socket) => {
    socket.unpipe();
    socket.pause();
    silenced.add(socket);
  };
  const track = (socket: Socket, peer: Socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      open.delete(socket);
      if (!silenced.has(socket)) peer.destroy();
    });
  };
  const server = createServer((incoming) => {
    const outgoing = connect({ host: hostname, port: Number(port) });
    track(incoming, outgoing);
    track(outgoing, incoming);
    if (isSilent) return [incoming, outgoing].forEach(silence);
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const silenceOpenConnections = () => open.forEach(silence);
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    silenceOpenConnections,
    silenceEverything() {
      isSilent = true;
      silenceOpenConnections();
    },
    heal() {
      isSilent = false;
      for (const socket of silenced) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await once(server.close(), "close");
    },
  };
};
