import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createConnection } from "../../src/kube/connection.ts";
import { kubeconfigAccess } from "../../src/kube/kubeconfig.ts";
import { temporaryFolder } from "../support/folder.ts";
import { ManualClock } from "./manual-clock.ts";
import { type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

const clientPackage: string = "@kubernetes/client-node";
const isInstalled = await import(clientPackage).then(
  () => true,
  () => false,
);

type Json = Readonly<Record<string, unknown>>;

const writeKubeconfig = async (server: ScriptedServer, user: Json, cluster: Json = {}): Promise<string> => {
  const path = join(temporaryFolder(), "config");
  const ca = Buffer.from(server.ca).toString("base64");
  const address = `https://127.0.0.1:${server.port}`;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: address, "certificate-authority-data": ca, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  await writeFile(path, JSON.stringify(config));
  return path;
};

const connect = (path: string, context?: string) => {
  const access = kubeconfigAccess({ path, ...(context === undefined ? {} : { context }) });
  const connection = createConnection({ access, clock: new ManualClock() });
  onTestFinished(() => connection.close());
  return async () => {
    const response = await connection.get("/api/v1/serviceaccounts?limit=1", "*/*", new AbortController().signal);
    await response.readText();
    return response.status;
  };
};

describe.skipIf(!isInstalled)("a connection from a kubeconfig", () => {
  it("uses its token and CA", async () => {
    const server = await startScriptedServer();
    expect(await connect(await writeKubeconfig(server, { token: "abc" }))()).toBe(200);
    expect(server.requests[0]?.authorization).toBe("Bearer abc");
  });

  it("runs an exec plugin once, and again when its token is refused", async () => {
    const server = await startScriptedServer();
    const plugin = join(temporaryFolder(), "plugin");
    const write = async (token: string) => {
      const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token } };
      await writeFile(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
      await chmod(plugin, 0o755);
    };
    await write("first");
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: plugin, interactiveMode: "Never" };
    const get = connect(await writeKubeconfig(server, { exec }));
    await get();
    await write("second");
    await get();
    server.acceptedToken = "second";
    expect(await get()).toBe(200);
    expect(server.requests.map(({ authorization }) => authorization)).toStrictEqual([
      "Bearer first",
      "Bearer first",
      "Bearer first",
      "Bearer second",
    ]);
  });

  it("shows a client certificate", async () => {
    const server = await startScriptedServer();
    const path = await writeKubeconfig(server, {
      "client-certificate-data": Buffer.from("CERT").toString("base64"),
      "client-key-data": Buffer.from("KEY").toString("base64"),
    });
    expect(await kubeconfigAccess({ path }).read(false)).toMatchObject({ cert: "CERT", key: "KEY" });
  });

  it.each([
    [{ "insecure-skip-tls-verify": true }, "always verified"],
    [{ "proxy-url": "http://proxy:3128" }, "proxy-url"],
    [{ server: "http://api.example.com" }, "allowed: https"],
  ])("refuses %j", async (cluster, message) => {
    const path = await writeKubeconfig(await startScriptedServer(), { token: "abc" }, cluster);
    await expect(connect(path)()).rejects.toThrow(message);
  });

  it("says which context is missing", async () => {
    const path = await writeKubeconfig(await startScriptedServer(), { token: "abc" });
    await expect(connect(path, "other")()).rejects.toThrow('no context "other"');
  });
});
