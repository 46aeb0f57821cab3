import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createConnection } from "../../../src/kube/connection.ts";
import { type Authority, writeBundle } from "../../../src/tls/managed/certificates.ts";
import { createClusterStore } from "../../../src/tls/managed/cluster-store.ts";
import { createAuthority } from "../../../src/tls/managed/sign.ts";
import { type Question, type QuestionAnswer, startQueryServer } from "../../kube/query-server.ts";

const SECRET = "/api/v1/namespaces/podpass-system/secrets/podpass-ca";
const OF = { kind: "MutatingWebhookConfiguration", name: "podpass" } as const;
const CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass";

let own: Authority;
let other: Authority;

beforeAll(async () => {
  const make = () => createAuthority({ nowMs: Date.now(), lifeMs: 3_600_000 });
  [own, other] = [await make(), await make()];
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const failure = (code: number, reason: string, message = "no"): QuestionAnswer => [
  code,
  { kind: "Status", code, reason, message },
];

const setUp = async (answer: (question: Question) => QuestionAnswer) => {
  const { access, questions } = await startQueryServer(answer);
  const connection = createConnection({ access: { read: async () => access } });
  onTestFinished(() => connection.close());
  const time = { elapsedMs: 5000 };
  const stopping = new AbortController();
  const store = createClusterStore({
    connection,
    namespace: "podpass-system",
    secret: "podpass-ca",
    elapsedMs: () => time.elapsedMs,
    closed: new AbortController().signal,
    stopping: stopping.signal,
    timeoutMs: 300,
  });
  const sent = () => questions.map(({ what, body }) => [what, body === "" ? undefined : JSON.parse(body)]);
  return { store, sent, time, stopping };
};

const secret = (data: unknown): QuestionAnswer => [200, { metadata: { resourceVersion: "7" }, data }];

const ofCa = (authority: Authority) => ({ "ca.crt": base64(authority.cert), "ca.key": base64(authority.key) });

it("still reads, and sends no write, once the process is to end", async () => {
  const { store, sent, stopping } = await setUp(() => secret({}));
  const read = await store.readSecret();
  stopping.abort();
  expect(await store.writeSecret(read, { authority: own, previous: undefined })).toHaveProperty("problem");
  expect(await store.makeSecret()).toHaveProperty("problem");
  expect((await store.readSecret()).view).toStrictEqual({ state: "empty" });
  expect(sent()).toHaveLength(2);
});

describe("readSecret", () => {
  it("reads a CA and the one before it, their version, and the API server's time", async () => {
    const { store } = await setUp(() => secret({ ...ofCa(own), "previous-ca.crt": base64(other.cert) }));
    const { date, ...read } = await store.readSecret();
    expect(read).toStrictEqual({
      view: { state: "usable", ca: own.ca, previous: other.ca },
      authority: own,
      previous: { ca: other.ca, cert: other.cert },
      resourceVersion: "7",
    });
    expect(Math.abs(Date.parse(date ?? "") - Date.now())).toBeLessThan(5000);
  });

  it.each<[string, () => QuestionAnswer, unknown]>([
    ["an empty Secret", () => secret(undefined), { state: "empty" }],
    ["one with other keys alone", () => secret({ "tls.crt": "eA==" }), { state: "empty" }],
    ["a key alone", () => secret({ "ca.key": "eA==" }), { state: "unusable", problem: "ca.crt is missing" }],
    ["a certificate alone", () => secret({ "ca.crt": "eA==" }), { state: "unusable", problem: "ca.key is missing" }],
    ["data of another kind", () => secret([1, { "ca.crt": 7 }]), { state: "empty" }],
    [
      "a spoilt one before",
      () => secret({ ...ofCa(own), "previous-ca.crt": "eA==" }),
      expect.objectContaining({ state: "usable", previous: "unusable" }),
    ],
    ["none", () => failure(404, "NotFound"), { state: "absent" }],
    [
      "a proxy's word that there is none",
      () => [404, "<html>"],
      { state: "unknown", problem: "the API server answered 404" },
    ],
    [
      "no right",
      () => failure(403, "Forbidden"),
      { state: "unknown", problem: "the API server answered 403 Forbidden: no" },
    ],
    ["no JSON", () => [200, "nonsense"], expect.objectContaining({ state: "unknown" })],
    ["megabytes", () => [200, `"${"x".repeat(5_000_000)}"`], expect.objectContaining({ state: "unknown" })],
    ["no answer", () => undefined, { state: "unknown", problem: "the API server did not answer within 0.3 s" }],
  ])("knows %s", async (_, answer, view) => {
    const { store } = await setUp(answer);
    expect((await store.readSecret()).view).toStrictEqual(view);
  });
});

describe("writing the Secret", () => {
  it("makes it by server-side apply, without content, so that none is lost", async () => {
    const { store, sent } = await setUp(() => [201, {}]);
    expect(await store.makeSecret()).toBe("done");
    const body = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "podpass-ca", namespace: "podpass-system" },
      type: "Opaque",
    };
    expect(sent()).toStrictEqual([[`PATCH ${SECRET}?fieldManager=podpass&force=false`, body]]);
  });

  it("names the version that was read, and changes these keys alone", async () => {
    const { store, sent } = await setUp(({ what }) => (what.startsWith("GET") ? secret({}) : [200, {}]));
    const read = await store.readSecret();
    expect(await store.writeSecret(read, { authority: own, previous: other })).toBe("done");
    expect(await store.writeSecret(read, { previous: undefined })).toBe("done");
    const metadata = { resourceVersion: "7" };
    expect(sent().slice(1)).toStrictEqual([
      [`PATCH ${SECRET}`, { metadata, data: { "previous-ca.crt": base64(other.cert), ...ofCa(own) } }],
      [`PATCH ${SECRET}`, { metadata, data: { "previous-ca.crt": null } }],
    ]);
  });

  it.each<[string, QuestionAnswer, unknown]>([
    ["a conflict", failure(409, "Conflict"), "conflict"],
    ["that it is gone", failure(404, "NotFound"), "conflict"],
    ["a refusal", failure(403, "Forbidden"), { problem: "the API server answered 403 Forbidden: no" }],
    ["no answer", undefined, { problem: "the API server did not answer within 0.3 s" }],
  ])("tells %s", async (_, answer, written) => {
    const { store } = await setUp(({ what }) => (what.startsWith("GET") ? secret({}) : answer));
    expect(await store.writeSecret(await store.readSecret(), { previous: undefined })).toStrictEqual(written);
  });

  it("does not ask for ever where there is no namespace", async () => {
    const { store } = await setUp(() => failure(404, "NotFound"));
    expect(await store.makeSecret()).toStrictEqual({ problem: 'there is no namespace "podpass-system"' });
  });
});

