/** ServiceAccounts as large as the API server lets a namespace's owner store them. */
import { describe, expect, it } from "vitest";
import { MAX_OBJECT_BYTES } from "../../../src/kube/bounded-body.ts";
import { LookupFailed } from "../../../src/serviceaccounts/source.ts";
import { raw, type ScriptedServer, status } from "../../kube/scripted-server.ts";
import { eventually } from "../../support/eventually.ts";
import { FEDERATE, openSource, openSynced } from "./fixture.ts";

const KIB = 1024;

const fill = (server: ScriptedServer, count: number, bytes: number): void => {
  for (let i = 0; i < count; i++) server.log.put("hostile", `a${i}`, { "example.com/x": "x".repeat(bytes) });
  server.log.put("production", "a", { [FEDERATE]: "aws" });
};

const limitsOf = (server: ScriptedServer): readonly number[] =>
  server.requests.filter(({ kind }) => kind === "list").map(({ query }) => Number(query.get("limit")));

describe("a list in pages of large objects", () => {
  it("asks for fewer objects where a page is too large, from the same place on, and for more again after it", async () => {
    const { server, source, trusted, told, federateOf } = await openSource(
      (fake) => {
        fill(fake, 20, 10 * KIB);
        for (let i = 0; i < 40; i++) fake.log.put("small", `b${i}`, { [FEDERATE]: "gcp" });
        fake.always("stream", status(422, "Invalid"));
      },
      { limits: { pageSize: 16, maxPageBytes: 64 * KIB } },
    );
    await trusted();
    expect(told).toStrictEqual(["relist first"]);
    expect(source.health()).toMatchObject({ accounts: 61, ownAccounts: 41 });
    expect(await federateOf("a")).toBe("aws");
    const limits = limitsOf(server);
    expect(limits.slice(0, 2)).toStrictEqual([16, 4]);
    expect(limits.at(-1)).toBe(16);
    expect(limits.length).toBeLessThan(20);
  });

  it("reads objects one by one where no two fit a page", async () => {
    const { server, source, trusted, told } = await openSource(
      (fake) => {
        fill(fake, 5, 100 * KIB);
        fake.always("stream", status(422, "Invalid"));
      },
      { limits: { pageSize: 1000, maxPageBytes: 64 * KIB } },
    );
    await trusted();
    expect(source.health().accounts).toBe(6);
    expect(told).toStrictEqual(["relist first"]);
    expect(limitsOf(server)).toContain(1);
  });

  it("gives up, and says why, where one object alone is larger than any that can be stored", async () => {
    const { source, told, clock } = await openSource(
      (fake) => {
        fill(fake, 1, 100 * KIB);
        fake.always("stream", status(422, "Invalid"));
      },
      { limits: { pageSize: 10, maxPageBytes: 10 * KIB, maxLineBytes: 20 * KIB } },
    );
    await clock.until(() => expect(told).toContain("too-large"));
    expect(source.isSynced()).toBe(false);
  });
});

describe("a watch of large objects", () => {
  it("reads one of which each byte is written as six, and goes on behind it", async () => {
    const { server, told, federateOf } = await openSynced();
    await eventually(() => expect(server.openWatches).toBe(1));
    const fieldsV1 = `{"f:${"\\u003c".repeat(1.5 * KIB * KIB)}":{}}`;
    const metadata = `{"name":"big","namespace":"hostile","resourceVersion":"2000","managedFields":[{"fieldsV1":${fieldsV1}}]}`;
    server.send(`{"type":"ADDED","object":{"metadata":${metadata}}}\n`);
    server.log.put("production", "b", { [FEDERATE]: "gcp" });
    await eventually(async () => expect(await federateOf("b")).toBe("gcp"));
    expect(told).not.toContain("too-large");
    expect(server.count("watch")).toBe(0);
  });
});

describe("find on a ServiceAccount that found no room", () => {
  it("reads it live, and never takes it for one that is not federated", async () => {
    const { server, source, clock, told, federateOf } = await openSynced();
    for (let i = 0; i < 12; i++)
      server.log.put("hostile", `a${i}`, { [FEDERATE]: "aws", "aws.podpass.dev/x": "<".repeat(250 * KIB) });
    await eventually(() => expect(source.health()).toMatchObject({ accounts: 13, leftOutAccounts: 4 }));
    expect(told).toContain("crowded hostile");
    for (let i = 0; i < 12; i++) expect(await federateOf(`a${i}`, "hostile")).toBe("aws");
    expect(server.count("get")).toBe(4);
    server.always("get", status(403, "Forbidden"));
    const refused = expect(source.find("hostile", "a11", 100)).rejects.toThrow(LookupFailed);
    await eventually(() => expect(server.count("get")).toBe(5));
    clock.advance(200);
    await refused;
    expect(source.find("production", "a", 0)).toMatchObject({ name: "a" });
  });

  it("fails with a sentence where the answer is larger than any object", async () => {
    const { server, source } = await openSynced();
    server.always("get", raw("x".repeat(MAX_OBJECT_BYTES + 1), "end"));
    await expect(source.find("production", "huge", 5000)).rejects.toThrow("an answer is longer than 20971520 bytes");
    await expect(source.find("production", "huge", 5000)).rejects.toThrow(LookupFailed);
    expect(server.count("get")).toBe(2);
  });
});
