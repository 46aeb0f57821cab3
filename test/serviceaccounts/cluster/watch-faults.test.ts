import { describe, expect, it } from "vitest";
import { errorLine } from "../../kube/account-log.ts";
import { hang, raw, reset, status } from "../../kube/scripted-server.ts";
import { eventually } from "../../support/eventually.ts";
import { FEDERATE, openSource, openSynced } from "./fixture.ts";

describe("a source whose watch misbehaves", () => {
  it("goes on after the watch's own timeout, without a new list", async () => {
    const { server, told, federateOf, recovered } = await openSynced();
    await eventually(() => expect(server.openWatches).toBe(1));
    server.endWatches();
    server.log.put("production", "b", { [FEDERATE]: "gcp" });
    await recovered();
    expect(await federateOf("b")).toBe("gcp");
    expect(told).toStrictEqual(["relist first", "rewatch"]);
    expect(server.count("watch")).toBe(1);
  });

  it("asks for bookmarks and for a timeout that is its own each time", async () => {
    const { server } = await openSynced();
    const query = server.requests[0]?.query;
    expect(query?.get("allowWatchBookmarks")).toBe("true");
    expect(query?.get("timeoutSeconds")).toBe("450");
    expect(server.requests[0]?.accept).toBe("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
  });

  it.each([
    ["410 as a status", (): ReturnType<typeof status> => status(410, "Expired")],
    ["410 within the stream", () => raw(errorLine(410, "Expired"), "end")],
  ])("reads a new list after %s, and loses what was deleted meanwhile", async (_, expired) => {
    const { server, told, source, federateOf, recovered } = await openSynced();
    server.deafen();
    server.log.remove("production", "a");
    server.log.put("production", "b", { [FEDERATE]: "gcp" });
    server.log.forget();
    server.next("watch", expired());
    server.breakConnections();
    await recovered();
    expect(await source.find("production", "a", 2000)).toBeUndefined();
    expect(await federateOf("b")).toBe("gcp");
    expect([...source.all()].map(({ name }) => name)).toStrictEqual(["b"]);
    expect(told.filter((word) => !word.startsWith("get"))).toStrictEqual([
      "relist first",
      "interrupted",
      "relist expired",
    ]);
  });

  it("reads a new list when history was compacted", async () => {
    const { server, told, recovered } = await openSynced();
    server.log.put("production", "b", { [FEDERATE]: "gcp" });
    server.deafen();
    server.log.put("production", "c", {});
    server.log.forget();
    server.breakConnections();
    await recovered();
    expect(told).toContain("relist expired");
  });

  it("takes the watch up where a cut line left it", async () => {
    const { server, told, federateOf, recovered } = await openSynced();
    server.deafen();
    server.log.put("production", "b", { [FEDERATE]: "gcp" });
    server.next(
      "watch",
      raw((log) => log.since(0)?.at(-1)?.slice(0, 40) ?? "", "break"),
    );
    server.breakConnections();
    await recovered();
    expect(await federateOf("b")).toBe("gcp");
    expect(told).toStrictEqual(["relist first", "interrupted", "interrupted"]);
  });

  it.each([
    ["no JSON", "{nonsense\n", "malformed"],
    ["no event", '{"type":"SURPRISE","object":{}}\n', "malformed"],
    ["an object without a name", '{"type":"ADDED","object":{"metadata":{}}}\n', "malformed"],
    ["a line without an end", "x".repeat(21 * 1024 * 1024), "too-large"],
  ])("drops a watch that sends %s, and takes it up again", async (_, text, errorClass) => {
    const { server, told, federateOf, recovered } = await openSynced();
    server.next("watch", raw(text, "stay"));
    server.endWatches();
    await eventually(() => expect(told).toContain(errorClass));
    server.log.put("production", "b", { [FEDERATE]: "gcp" });
    await recovered();
    expect(await federateOf("b")).toBe("gcp");
    expect(told).toStrictEqual(["relist first", "rewatch", errorClass]);
  });

  it("reads a new list when the same resource version fails again and again", async () => {
    const { server, told, recovered } = await openSynced();
    server.always("watch", raw("{nonsense\n", "stay"));
    server.endWatches();
    await recovered();
    expect(told).toStrictEqual(["relist first", "rewatch", ...Array(3).fill("malformed"), "relist no-progress"]);
  });

  it("waits as long as Retry-After says", async () => {
    const { server, told, clock, recovered } = await openSynced();
    server.next("watch", status(429, "TooManyRequests", { "retry-after": "7" }));
    server.endWatches();
    await eventually(() => expect(told).toContain("throttled"));
    clock.advance(6900);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.count("watch")).toBe(1);
    await recovered();
    expect(server.count("watch")).toBe(2);
  });

  it.each([
    [500, "server-error"],
    [503, "server-error"],
    [403, "forbidden"],
    [401, "unauthorized"],
    [418, "unexpected"],
  ])("tries again after a %i, and counts it as %s", async (code, errorClass) => {
    const { server, told, recovered } = await openSynced();
    server.next("watch", status(code, "Some"), status(code, "Some"));
    server.endWatches();
    await recovered();
    expect(told).toStrictEqual(["relist first", "rewatch", errorClass, errorClass]);
  });

  it("survives a server that is gone for a while, without a new list", async () => {
    const { server, told, clock, recovered } = await openSynced();
    server.always("watch", reset);
    server.breakConnections();
    await clock.until(() => expect(server.count("watch")).toBeGreaterThan(8));
    server.always("watch", undefined);
    await recovered();
    expect(told.filter((word) => word.startsWith("relist"))).toStrictEqual(["relist first"]);
    expect(told).toContain("unreachable");
  });

  it("does not believe a watch that is silent, and opens another one", async () => {
    const { server, told, clock, source, federateOf, recovered } = await openSynced();
    server.deafen();
    server.log.put("production", "a", { [FEDERATE]: "gcp" });
    expect(await federateOf("a")).toBe("aws");
    clock.advance(74_900);
    expect(source.health().isTrusted).toBe(true);
    clock.advance(100);
    expect(source.health().isTrusted).toBe(false);
    expect(await federateOf("a")).toBe("gcp");
    await recovered();
    expect(source.find("production", "a", 0)).toMatchObject({ name: "a" });
    expect([...told].sort()).toStrictEqual(["get found", "idle-timeout", "relist first"]);
  });

  it("believes a quiet watch that sends bookmarks, and goes on from the last one", async () => {
    const { server, told, clock, source } = await openSynced();
    for (let minute = 0; minute < 5; minute++) {
      clock.advance(61_000);
      server.bookmark();
      await eventually(() => expect(source.health().watchAgeMs).toBe(0));
    }
    expect(source.health().isTrusted).toBe(true);
    expect(told).toStrictEqual(["relist first"]);
  });

  it("gives up a watch that is taken and never answered", async () => {
    const { server, told, clock, recovered } = await openSynced();
    server.next("watch", hang);
    server.endWatches();
    await eventually(() => expect(server.count("watch")).toBe(1));
    await clock.until(() => expect(told).toContain("idle-timeout"), 5000);
    await recovered();
  });

  it("answers live from the moment a watch breaks until it has settled again", async () => {
    const { server, source, clock, federateOf } = await openSynced();
    server.always("watch", status(503, "ServiceUnavailable"));
    server.breakConnections();
    await eventually(() => expect(source.health().watchAgeMs).toBeUndefined());
    server.log.put("production", "a", { [FEDERATE]: "gcp" });
    expect(await federateOf("a")).toBe("gcp");
    server.always("watch", undefined);
    await clock.until(() => expect(source.health().watchAgeMs).toBeDefined());
    expect(source.health().isTrusted).toBe(false);
    clock.advance(1000);
    expect(source.health().isTrusted).toBe(true);
  });
});