const managed = (time: string, fields: unknown) => ({ manager: "x", time, fieldsV1: fields });
const BUNDLE_FIELD = { "f:webhooks": { 'k:{"name":"a"}': { "f:clientConfig": { "f:caBundle": {} } } } };

const configuration = (bundles: readonly (string | undefined)[], managedFields?: unknown): QuestionAnswer => [
  200,
  {
    metadata: { resourceVersion: "9", managedFields },
    webhooks: bundles.map((caBundle) => ({ name: "a", clientConfig: { caBundle } })),
  },
];

describe("a ValidatingWebhookConfiguration", () => {
  it("is read and written at its own path", async () => {
    const { store, sent } = await setUp(() => configuration([writeBundle([own])]));
    const of = { kind: "ValidatingWebhookConfiguration", name: "podpass" } as const;
    const read = await store.readConfiguration(of);
    expect(read.view).toMatchObject({ ...of, state: "present" });
    expect(await store.writeBundle(of, read, [own])).toBe("done");
    const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/podpass";
    expect(sent().map(([what]) => what)).toEqual([`GET ${path}`, expect.stringContaining(`PATCH ${path}`)]);
  });
});

describe("readConfiguration", () => {
  it("knows what every webhook has, what some have, and when that changed", async () => {
    const both = writeBundle([own, other]);
    const { store } = await setUp(() =>
      configuration(
        [both, writeBundle([own])],
        [
          managed("2026-03-01T00:00:00Z", BUNDLE_FIELD),
          managed("2026-03-02T00:00:00Z", BUNDLE_FIELD),
          managed("2026-03-09T00:00:00Z", { "f:metadata": {} }),
        ],
      ),
    );
    expect((await store.readConfiguration(OF)).view).toStrictEqual({
      state: "present",
      ...OF,
      common: [own.ca],
      all: [own.ca, other.ca],
      isTidy: true,
      changedMs: Date.parse("2026-03-02T00:00:00Z"),
      seenForMs: 0,
    });
  });

  it.each<[string, unknown]>([
    ["nothing is noted", undefined],
    ["what is noted is nonsense", [managed("nonsense", BUNDLE_FIELD), 7, null]],
  ])("goes by what it saw itself where %s", async (_, managedFields) => {
    const bundles: (string | undefined)[] = [undefined];
    const { store, time } = await setUp(() => configuration(bundles, managedFields));
    const seenForMs = async () => {
      const { view } = await store.readConfiguration(OF);
      expect(view).toMatchObject({ state: "present", isTidy: true, changedMs: Number.POSITIVE_INFINITY });
      return view.state === "present" ? view.seenForMs : Number.NaN;
    };
    expect(await seenForMs()).toBe(0);
    time.elapsedMs += 7000;
    expect(await seenForMs()).toBe(7000);
    bundles[0] = writeBundle([own]);
    expect(await seenForMs()).toBe(0);
  });

  it.each<[string, () => QuestionAnswer, unknown]>([
    [
      "none",
      () => failure(404, "NotFound"),
      { state: "idle", kind: "MutatingWebhookConfiguration", name: "podpass", problem: "is not there" },
    ],
    [
      "one without webhooks",
      () => configuration([]),
      { state: "idle", kind: "MutatingWebhookConfiguration", name: "podpass", problem: "has no webhooks" },
    ],
    ["one that is something else", () => [200, { webhooks: 7 }], expect.objectContaining({ state: "idle" })],
    [
      "no right",
      () => failure(403, "Forbidden"),
      expect.objectContaining({ state: "unknown", kind: "MutatingWebhookConfiguration", name: "podpass" }),
    ],
  ])("knows %s", async (_, answer, view) => {
    const { store } = await setUp(answer);
    expect((await store.readConfiguration(OF)).view).toStrictEqual(view);
  });
});

describe("writeBundle", () => {
  it("writes the same into each webhook, of the version that was read alone", async () => {
    const { store, sent } = await setUp(({ what }) =>
      what.startsWith("GET") ? configuration([undefined, "eA=="]) : [200, {}],
    );
    const read = await store.readConfiguration(OF);
    expect(await store.writeBundle(OF, read, [own])).toBe("done");
    const value = writeBundle([own]);
    expect(sent().at(-1)).toStrictEqual([
      `PATCH ${CONFIGURATION}`,
      [
        { op: "replace", path: "/metadata/resourceVersion", value: "9" },
        { op: "add", path: "/webhooks/0/clientConfig/caBundle", value },
        { op: "add", path: "/webhooks/1/clientConfig/caBundle", value },
      ],
    ]);
  });
});
