import { describe, expect, it, onTestFinished } from "vitest";
import { createConnection } from "../../src/kube/connection.ts";
import { type QuestionAnswer, startQueryServer } from "./query-server.ts";

const never = new AbortController().signal;
const SECRET = "/api/v1/namespaces/podpass/secrets/ca";

const setUp = async (answer: () => QuestionAnswer) => {
  const { access, questions } = await startQueryServer(answer);
  const state = { token: "one" };
  const connection = createConnection({
    access: { read: async () => ({ ...access, authorization: `Bearer ${state.token}` }) },
  });
  onTestFinished(() => connection.close());
  return { connection, questions, state };
};

describe("a connection that writes", () => {
  it("hands a conflict on: whoever wrote reads again, and decides", async () => {
    const { connection, questions } = await setUp(() => [409, { kind: "Status", code: 409, reason: "Conflict" }]);
    const response = await connection.patch(
      SECRET,
      { type: "merge", body: { metadata: { resourceVersion: "6" } } },
      never,
    );
    response.drop();
    expect([response.status, questions.length]).toStrictEqual([409, 1]);
  });

  it.each([
    ["merge patch", { type: "merge", body: { metadata: { labels: { a: null } } } }, "application/merge-patch+json", ""],
    [
      "JSON Patch",
      { type: "json", body: [{ op: "replace", path: "/webhooks/0/clientConfig/caBundle", value: "eA==" }] },
      "application/json-patch+json",
      "",
    ],
    [
      "server-side apply",
      { type: "apply", body: { kind: "Secret" }, fieldManager: "podpass & co" },
      "application/apply-patch+yaml",
      "?fieldManager=podpass+%26+co&force=false",
    ],
    [
      "server-side apply that takes fields over",
      { type: "apply", body: { kind: "Secret" }, fieldManager: "podpass", force: true },
      "application/apply-patch+yaml",
      "?fieldManager=podpass&force=true",
    ],
  ] as const)("changes an object by %s, under its content type", async (_, patch, contentType, query) => {
    const { connection, questions } = await setUp(() => [200, {}]);
    await (await connection.patch(SECRET, patch, never)).readText();
    expect(questions).toMatchObject([
      { what: `PATCH ${SECRET}${query}`, headers: { "content-type": contentType }, body: JSON.stringify(patch.body) },
    ]);
  });

  it("sends a change again with the rotated token, and body and type with it", async () => {
    const { connection, questions, state } = await setUp(() =>
      questions.at(-1)?.headers["authorization"] === "Bearer two" ? [200, {}] : [401, {}],
    );
    await (await connection.patch(SECRET, { type: "merge", body: {} }, never)).readText();
    state.token = "two";
    const response = await connection.patch(SECRET, { type: "merge", body: { a: 1 } }, never);
    await response.readText();
    expect(response.status).toBe(200);
    expect(questions.slice(1).map(({ what, headers, body }) => [what, headers["content-type"], body])).toStrictEqual(
      Array(2).fill([`PATCH ${SECRET}`, "application/merge-patch+json", '{"a":1}']),
    );
  });

  it("listens to its signal", async () => {
    const { connection } = await setUp(() => undefined);
    await expect(connection.patch(SECRET, { type: "merge", body: {} }, AbortSignal.timeout(50))).rejects.toThrow(
      "timeout",
    );
  });
});
