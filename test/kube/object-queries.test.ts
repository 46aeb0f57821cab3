import { describe, expect, it, onTestFinished } from "vitest";
import { createConnection } from "../../src/kube/connection.ts";
import { createObjectQueries } from "../../src/kube/object-queries.ts";
import { statusObject } from "./account-log.ts";
import { type QuestionAnswer, startQueryServer } from "./query-server.ts";

const open = async (answers: Readonly<Record<string, QuestionAnswer>>, timeoutMs = 10_000) => {
  const { access, questions } = await startQueryServer(({ what }) => answers[what]);
  const connection = createConnection({ access: { read: async () => access } });
  onTestFinished(() => connection.close());
  return { ask: createObjectQueries(connection, timeoutMs), questions };
};

const QUESTION = { path: "/a", permission: "get a" };

describe("objects", () => {
  it.each<[string, QuestionAnswer, unknown]>([
    ["one that is there", [200, { kind: "A" }], { kind: "read", value: { kind: "A" } }],
    ["none", [404, statusObject(404, "NotFound")], { kind: "absent" }],
    ["no permission", [403, statusObject(403, "Forbidden")], { kind: "forbidden", permission: "get a" }],
    ["an error page", [502, "<h1>"], { kind: "failed", message: "the API server answered 502" }],
    ["no object", [200, [1]], { kind: "failed", message: "the API server's answer is no object" }],
    [
      "too long an answer",
      [200, "x".repeat(21_000_000)],
      { kind: "failed", message: expect.stringContaining("longer") },
    ],
  ])("%s", async (_, answer, expected) => {
    const { ask } = await open({ "GET /a": answer });
    expect(await ask.object(QUESTION)).toEqual(expected);
  });

  it("come page by page, each with its selector", async () => {
    const first = { metadata: { continue: "next" }, items: [{ n: 1 }, null, "x"] };
    const { ask, questions } = await open({
      "GET /a?limit=500&labelSelector=b%3D1": [200, first],
      "GET /a?limit=500&labelSelector=b%3D1&continue=next": [200, { items: [{ n: 2 }] }],
    });
    expect(await ask.list(QUESTION, { labelSelector: "b=1" })).toEqual({ kind: "read", value: [{ n: 1 }, { n: 2 }] });
    expect(questions).toHaveLength(2);
  });

  it("are none of those before a page that fails", async () => {
    const { ask } = await open({
      "GET /a?limit=500": [200, { metadata: { continue: "next" }, items: [{ n: 1 }] }],
      "GET /a?limit=500&continue=next": [410, statusObject(410, "Expired")],
    });
    expect(await ask.list(QUESTION)).toMatchObject({ kind: "failed", message: expect.stringContaining("410") });
  });

  it.each<[string, QuestionAnswer, unknown]>([
    ["ready", [200, "[+]a ok"], { kind: "read", value: { status: 200, text: "[+]a ok" } }],
    ["not ready", [503, "[-]a failed"], { kind: "read", value: { status: 503, text: "[-]a failed" } }],
    [
      "not reached",
      [503, statusObject(503, "ServiceUnavailable", "dial tcp: refused")],
      { kind: "failed", message: "the API server answered 503 ServiceUnavailable: dial tcp: refused" },
    ],
    ["not permitted", [403, statusObject(403, "Forbidden")], { kind: "forbidden", permission: "get a" }],
  ])("behind the proxy: %s", async (_, answer, expected) => {
    const { ask } = await open({ "GET /a": answer });
    expect(await ask.page(QUESTION)).toMatchObject(expected as object);
  });

  it("are created, or tried without an opinion", async () => {
    const { ask } = await open({ "POST /a": [201, { kind: "A" }], "POST /b": [500, "no"] });
    expect(await ask.create(QUESTION, {})).toEqual({ kind: "read", value: { kind: "A" } });
    expect(await ask.create({ ...QUESTION, path: "/b" }, {})).toMatchObject({ kind: "failed" });
    expect(await ask.attempt("/b", {})).toMatchObject({ status: 500, text: "no", warnings: [] });
  });

  it("are waited for no longer than they may take", async () => {
    const { ask } = await open({}, 300);
    const message = "the API server did not answer within 0.3 s";
    expect(await ask.object(QUESTION)).toEqual({ kind: "failed", message });
    expect(await ask.attempt("/none", {})).toEqual({ problem: message });
  });
});
