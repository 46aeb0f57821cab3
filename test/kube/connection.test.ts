import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import { type AccessSource, readServer } from "../../src/kube/access.ts";
import { type Connection, createConnection } from "../../src/kube/connection.ts";
import { inClusterAccess } from "../../src/kube/in-cluster.ts";
import { eventually } from "../support/eventually.ts";
import { MountedVolume, temporaryFolder } from "../support/folder.ts";
import { ManualClock } from "./manual-clock.ts";
import { startQueryServer } from "./query-server.ts";
import { hang, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

const LIST = "/api/v1/serviceaccounts?limit=1";
const never = new AbortController().signal;

/** A pod on `server`, whose mounted files the test can replace. */
const openInCluster = async () => {
  const server = await startScriptedServer();
  const volume = new MountedVolume(temporaryFolder());
  const mount = (token: string, ca = server.ca) => volume.swap({ token, "ca.crt": ca, namespace: "podpass" });
  await mount("token-1\n");
  server.acceptedToken = "token-1";
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) };
  const clock = new ManualClock();
  const connection = open(inClusterAccess({ env, directory: volume.folder }), clock);
  return { server, mount, clock, connection };
};

const open = (access: AccessSource, clock = new ManualClock()): Connection => {
  const connection = createConnection({ access, clock });
  onTestFinished(() => connection.close());
  return connection;
};

const statusOf = async (connection: Connection): Promise<number> => {
  const response = await connection.get(LIST, "application/json", never);
  await response.readText();
  return response.status;
};

const tokensSeen = (server: ScriptedServer) => server.requests.map(({ authorization }) => authorization);

describe("a connection from inside a cluster", () => {
  it("uses the mounted token and CA, over kept connections", async () => {
    const { server, connection } = await openInCluster();
    for (let i = 0; i < 10; i++) expect(await statusOf(connection)).toBe(200);
    // The second one where a request comes in the instant in which the answer before it ends.
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(new Set(tokensSeen(server))).toStrictEqual(new Set(["Bearer token-1"]));
  });

  it("uses a rotated token within a minute", async () => {
    const { server, mount, clock, connection } = await openInCluster();
    await statusOf(connection);
    await mount("token-2");
    await statusOf(connection);
    clock.advance(60_000);
    server.acceptedToken = "token-2";
    await statusOf(connection);
    expect(tokensSeen(server)).toStrictEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it("uses a rotated token at once after a 401, without anyone noticing", async () => {
    const { server, mount, connection } = await openInCluster();
    await statusOf(connection);
    await mount("token-2");
    server.acceptedToken = "token-2";
    expect(await statusOf(connection)).toBe(200);
    expect(tokensSeen(server)).toStrictEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
  });

  it("sends a body again with the rotated token", async () => {
    let token = "old";
    const { access, questions } = await startQueryServer(({ headers }) =>
      headers["authorization"] === "Bearer new" ? [201, {}] : [401, {}],
    );
    const connection = open({ read: async () => ({ ...access, authorization: `Bearer ${token}` }) });
    const post = async () => {
      const response = await connection.post("/token", { a: 1 }, never);
      await response.readText();
      return response.status;
    };
    expect(await post()).toBe(401);
    token = "new";
    expect(await post()).toBe(201);
    expect(questions.map(({ what, body }) => `${what} ${body}`)).toStrictEqual(Array(3).fill('POST /token {"a":1}'));
  });

  it("says to its access once that it was refused, and not at the next reading", async () => {
    const refused: boolean[] = [];
    const { access } = await startQueryServer(() => [refused.length < 2 ? 401 : 200, {}]);
    const clock = new ManualClock();
    const read = async (wasRefused: boolean) => {
      refused.push(wasRefused);
      return { ...access, authorization: `Bearer ${refused.length}` };
    };
    const connection = open({ read }, clock);
    expect(await statusOf(connection)).toBe(200);
    clock.advance(60_000);
    expect(await statusOf(connection)).toBe(200);
    expect(refused).toStrictEqual([false, true, false]);
  });

  it("hands a 401 on when the token is still the same", async () => {
    const { server, connection } = await openInCluster();
    server.acceptedToken = "another";
    expect(await statusOf(connection)).toBe(401);
    expect(server.requests).toHaveLength(1);
  });

  it("keeps the token while its file cannot be read", async () => {
    const { mount, clock, connection } = await openInCluster();
    await statusOf(connection);
    await mount("");
    clock.advance(60_000);
    expect(await statusOf(connection)).toBe(200);
  });

  it("takes new connections to a rotated CA, and lets what is under way finish", async () => {
    const { server, mount, clock, connection } = await openInCluster();
    const watch = await connection.get("/api/v1/serviceaccounts?watch=true&resourceVersion=1", "*/*", never);
    await server.rotateAuthority();
    await mount("token-1");
    clock.advance(60_000);
    const before = server.connections;
    expect(await statusOf(connection)).toBe(200);
    expect(server.connections).toBe(before + 1);
    server.bookmark();
    server.endWatches();
    expect(await watch.readText()).toContain("BOOKMARK");
    await eventually(() => expect(server.sockets.size).toBe(1));
  });

  it("reads a rotated CA at once when the server's certificate is not the old one's", async () => {
    const { server, mount, connection } = await openInCluster();
    await statusOf(connection);
    await server.rotateAuthority();
    await mount("token-1");
    server.breakConnections();
    await eventually(async () => expect(await statusOf(connection)).toBe(200));
  });

  it("refuses a server that the CA does not vouch for", async () => {
    const { server, mount, connection } = await openInCluster();
    await mount("token-1", (await createAuthority()).ca);
    await expect(statusOf(connection)).rejects.toThrow(/certificate/);
    expect(server.requests).toHaveLength(0);
  });
});

describe("a connection", () => {
  it("listens to its signal while it connects, while it waits and while it reads", async () => {
    const server = await startScriptedServer();
    const connection = open(server.access);
    server.always("list", hang);
    const connecting = connection.get(LIST, "*/*", AbortSignal.abort(new Error("too late")));
    await expect(connecting).rejects.toThrow("too late");
    const controller = new AbortController();
    const waiting = connection.get(LIST, "*/*", controller.signal);
    await eventually(() => expect(server.count("list")).toBe(1));
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  it("leaves nothing open", async () => {
    const server = await startScriptedServer();
    const connection = open(server.access);
    await connection.get("/api/v1/serviceaccounts?watch=true&resourceVersion=1", "*/*", never);
    await statusOf(connection);
    expect(server.sockets.size).toBe(2);
    connection.close();
    await eventually(() => expect(server.sockets.size).toBe(0));
    await expect(statusOf(connection)).rejects.toThrow("closed");
  });

  it("keeps a path that the server's address has", async () => {
    const server = await startScriptedServer();
    const { read } = server.access;
    const connection = open({
      read: async (wasRefused) => {
        const access = await read(wasRefused);
        return { ...access, server: new URL("/k8s/clusters/c-1/", access.server) };
      },
    });
    await statusOf(connection);
    expect(server.requests[0]?.path).toBe("/k8s/clusters/c-1/api/v1/serviceaccounts");
  });

  it("goes to https only, but for a proxy on the loopback", () => {
    expect(readServer("https://api.example.com:6443").port).toBe("6443");
    expect(readServer("http://127.0.0.1:8001").port).toBe("8001");
    expect(() => readServer("http://api.example.com")).toThrow("allowed: https");
    expect(() => readServer("nonsense")).toThrow("not a URL");
  });
});
