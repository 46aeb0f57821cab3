/** What a Service is to an API server: one address, behind it those replicas that are ready. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A replica as the Service sees it. */
export interface Backend {
  readonly port: number;
  isReady(): Promise<boolean>;
}

/** See the file's comment. */
export interface Balancer {
  readonly port: number;
  /** Backends that were ready when last asked. */
  ready(): readonly Backend[];
  close(): Promise<void>;
}

const ASK_EVERY_MS = 500;

/** Listens on 127.0.0.1, and asks the backends time and again, as kubelets do. */
export const startBalancer = async (backends: () => readonly Backend[]): Promise<Balancer> => {
  const sockets = new Set<Socket>();
  let ready: readonly Backend[] = [];
  let turn = 0;
  const ask = async (): Promise<void> => {
    const asked = await Promise.all(
      backends().map(async (one) => ((await one.isReady().catch(() => false)) ? [one] : [])),
    );
    ready = asked.flat();
  };
  const timer = setInterval(() => void ask(), ASK_EVERY_MS);
  const server = createServer((incoming) => {
    const backend = ready[turn++ % Math.max(ready.length, 1)];
    if (backend === undefined) return void incoming.destroy();
    const outgoing = connect({ host: "127.0.0.1", port: backend.port });
    for (const [socket, peer] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        peer.destroy();
      });
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    ready: () => ready,
    async close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      await once(server.close(), "close");
    },
  };
};
