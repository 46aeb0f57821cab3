import { describe, expect, it } from "vitest";
import { LookupFailed } from "../../../src/serviceaccounts/source.ts";
import { statusObject } from "../../kube/account-log.ts";
import { type Exchange, hang, raw, reset, status } from "../../kube/scripted-server.ts";
import { eventually } from "../../support/eventually.ts";
import { FEDERATE, openSynced } from "./fixture.ts";

/** Answers that the test gives when it wants to. */
const held = () => {
  const exchanges: Exchange[] = [];
  return { exchanges, answer: (exchange: Exchange) => void exchanges.push(exchange) };
};

const htmlNotFound = ({ response }: Exchange): void => {
  response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not found</h1>");
};

describe("find on a ServiceAccount that the watch has not brought", () => {
  it("reads it live, metadata only", async () => {
    const { server, source, told } = await openSynced();
    server.deafen();
    server.log.put("production", "new", { [FEDERATE]: "gcp", "example.com/other": "x" });
    const found = await source.find("production", "new", 2000);
    expect(found).toStrictEqual({
      namespace: "production",
      name: "new",
      annotations: new Map([[FEDERATE, "gcp"]]),
    });
    expect(server.requests.at(-1)).toMatchObject({
      path: "/api/v1/namespaces/production/serviceaccounts/new",
      accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    });
    expect(told).toContain("get found");
  });

  it("answers from memory without a promise, and without a request", async () => {
    const { server, source } = await openSynced();
    expect(source.find("production", "a", 0)).toMatchObject({ name: "a" });
    expect(server.count("get")).toBe(0);
  });

  it("never remembers that there is none", async () => {
    const { server, source, federateOf } = await openSynced();
    server.deafen();
    expect(await source.find("production", "new", 2000)).toBeUndefined();
    server.log.put("production", "new", { [FEDERATE]: "gcp" });
    expect(await federateOf("new")).toBe("gcp");
  });

  it("shares one request among those that ask while another one is under way", async () => {
    const { server, source } = await openSynced();
    const { exchanges, answer } = held();
    server.always("get", answer);
    const first = source.find("production", "new", 2000);
    await eventually(() => expect(exchanges).toHaveLength(1));
    const later = Array.from({ length: 20 }, () => source.find("production", "new", 2000));
    const other = source.find("production", "other", 2000);
    await eventually(() => expect(exchanges).toHaveLength(2));
    server.always("get", undefined);
    for (const exchange of exchanges) exchange.honestly();
    await Promise.all([first, other, ...later]);
    expect(server.count("get")).toBe(3);
  });

  it("does not answer a question with what was read before it was asked", async () => {
    const { server, federateOf } = await openSynced();
    server.deafen();
    const { exchanges, answer } = held();
    server.next("get", answer);
    const early = federateOf("new");
    await eventually(() => expect(exchanges).toHaveLength(1));
    server.log.put("production", "new", { [FEDERATE]: "gcp" });
    const late = federateOf("new");
    exchanges[0]?.response.writeHead(404).end(JSON.stringify(statusObject(404, "NotFound")));
    expect(await early).toBeUndefined();
    expect(await late).toBe("gcp");
  });

  it("fails once the budget is over, and takes no longer", async () => {
    const { server, source, clock, told } = await openSynced();
    server.always("get", hang);
    const lookup = source.find("production", "new", 900) as Promise<unknown>;
    await eventually(() => expect(server.count("get")).toBe(1));
    clock.advance(899);
    clock.advance(1);
    await expect(lookup).rejects.toThrow(LookupFailed);
    await expect(lookup).rejects.toThrow("within 900 ms");
    expect(told).toContain("get out-of-time");
  });

  it("says so as well when the last try ends just before the budget does", async () => {
    const tryMs = 3000;
    const { server, source, clock, told } = await openSynced({ limits: { tryMs } });
    server.always("get", hang);
    const lookup = source.find("production", "new", tryMs + 1) as Promise<unknown>;
    await eventually(() => expect(server.count("get")).toBe(1));
    clock.advance(tryMs);
    await expect(lookup).rejects.toThrow(`the API server did not answer within ${tryMs + 1} ms`);
    expect(told).toContain("get out-of-time");
  });

  it("tries another connection when one says nothing", async () => {
    const { server, source, clock } = await openSynced();
    server.deafen();
    server.log.put("production", "new", { [FEDERATE]: "gcp" });
    server.next("get", hang);
    const lookup = source.find("production", "new", 9000);
    await eventually(() => expect(server.count("get")).toBe(1));
    await clock.until(() => expect(server.count("get")).toBe(2), 100);
    expect(await lookup).toMatchObject({ name: "new" });
  });

  it.each([
    ["a broken connection", reset],
    ["500", status(500, "InternalError")],
    ["429 with Retry-After", status(429, "TooManyRequests", { "retry-after": "1" })],
    ["403, which an API server that has just started answers for a while", status(403, "Forbidden")],
    ["401", status(401, "Unauthorized")],
    ["an answer that stops in the middle", raw('{"metadata"', "break")],
  ])("tries again after %s", async (_, fault) => {
    const { server, clock, federateOf } = await openSynced();
    server.deafen();
    server.log.put("production", "new", { [FEDERATE]: "gcp" });
    server.next("get", fault);
    const lookup = federateOf("new");
    await clock.until(() => expect(server.count("get")).toBe(2), 50);
    expect(await lookup).toBe("gcp");
  });

  it.each([
    ["a 404 that is not the API server's", htmlNotFound, "answered 404"],
    ["a 404 for the path", status(404, "Missing"), "404 Missing"],
    ["429 that asks for more time than there is", status(429, "TooManyRequests", { "retry-after": "9" }), "429"],
  ])("fails at once after %s: it is no word about the ServiceAccount", async (_, fault, message) => {
    const { server, source, told } = await openSynced();
    server.always("get", fault);
    await expect(source.find("production", "new", 2000)).rejects.toThrow(message);
    await expect(source.find("production", "new", 2000)).rejects.toThrow(LookupFailed);
    expect(server.count("get")).toBe(2);
    expect(told).toContain("get failed");
  });

  it.each([
    ["403", status(403, "Forbidden"), "403 Forbidden"],
    ["401", status(401, "Unauthorized"), "401 Unauthorized"],
  ])("fails at once after %s once that has lasted for five seconds", async (_, fault, message) => {
    const { server, source, clock, told } = await openSynced();
    server.always("get", fault);
    let failed: unknown;
    const lookup = source.find("production", "new", 60_000) as Promise<unknown>;
    lookup.catch((error: unknown) => {
      failed = error;
    });
    const startedMs = clock.now();
    await clock.until(() => expect(failed).toBeInstanceOf(LookupFailed), 100);
    expect(clock.now() - startedMs).toBeGreaterThanOrEqual(5000);
    expect(clock.now() - startedMs).toBeLessThan(8000);
    const asked = server.count("get");
    await expect(source.find("production", "new", 60_000)).rejects.toThrow(message);
    expect(told).toContain("get failed");
    server.always("get", undefined);
    server.log.put("production", "new", { [FEDERATE]: "gcp" });
    server.deafen();
    await source.find("production", "new", 2000);
    expect(server.count("get")).toBeLessThanOrEqual(asked + 5);
  });

  it("waits longer with each try: 50 ms, 100, 200 and so on", async () => {
    const { server, source, clock } = await openSynced();
    clock.chance = 1;
    const asked: number[] = [];
    server.always("get", (exchange) => {
      asked.push(clock.now());
      status(500, "InternalError")(exchange);
    });
    const lookup = source.find("production", "new", 60_000) as Promise<unknown>;
    await clock.until(() => expect(asked).toHaveLength(8), 10);
    const waits = asked.slice(1).map((atMs, index) => atMs - (asked[index] ?? 0));
    // The clock also moves while a request is under way.
    for (const [index, expected] of [50, 100, 200, 400, 800, 1000, 1000].entries())
      expect(waits[index]).toBeGreaterThanOrEqual(expected);
    clock.advance(60_000);
    await expect(lookup).rejects.toThrow(LookupFailed);
  });

  it("goes on for whoever waits longest, where several share a call", async () => {
    const { server, source, clock } = await openSynced();
    const { exchanges, answer } = held();
    server.always("get", answer);
    const first = source.find("production", "new", 3000) as Promise<unknown>;
    await eventually(() => expect(exchanges).toHaveLength(1));
    const short = source.find("production", "new", 500) as Promise<unknown>;
    const long = source.find("production", "new", 5000) as Promise<unknown>;
    const shorter = source.find("production", "new", 100) as Promise<unknown>;
    const failures = Promise.all([short, shorter].map((lookup) => expect(lookup).rejects.toThrow("did not answer")));
    clock.advance(600);
    await failures;
    exchanges[0]?.honestly();
    await first;
    await eventually(() => expect(exchanges).toHaveLength(2));
    exchanges[1]?.honestly();
    expect(await long).toBeUndefined();
  });

  it("does not take another object for an answer", async () => {
    const { server, source } = await openSynced();
    server.always("get", raw(JSON.stringify({ metadata: { namespace: "production", name: "z" } }), "end"));
    await expect(source.find("production", "new", 2000)).rejects.toThrow("another object");
  });

  it("sends no name that cannot be one", async () => {
    const { server, source } = await openSynced();
    for (const name of ["..", "a/b", "A", "a?b", "a%2fb", "", "-a", "x".repeat(254)])
      expect(await source.find("production", name, 2000)).toBeUndefined();
    expect(await source.find("..", "a", 2000)).toBeUndefined();
    expect(server.count("get")).toBe(0);
  });
});
