import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { hang, startScriptedServer, status } from "../../kube/scripted-server.ts";
import { eventually } from "../../support/eventually.ts";
import { openSource, openSynced } from "./fixture.ts";

/** Opens a source, closes it and has nothing more to do. */
const program = `
const [, address, ca, srcUrl] = process.argv;
const { createConnection } = await import(srcUrl + "kube/connection.ts");
const { keysUnder } = await import(srcUrl + "federation/account-keys.ts");
const { createClusterSource } = await import(srcUrl + "serviceaccounts/cluster/cluster-source.ts");
const access = { server: new URL(address), ca, authorization: "Bearer x" };
const connection = createConnection({ access: { read: async () => access } });
const source = createClusterSource({ connection, keys: keysUnder("podpass.dev") });
await source.whenSynced();
await source.find("n", "none", 1000);
source.close();
connection.close();
console.log("closed");
`;

it("lets its process end once source and connection are closed", async () => {
  const server = await startScriptedServer();
  const src = new URL("../../../src/", import.meta.url).href;
  const args = ["--input-type=module", "-e", program, `https://127.0.0.1:${server.port}`, server.ca, src];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 8000 });
  expect(stdout).toBe("closed\n");
  await eventually(() => expect(server.sockets.size).toBe(0));
});

it("ends its watch and its timers, and leaves the connection to others", async () => {
  const { server, source, clock } = await openSynced();
  source.close();
  await eventually(() => expect(server.openWatches).toBe(0));
  await eventually(() => expect(clock.pending).toBe(0));
  expect(source.health().isTrusted).toBe(false);
  expect(() => source.find("production", "a", 1000)).toThrow("closed");
});

it("fails what waits for an answer", async () => {
  const { server, source } = await openSynced();
  server.always("get", hang);
  const lookup = source.find("production", "new", 60_000) as Promise<unknown>;
  await eventually(() => expect(server.count("get")).toBe(1));
  source.close();
  await expect(lookup).rejects.toThrow("closed");
});

it("stops trying when it is closed before the first list", async () => {
  const { server, source, clock } = await openSource((fake) => fake.always("stream", status(503, "Unavailable")));
  await clock.until(() => expect(server.count("stream")).toBeGreaterThan(3));
  source.close();
  await expect(source.whenSynced()).rejects.toThrow("closed");
  await eventually(() => expect(clock.pending).toBe(0));
});
