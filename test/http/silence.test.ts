import { createServer as createPlain, type RequestListener } from "node:http";
import { createServer as createSecure } from "node:https";
import { type AddressInfo, connect as connectPlain, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { connect as connectSecure } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { closeSilent } from "../../src/http/silence.ts";
import { testAuthority } from "../support/webhooks.ts";

const SILENT_MS = 300;
const CHECK_EVERY_MS = 50;
const GET = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

type Open = () => Promise<Socket>;

/** A server that closes silent connections, and how to open one to it: as it speaks, and below TLS. */
const start = async (isSecure: boolean, listener: RequestListener): Promise<{ open: Open; openRaw: Open }> => {
  const authority = await testAuthority();
  const options = { keepAliveTimeout: 0 };
  const server = isSecure
    ? createSecure({ ...(await authority.issue()), ...options }, listener)
    : createPlain(options, listener);
  server.on("tlsClientError", () => {});
  closeSilent(server, { silentMs: SILENT_MS, checkEveryMs: CHECK_EVERY_MS });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const at = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const until = async (socket: Socket, event: string): Promise<Socket> => {
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.once(event, () => resolve()));
    return socket.resume();
  };
  const openRaw = () => until(connectPlain(at), "connect");
  const openTls = () => until(connectSecure({ ...at, ca: authority.ca }), "secureConnect");
  return { open: isSecure ? openTls : openRaw, openRaw };
};

/** After how many milliseconds `socket` is closed. */
const closedAfter = async (socket: Socket): Promise<number> => {
  const startedMs = performance.now();
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return performance.now() - startedMs;
};

const answer: RequestListener = (_request, response) => void response.end("answer");

describe.each([
  ["HTTP", false],
  ["HTTPS", true],
] as const)("silence over %s", (_name, isSecure) => {
  it.each([
    ["that never asked", ""],
    ["between two requests", GET],
    ["within a head", "GET / HTTP/1.1\r\nhost"],
    ["within a body", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n1"],
  ])("closes a connection %s", async (_case, sent) => {
    const { open } = await start(isSecure, answer);
    const socket = await open();
    if (sent !== "") socket.write(sent);
    expect(await closedAfter(socket)).toBeGreaterThanOrEqual(SILENT_MS - 2 * CHECK_EVERY_MS);
  });

  it("closes one whose answer does not come", async () => {
    const { open } = await start(isSecure, () => {});
    const socket = await open();
    socket.write(GET);
    expect(await closedAfter(socket)).toBeGreaterThanOrEqual(SILENT_MS - 2 * CHECK_EVERY_MS);
  });

  it("closes one that never shakes hands", async () => {
    const { openRaw } = await start(isSecure, answer);
    expect(await closedAfter(await openRaw())).toBeGreaterThanOrEqual(SILENT_MS - 2 * CHECK_EVERY_MS);
  });

  it.each([
    ["that asks again and again", GET],
    ["that sends its body slowly", "1"],
  ])("leaves one open %s", async (_case, piece) => {
    const { open } = await start(isSecure, answer);
    const socket = await open();
    if (piece === "1") socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n");
    for (let sentMs = 0; sentMs < 3 * SILENT_MS; sentMs += 100) {
      await setTimeout(100);
      expect(socket.closed).toBe(false);
      socket.write(piece);
    }
  });

  it("leaves one open that takes a long answer piece by piece", async () => {
    const { open } = await start(isSecure, async (_request, response) => {
      for (let sentMs = 0; sentMs < 3 * SILENT_MS; sentMs += 100) {
        response.write("piece");
        await setTimeout(100);
      }
      response.end("the end");
    });
    const socket = await open();
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
    });
    socket.write(GET);
    await closedAfter(socket);
    expect(received).toContain("the end");
  });
});
