/** What a client may do to a connection, and what came back. */
import { connect as connectPlain, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";

/** Where the server is. */
export interface Target {
  readonly port: number;
  readonly ca: string;
  /** A webhook's, with its query. */
  readonly path: string;
}

const MIB = 1024 * 1024;
/** After this nobody waits for an answer any more. */
const PATIENCE_MS = 3000;

const opened = (socket: Socket, event: string): Promise<Socket> =>
  new Promise((resolve) => {
    socket.once(event, () => resolve(socket));
    socket.once("close", () => resolve(socket));
    socket.on("error", () => {});
  });

const open = ({ port, ca }: Target): Promise<Socket> =>
  opened(connect({ host: "127.0.0.1", port, ca }), "secureConnect");

/** Writes as `write` does, and returns all that came until the server closes or a while passes. */
const converse = async (
  socket: Socket,
  write: (socket: Socket) => unknown,
  patienceMs = PATIENCE_MS,
): Promise<string> => {
  let received = "";
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
  });
  await write(socket);
  await Promise.race([closed, sleep(patienceMs)]);
  socket.destroy();
  return received;
};

const headOf = (line: string, headers: string): string =>
  `${line} HTTP/1.1\r\nhost: podpass\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`;
const head = ({ path }: Target, headers: string): string => headOf(`POST ${path}`, headers);
const withLength = (target: Target, body: string): string =>
  head(target, `content-length: ${Buffer.byteLength(body)}`) + body;

/** How each of them misbehaves; `body` is an ordinary review. */
export const WIRES: Readonly<Record<string, (target: Target, body: string) => Promise<string>>> = {
  "a body shorter than it says": async (target, body) =>
    converse(await open(target), (socket) => socket.end(head(target, `content-length: ${body.length + 100}`) + body)),
  "a large body shorter than it says": async (target, body) =>
    converse(await open(target), (socket) => socket.end(head(target, `content-length: ${8 * MIB}`) + body.repeat(100))),
  "a body longer than it says": async (target, body) =>
    converse(await open(target), (socket) => socket.write(head(target, `content-length: ${body.length - 10}`) + body)),
  "a body of no length": async (target) =>
    converse(await open(target), (socket) => socket.write(head(target, "content-length: 0"))),
  "a length that is none": async (target, body) =>
    converse(await open(target), (socket) => socket.write(head(target, "content-length: 1e3") + body)),
  "two lengths": async (target, body) =>
    converse(await open(target), (socket) =>
      socket.write(head(target, "content-length: 5\r\ncontent-length: 6") + body),
    ),
  "a length and chunks": async (target, body) =>
    converse(await open(target), (socket) =>
      socket.write(head(target, `content-length: ${body.length}\r\ntransfer-encoding: chunked`) + body),
    ),
  "a chunk that never comes": async (target) =>
    converse(await open(target), (socket) =>
      socket.write(`${head(target, "transfer-encoding: chunked")}ffffffff\r\n{`),
    ),
  "no chunk": async (target) =>
    converse(await open(target), (socket) => socket.write(`${head(target, "transfer-encoding: chunked")}zz\r\n{`)),
  "chunks of one byte": async (target, body) =>
    converse(await open(target), (socket) => {
      const chunks = [...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join("");
      socket.write(`${head(target, "transfer-encoding: chunked")}${chunks}0\r\n\r\n`, "latin1");
    }),
  "one byte after another": async (target, body) =>
    converse(await open(target), async (socket) => {
      for (const byte of withLength(target, body).slice(0, 100)) if (socket.write(byte)) await sleep(10);
    }),
  "a large body that stops": async (target) =>
    converse(await open(target), (socket) =>
      socket.write(`${head(target, `content-length: ${8 * MIB}`)}{"a":"${"x".repeat(MIB)}`),
    ),
  "20 requests at once": async (target, body) =>
    converse(await open(target), (socket) => socket.write(withLength(target, body).repeat(10)), 500),
  "2,000 requests at once": async (target, body) =>
    converse(await open(target), (socket) => socket.write(withLength(target, body).repeat(2000))),
  "a compressed body": async (target, body) =>
    converse(await open(target), (socket) =>
      socket.write(head(target, `content-encoding: gzip\r\ncontent-length: ${body.length}`) + body),
    ),
  "100-continue": async (target, body) =>
    converse(await open(target), (socket) =>
      socket.write(head(target, `expect: 100-continue\r\ncontent-length: ${body.length}`) + body),
    ),
  "large headers": async (target) =>
    converse(await open(target), (socket) => socket.write(head(target, `x: ${"x".repeat(MIB)}`))),
  "many headers": async (target) =>
    converse(await open(target), (socket) =>
      socket.write(head(target, `content-length: 0\r\n${"x: y\r\n".repeat(9000)}z: z`)),
    ),
  "a long path": async (target) =>
    converse(await open(target), (socket) => socket.write(headOf(`POST /${"x".repeat(10_000)}`, "content-length: 0"))),
  "another method": async (target) =>
    converse(await open(target), (socket) => socket.write(headOf(`BREW ${target.path}`, "content-length: 0"))),
  "HTTP/2": async (target) =>
    converse(await open(target), (socket) => socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
  "no HTTP": async (target) => converse(await open(target), (socket) => socket.write(Buffer.alloc(70_000, 0xff))),
  "no TLS": async (target, body) =>
    converse(await opened(connectPlain(target.port, "127.0.0.1"), "connect"), (socket) =>
      socket.write(withLength(target, body)),
    ),
  "a handshake that stops": async ({ port }) =>
    converse(await opened(connectPlain(port, "127.0.0.1"), "connect"), (socket) => socket.write("\u0016\u0003\u0001")),
};

/** The statuses in what was received. */
export const statusesIn = (received: string): readonly number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3})/gu)].map(([, status]) => Number(status));
