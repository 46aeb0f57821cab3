import { createServer as createPlain, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createSecure, type Server as HttpsServer } from "node:https";
import { type AddressInfo, connect as connectPlain, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connect as connectSecure } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { boundConnections, type Connections } from "../../src/http/connections.ts";
import { eventually } from "../support/eventually.ts";
import { testAuthority } from "../support/webhooks.ts";

const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n";

interface Client {
  readonly socket: Socket;
  received: string;
  isClosed: boolean;
}

interface Bounded {
  readonly connections: Connections;
  /** A connection, over TLS where the server speaks it. */
  open(): Promise<Client>;
  /** Only the bytes below TLS. */
  openRaw(): Promise<Client>;
}

const kinds: readonly [name: string, isSecure: boolean][] = [
  ["HTTP", false],
  ["HTTPS", true],
];

const bounded = async (isSecure: boolean, max: number, listener: RequestListener): Promise<Bounded> => {
  const authority = await testAuthority();
  const listen: RequestListener = (request, response) => {
    if (connections.began(request, response)) listener(request, response);
  };
  const server: HttpServer | HttpsServer = isSecure
    ? createSecure(await authority.issue(), listen)
    : createPlain(listen);
  const connections = boundConnections(server, max);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const at = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const follow = async (socket: Socket, event: string): Promise<Client> => {
    const client: Client = { socket, received: "", isClosed: false };
    onTestFinished(() => void socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      client.received += chunk.toString();
    });
    socket.on("error", () => {});
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    void closed.then(() => {
      client.isClosed = true;
    });
    await Promise.race([new Promise<void>((resolve) => socket.once(event, () => resolve())), closed]);
    await setTimeout(5);
    return client;
  };
  const openRaw = () => follow(connectPlain(at), "connect");
  const openTls = () => follow(connectSecure({ ...at, ca: authority.ca }), "secureConnect");
  return { connections, open: isSecure ? openTls : openRaw, openRaw };
};

const answer: RequestListener = (_request, response) => void response.end("answer");
const isAnswered = (client: Client) => eventually(() => expect(client.received).toContain("answer"));

describe.each(kinds)("a bound on connections over %s", (_name, isSecure) => {
  it("closes first what sent no request in time, then what waits for its client", async () => {
    const { connections, open, openRaw } = await bounded(isSecure, 4, answer);
    const [idle, unused, unfinished, other] = [await open(), await openRaw(), await open(), await open()];
    idle.socket.write(GET);
    unfinished.socket.write(POST);
    await isAnswered(idle);
    await setTimeout(1050);
    for (const gone of [unused, other, unfinished]) {
      const next = await open();
      await eventually(() => expect(gone.isClosed).toBe(true));
      next.socket.write(GET);
      await isAnswered(next);
    }
    expect(idle.isClosed).toBe(false);
    expect([connections.count(), connections.closed()]).toStrictEqual([4, 3]);
  });

  it("closes then what is between two requests, whose last is longest ago, and then what is new", async () => {
    const { open } = await bounded(isSecure, 3, answer);
    const [first, second] = [await open(), await open()];
    for (const client of [first, second, first]) {
      client.received = "";
      client.socket.write(GET);
      await isAnswered(client);
    }
    const fresh = [await open(), await open(), await open()];
    await eventually(() => expect([second.isClosed, first.isClosed]).toStrictEqual([true, true]));
    await open();
    await eventually(() => expect(fresh.map(({ isClosed }) => isClosed)).toStrictEqual([true, false, false]));
  });

  it("takes no new one where every other is being answered", async () => {
    const { connections, open, openRaw } = await bounded(isSecure, 2, () => {});
    const waiting = [await open(), await open()];
    for (const { socket } of waiting) socket.write(GET);
    await setTimeout(1050);
    const refused = await openRaw();
    await eventually(() => expect(refused.isClosed).toBe(true));
    expect(waiting.map(({ isClosed }) => isClosed)).toStrictEqual([false, false]);
    expect([connections.count(), connections.closed()]).toStrictEqual([2, 1]);
  });

  it("closes who sends without waiting for answers, and nobody who waits, however often", async () => {
    const { open } = await bounded(isSecure, 3, (request, response) => {
      if (request.url === "/") answer(request, response);
    });
    const [waits, hurries] = [await open(), await open()];
    for (let i = 0; i < 10; i++) {
      waits.received = "";
      waits.socket.write(GET);
      await isAnswered(waits);
    }
    hurries.socket.write("GET /never HTTP/1.1\r\nhost: x\r\n\r\n".repeat(4));
    await setTimeout(50);
    expect(hurries.isClosed).toBe(false);
    hurries.socket.write(GET);
    await eventually(() => expect(hurries.isClosed).toBe(true));
    expect(waits.isClosed).toBe(false);
  });

  it("counts none that is gone", async () => {
    const { connections, open, openRaw } = await bounded(isSecure, 10, answer);
    const all = [await open(), await openRaw(), await open()];
    all[0]?.socket.write(GET);
    all[2]?.socket.write(POST);
    await setTimeout(10);
    expect(connections.count()).toBe(3);
    for (const { socket } of all) socket.destroy();
    await eventually(() => expect(connections.count()).toBe(0));
  });
});
