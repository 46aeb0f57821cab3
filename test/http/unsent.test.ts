import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { UnsentAnswers } from "../../src/http/unsent.ts";
import { eventually } from "../support/eventually.ts";

const MIB = 1024 * 1024;
/** More than the kernel takes of one connection. */
const ANSWER = "x".repeat(12 * MIB);

const serve = async (unsent: UnsentAnswers, bodyOf: (path: string) => string): Promise<() => Promise<Socket>> => {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const body = bodyOf(request.url ?? "");
    unsent.sending(response, body.length);
    response.end(body, "latin1");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    return socket;
  };
};

const ask = (socket: Socket, path = "/"): void => void socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);

describe("UnsentAnswers", () => {
  it("forgets what is taken", async () => {
    const unsent = new UnsentAnswers(100 * MIB);
    const open = await serve(unsent, () => ANSWER);
    const socket = await open();
    ask(socket);
    await eventually(() => expect(unsent.bytes()).toBe(12 * MIB));
    socket.resume();
    await eventually(() => expect(unsent.bytes()).toBe(0));
  });

  it("forgets what a closed connection has not taken, pipelined answers too", async () => {
    const unsent = new UnsentAnswers(100 * MIB);
    const open = await serve(unsent, () => ANSWER);
    const socket = await open();
    for (let i = 0; i < 3; i++) ask(socket);
    await eventually(() => expect(unsent.bytes()).toBe(36 * MIB));
    socket.destroy();
    await eventually(() => expect(unsent.bytes()).toBe(0));
  });

  it("closes who has waited for longest, once there is too much", async () => {
    const unsent = new UnsentAnswers(30 * MIB);
    const open = await serve(unsent, () => ANSWER);
    const closed: number[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = await open();
      socket.on("close", () => closed.push(i));
      ask(socket);
      await eventually(() => expect(unsent.bytes()).toBe(Math.min(i + 1, 2) * 12 * MIB));
      await setTimeout(i === 0 ? 1100 : 0);
      if (i === 2) socket.resume();
    }
    expect(unsent.bytes()).toBe(24 * MIB);
    await eventually(() => expect(unsent.bytes()).toBe(12 * MIB));
    expect(closed).not.toContain(2);
  });

  it("closes who has most, as long as nobody has waited for long: a refusal arrives", async () => {
    const unsent = new UnsentAnswers(30 * MIB);
    const open = await serve(unsent, (path) => (path === "/small" ? "x".repeat(8000) : ANSWER));
    const first = await open();
    ask(first, "/small");
    for (let i = 0; i < 3; i++) ask(await open());
    const received = await new Promise<Buffer>((resolve) => first.once("data", resolve));
    expect(received.length).toBeGreaterThan(8000);
    await eventually(() => expect(unsent.bytes()).toBeLessThanOrEqual(24 * MIB));
  });

  it("does not count small answers", async () => {
    const unsent = new UnsentAnswers(1);
    const open = await serve(unsent, () => "x".repeat(4000));
    const socket = await open();
    ask(socket);
    const received = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(received.length).toBeGreaterThan(4000);
  });
});