describe("a source whose first list misbehaves", () => {
  it("is not synced, and answers nothing, before it is complete", async () => {
    const { source, clock, server } = await openSource((fake) => {
      fake.log.put("production", "a", { [FEDERATE]: "aws" });
      fake.next(
        "stream",
        raw((log) => log.initialLines().join(""), "stay"),
      );
    });
    await eventually(() => expect(server.count("stream")).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(source.isSynced()).toBe(false);
    expect([...source.all()]).toStrictEqual([]);
    expect(() => source.find("production", "a", 100)).toThrow("have not been read yet");
    clock.advance(30_000);
    await clock.until(() => expect(source.isSynced()).toBe(true));
  });

  it.each([
    ["refused with 422", status(422, "Invalid")],
    ["refused with 400", status(400, "BadRequest")],
  ])("lists in pages where streaming is %s, and remembers that", async (_, refusal) => {
    const { server, source, told, trusted, recovered } = await openSource(
      (fake) => {
        for (let i = 0; i < 25; i++) fake.log.put("production", `a${i}`, { [FEDERATE]: "aws" });
        fake.always("stream", refusal);
      },
      { limits: { pageSize: 10 } },
    );
    await trusted();
    expect([...source.all()]).toHaveLength(25);
    expect([server.count("stream"), server.count("list")]).toStrictEqual([1, 3]);
    expect(server.requests[1]?.accept).toBe("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    server.log.forget();
    server.deafen();
    server.log.put("production", "late", { [FEDERATE]: "aws" });
    server.log.forget();
    server.breakConnections();
    await recovered();
    expect(server.count("stream")).toBe(1);
    expect(told).toContain("relist expired");
  });

  it("lists in pages where streams begin and never end", async () => {
    const { server, told, trusted } = await openSource((fake) => fake.always("stream", raw("", "end")));
    await trusted();
    expect(server.count("stream")).toBe(3);
    expect(told).toStrictEqual(["interrupted", "interrupted", "interrupted", "relist first"]);
  });

  it("starts over when a page is lost, its continue token expired or its body broken", async () => {
    const { server, told, source, trusted } = await openSource((fake) => {
      fake.log.put("production", "a", { [FEDERATE]: "aws" });
      fake.always("stream", status(422, "Invalid"));
      fake.next("list", status(410, "Expired"), reset, raw('{"kind":"Status"}', "end"), status(503, "Unavailable"));
    });
    await trusted();
    expect(server.count("list")).toBe(5);
    expect([...source.all()]).toHaveLength(1);
    expect(told).toStrictEqual(["unreachable", "malformed", "server-error", "relist first"]);
  });

  it("keeps the old list in one piece until the new one is complete", async () => {
    const { server, source, clock } = await openSynced();
    const before = [...source.all()][0];
    server.log.put("production", "b", { [FEDERATE]: "aws" });
    await eventually(() => expect([...source.all()]).toHaveLength(2));
    server.always(
      "stream",
      raw((log) => log.initialLines()[0] ?? "", "stay"),
    );
    server.next("watch", status(410, "Expired"));
    server.endWatches();
    await clock.until(() => expect(server.count("stream")).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([...source.all()]).toHaveLength(2);
    server.always("stream", undefined);
    clock.advance(30_000);
    await clock.until(() => expect(source.health().isTrusted).toBe(true));
    expect([...source.all()][0]).toBe(before);
  });
});
