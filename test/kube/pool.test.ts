import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Access } from "../../src/kube/access.ts";
import { openPool, type Pool } from "../../src/kube/pool.ts";
import { eventually } from "../support/eventually.ts";
import { hang, raw, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

const LIST = { method: "GET", path: "/api/v1/serviceaccounts?limit=1", headers: {} } as const;
const never = new AbortController().signal;

const openTo = async (server: ScriptedServer, connections = 2): Promise<Pool> => {
  const pool = openPool(await server.access.read(false), connections);
  onTestFinished(() => pool.destroy());
  return pool;
};

const textOf = async (pool: Pool, signal = never): Promise<string> => {
  let text = "";
  for await (const chunk of await pool.send(LIST, signal)) text += chunk;
  return text;
};

/** A server on the loopback that `listener` is; it ends with the test. */
const listening = async (server: ReturnType<typeof createServer>): Promise<Access> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { server: new URL(`https://127.0.0.1:${port}`), ca: undefined, authorization: undefined };
};

describe("a pool of connections", () => {
  it("has requests wait where all of its connections are in use", async () => {
    const server = await startScriptedServer();
    const pool = await openTo(server);
    const texts = await Promise.all(Array.from({ length: 10 }, () => textOf(pool)));
    expect(texts.every((text) => text.startsWith('{"'))).toBe(true);
    expect(server.connections).toBe(2);
  });

  it("fails what is under way and what waits when it is destroyed", async () => {
    const server = await startScriptedServer();
    server.always("list", hang);
    const pool = await openTo(server, 1);
    const both = Promise.allSettled([textOf(pool), textOf(pool)]);
    await eventually(() => expect(server.count("list")).toBe(1));
    pool.destroy();
    expect(await both).toMatchObject(Array(2).fill({ status: "rejected", reason: { name: "PoolClosed" } }));
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  it("leaves no connection behind for what waited when it is destroyed", async () => {
    const sockets = new Set<Socket>();
    const silent = createHttpServer(() => {}).on("connection", (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    const access = await listening(silent);
    const pool = openPool({ ...access, server: new URL(access.server.href.replace("https", "http")) }, 1);
    const all = Promise.allSettled(Array.from({ length: 3 }, () => textOf(pool)));
    await eventually(() => expect(sockets.size).toBe(1));
    pool.destroy();
    await all;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sockets.size).toBe(0);
  });

  it("ends a body with its signal", async () => {
    const server = await startScriptedServer();
    server.always("list", raw("{", "stay"));
    const controller = new AbortController();
    const answer = await (await openTo(server)).send(LIST, controller.signal);
    const reading = (async () => {
      for await (const _ of answer) controller.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow();
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  it("says that it is drained once the last answer is read", async () => {
    const server = await startScriptedServer();
    const pool = await openTo(server);
    await Promise.all([textOf(pool), textOf(pool)]);
    server.always("list", raw("{", "stay"));
    const controller = new AbortController();
    const last = await pool.send(LIST, controller.signal);
    let isDrained = false;
    pool.drain(() => {
      isDrained = true;
    });
    await eventually(() => expect(server.sockets.size).toBe(1));
    expect(isDrained).toBe(false);
    last.destroy();
    await eventually(() => expect(isDrained).toBe(true));
  });

  it("gives up a server that takes connections and never answers a handshake", async () => {
    const access = await listening(createServer(() => {}));
    const pool = openPool(access, 1, 50);
    onTestFinished(() => pool.destroy());
    await expect(textOf(pool)).rejects.toThrow("no connection within 0.05 s");
  });

  it("lets an answer take longer than a connection may", async () => {
    const server = await startScriptedServer();
    server.always("list", ({ honestly }) => void setTimeout(honestly, 400));
    const pool = openPool(await server.access.read(false), 1, 200);
    onTestFinished(() => pool.destroy());
    expect(await textOf(pool)).toContain("{");
  });

  it("speaks HTTP with a proxy on the loopback", async () => {
    const access = await listening(createHttpServer((_, response) => void response.end("plain")));
    const pool = openPool({ ...access, server: new URL(access.server.href.replace("https", "http")) }, 1);
    onTestFinished(() => pool.destroy());
    expect(await textOf(pool)).toBe("plain");
  });
});
