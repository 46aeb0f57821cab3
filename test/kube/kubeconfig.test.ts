import { chmod, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
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

  it("goes by way of a proxy on the loopback, as kubectl proxy is one, again and again", async () => {
    const path = await writeKubeconfig(
      await startScriptedServer(),
      { token: "abc" },
      { server: "http://127.0.0.1:1/" },
    );
    const access = kubeconfigAccess({ path });
    await access.read(false);
    expect(await access.read(false)).toMatchObject({
      server: new URL("http://127.0.0.1:1/"),
      authorization: "Bearer abc",
    });
  });

  it("merges the files of KUBECONFIG as kubectl does: what is said first holds, and one that is not there is passed over", async () => {
    const write = async (host: string, context: string) =>
      writeKubeconfig(await startScriptedServer(), { token: host }, { server: `https://${host}` }).then(
        async (path) => {
          const config = JSON.parse(await readFile(path, "utf8"));
          const contexts = [{ ...config.contexts[0], name: context }];
          await writeFile(path, JSON.stringify({ ...config, contexts, "current-context": context }));
          return path;
        },
      );
    const files = [
      "/nowhere/config",
      await write("first.example.com", "a"),
      "",
      await write("second.example.com", "b"),
    ];
    vi.stubEnv("KUBECONFIG", files.join(delimiter));
    onTestFinished(() => void vi.unstubAllEnvs());
    const first = { server: new URL("https://first.example.com/"), authorization: "Bearer first.example.com" };
    expect(await kubeconfigAccess().read(false)).toMatchObject(first);
    // The cluster and the user of that name are the first file's.
    expect(await kubeconfigAccess({ context: "b" }).read(false)).toMatchObject(first);
    vi.stubEnv("KUBECONFIG", "/nowhere/config");
    await expect(kubeconfigAccess().read(false)).rejects.toThrow(
      /^the kubeconfig \/nowhere\/config cannot be read: ENOENT/,
    );
  });

  it("is nobody else than kubectl would be: impersonation is refused", async () => {
    const path = await writeKubeconfig(await startScriptedServer(), {
      token: "abc",
      as: "jane",
      "as-groups": ["devs"],
    });
    await expect(connect(path)()).rejects.toThrow("the kubeconfig says as (impersonation)");
  });

  it.each([
    [{ "insecure-skip-tls-verify": true }, "always verified"],
    [{ "proxy-url": "http://proxy:3128" }, "proxy-url"],
    [{ server: "http://api.example.com" }, "allowed: https"],
  ])("refuses %j", async (cluster, message) => {
    const path = await writeKubeconfig(await startScriptedServer(), { token: "abc" }, cluster);
    await expect(connect(path)()).rejects.toThrow(message);
  });

  it.each<[name: string, change: Json, context: string | undefined, message: RegExp]>([
    ["a context that there is not", {}, "other", /^the kubeconfig \S+config has no context "other"; allowed: x$/],
    [
      "no current context",
      { "current-context": "" },
      undefined,
      /has no current-context, and no --context is given; allowed: x$/,
    ],
    [
      "no context",
      { contexts: [], "current-context": "x" },
      undefined,
      /has no context "x"; it has no context at all$/,
    ],
    ["no cluster", { clusters: [] }, undefined, /has a context "x" that names no cluster of the file$/],
  ])("says what is missing: %s", async (_name, change, context, message) => {
    const path = await writeKubeconfig(await startScriptedServer(), { token: "abc" });
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), ...change }));
    await expect(connect(path, context)()).rejects.toThrow(message);
  });

  it.each<[name: string, exec: Json, message: RegExp]>([
    [
      "that is not installed",
      { command: "no-such-plugin", installHint: "Get it at\n\t example.com.\n" },
      /config has user "u" get a credential from no-such-plugin: there is no such program \(Get it at example\.com\.\)$/,
    ],
    ["that fails", { command: "sh", args: ["-c", "echo log in first >&2; exit 1"] }, /from sh: log in first$/],
    [
      "that prints a token and no JSON",
      { command: "echo", args: ["c2VjcmV0"] },
      /from echo: what it printed is no JSON; allowed: an ExecCredential$/,
    ],
    ["that fails without a word", { command: "sh", args: ["-c", "exit 1"] }, /from sh: it failed, and said nothing$/],
  ])("says whose fault it is: an exec plugin %s", async (_name, exec, message) => {
    const api = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" };
    const path = await writeKubeconfig(await startScriptedServer(), { exec: { ...api, ...exec } });
    await expect(connect(path)()).rejects.toThrow(message);
  });

  it("says which of its files cannot be read", async () => {
    const user = { "client-certificate": "/nowhere/tls.crt", "client-key": "/nowhere/tls.key" };
    const path = await writeKubeconfig(await startScriptedServer(), user);
    await expect(connect(path)()).rejects.toThrow(
      /config names a file that cannot be read: ENOENT.*\/nowhere\/tls\.crt/,
    );
  });

  it.each([
    ["contexts: [\n", /^the kubeconfig \S+config cannot be read: \S.*$/],
    ["", /^the kubeconfig \S+config cannot be read: \S.*$/],
  ])("names the file that is none: %j", async (text, message) => {
    const path = join(temporaryFolder(), "config");
    await writeFile(path, text);
    await expect(connect(path)()).rejects.toThrow(message);
  });
});
