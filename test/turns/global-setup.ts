/** Runs once for all tests: serves turns to the processes that run them. A connection that ends gives its turn back. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { CORES, createTurns } from "./turns.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The socket at which to ask for a turn. */
    turns: string;
  }
}

export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), "podpass-turns-"));
  const path = join(folder, "turns");
  const turns = createTurns(CORES);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (cores) => {
      const giveBack = turns.take(Number(cores.toString()), () => socket.write("begin"));
      socket.once("close", giveBack);
    });
  });
  server.listen(path);
  await once(server, "listening");
  provide("turns", path);
  return async () => {
    server.close();
    await rm(folder, { recursive: true });
  };
};
