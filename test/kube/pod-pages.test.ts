import { describe, expect, it, onTestFinished } from "vitest";
import { createConnection } from "../../src/kube/connection.ts";
import { type PodPage, type PodPagesOptions, podPages } from "../../src/kube/pod-pages.ts";
import { ClusterQueryFailed } from "../../src/trust/cluster-queries.ts";
import { statusObject } from "./account-log.ts";
import { type QuestionAnswer, startQueryServer } from "./query-server.ts";

const NOT_OVER = "fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed";
const page = (path: string, limit: number, next?: string): string =>
  `GET ${path}?${NOT_OVER}&limit=${limit}${next === undefined ? "" : `&continue=${next}`}`;

const read = async (
  answers: Readonly<Record<string, QuestionAnswer>>,
  options: Partial<PodPagesOptions> = {},
): Promise<readonly PodPage[]> => {
  const { access } = await startQueryServer(({ what }) => answers[what]);
  const connection = createConnection({ access: { read: async () => access } });
  onTestFinished(() => connection.close());
  return Array.fromAsync(podPages({ connection, namespace: undefined, ...options }));
};

const listOf = (items: readonly unknown[], next = "", remaining?: number): QuestionAnswer => [
  200,
  { metadata: { continue: next, ...(remaining !== undefined && { remainingItemCount: remaining }) }, items },
];

describe("the pods of a cluster", () => {
  it("come page by page", async () => {
    const pages = await read({
      [page("/api/v1/pods", 250)]: listOf([1], "a", 1),
      [page("/api/v1/pods", 250, "a")]: listOf([2]),
    });
    expect(pages).toEqual([
      { items: [1], remaining: 1 },
      { items: [2], remaining: 0 },
    ]);
  });

  it("of one namespace", async () => {
    const path = "/api/v1/namespaces/a%2Fb/pods";
    expect(await read({ [page(path, 250)]: listOf([1]) }, { namespace: "a/b" })).toHaveLength(1);
  });

  it("are asked for again in smaller pages where one is too large, down to one", async () => {
    const large = "x".repeat(2000);
    const pages = await read(
      {
        [page("/api/v1/pods", 8)]: listOf([large, large]),
        [page("/api/v1/pods", 2)]: listOf([large]),
        [page("/api/v1/pods", 1)]: listOf([large], "a"),
        [page("/api/v1/pods", 2, "a")]: listOf([2]),
      },
      { pageSize: 8, maxPageBytes: 1000 },
    );
    expect(pages.flatMap(({ items }) => items)).toEqual([large, 2]);
  });

  it("go on where the list expired, from what the API server says, without counting any twice", async () => {
    const expired = { ...statusObject(410, "Expired"), metadata: { continue: "b" } };
    const pages = await read({
      [page("/api/v1/pods", 250)]: listOf([1], "a"),
      [page("/api/v1/pods", 250, "a")]: [410, expired],
      [page("/api/v1/pods", 250, "b")]: listOf([2]),
    });
    expect(pages.flatMap(({ items }) => items)).toEqual([1, 2]);
  });

  it.each<[string, QuestionAnswer]>([
    ["pages", listOf([1], "a")],
    ["pages without pods", listOf([], "a")],
    ["answers that it expired", [410, { ...statusObject(410, "Expired"), metadata: { continue: "a" } }]],
  ])("end where the API server gives the same %s again and again", async (_, again) => {
    const { access } = await startQueryServer(() => again);
    const connection = createConnection({ access: { read: async () => access } });
    onTestFinished(() => connection.close());
    const pages = Array.fromAsync(podPages({ connection, namespace: undefined }));
    await expect(pages).rejects.toThrow("goes on where it went on before");
  });

  it("may be none", async () => {
    expect(await read({ [page("/api/v1/pods", 250)]: [200, { kind: "PodList", metadata: {}, items: null }] })).toEqual([
      { items: [], remaining: 0 },
    ]);
  });

  it("end where there are more than any cluster has", async () => {
    const items = new Array(60_000).fill(0);
    let next = 0;
    const { access } = await startQueryServer(() => listOf(items, String(next++)));
    const connection = createConnection({ access: { read: async () => access } });
    onTestFinished(() => connection.close());
    const pages = Array.fromAsync(podPages({ connection, namespace: undefined }));
    await expect(pages).rejects.toThrow("does not end");
  });

  it.each<[string, QuestionAnswer, number | undefined, string]>([
    ["no list", [200, {}], 200, "no list of pods"],
    ["a list of another kind", [200, { kind: "PodList", items: "none" }], 200, "no list of pods"],
    ["without permission", [403, statusObject(403, "Forbidden")], 403, "403 Forbidden"],
    ["expired for good", [410, statusObject(410, "Expired")], 410, "410 Expired"],
    ["a proxy's page", [200, "<h1>"], 200, "no list of pods"],
    ["too large even alone", [200, "x".repeat(21_000_000)], undefined, "longer than"],
  ])("%s", async (_, answer, status, said) => {
    const failing = Object.fromEntries([250, 62, 15, 3, 1].map((limit) => [page("/api/v1/pods", limit), answer]));
    const failed = await read(failing).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ClusterQueryFailed);
    expect(failed).toMatchObject({ status, message: expect.stringContaining(said) });
  });
});
