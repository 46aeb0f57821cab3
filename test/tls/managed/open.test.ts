import { expect, it, onTestFinished } from "vitest";
import { createConnection } from "../../../src/kube/connection.ts";
import { LIFETIMES, openManagedCertificates } from "../../../src/tls/managed/open.ts";
import type { CertificateEvent } from "../../../src/tls/source.ts";
import { ManualClock } from "../../kube/manual-clock.ts";
import { type Question, type QuestionAnswer, startQueryServer } from "../../kube/query-server.ts";

const NOT_FOUND = { kind: "Status", code: 404, reason: "NotFound", message: 'secrets "ca" not found' };

/** A Secret and a configuration, of which only the last write of each is kept. */
const cluster = () => {
  const objects: Record<string, { metadata: { resourceVersion: string }; data?: object; webhooks?: object[] }> = {
    secrets: { metadata: { resourceVersion: "1" }, data: {} },
    mutatingwebhookconfigurations: { metadata: { resourceVersion: "1" }, webhooks: [{ clientConfig: {} }] },
  };
  const answer = ({ what, body }: Question): QuestionAnswer => {
    const object = objects[/\/([a-z]+)\/[a-z-]+$/.exec(what)?.[1] ?? ""];
    if (object === undefined) return [404, what.includes("/secrets/") ? NOT_FOUND : {}];
    if (what.startsWith("GET")) return [200, object];
    const change = JSON.parse(body);
    object.metadata.resourceVersion += "1";
    if (object.data !== undefined) object.data = change.data;
    else object.webhooks = [{ clientConfig: { caBundle: change[1].value } }];
    return [200, object];
  };
  return { objects, answer };
};

const setUp = async () => {
  const { objects, answer } = cluster();
  const { access, questions } = await startQueryServer(answer);
  const connection = createConnection({ access: { read: async () => access } });
  const clock = new ManualClock();
  const wall = { aheadMs: 0 };
  const startMs = Date.now();
  const stopping = new AbortController();
  const source = openManagedCertificates(
    {
      namespace: "ns",
      secret: "ca",
      service: "podpass",
      configurations: [{ kind: "MutatingWebhookConfiguration", name: "podpass" }],
      lifetimes: LIFETIMES,
    },
    {
      connection,
      clock,
      stopping: stopping.signal,
      wall: () => startMs + clock.now() + wall.aheadMs,
      telemetry: {
        caCreated: () => {},
        caSeen: () => {},
        bundleWritten: () => {},
        secretWritten: () => {},
        conditionChanged: () => {},
        clockDiffers: () => {},
      },
    },
  );
  onTestFinished(() => {
    source.close();
    connection.close();
  });
  const events: CertificateEvent[] = [];
  expect([source.current(), source.unavailable()]).toStrictEqual([undefined, "the CA has not been read yet"]);
  await source.watch((event) => void events.push(event));
  const looks = () => questions.filter(({ what }) => what.startsWith("GET") && what.includes("/secrets/")).length;
  const writes = () => questions.filter(({ what }) => what.startsWith("PATCH")).length;
  return { source, events, clock, wall, objects, looks, writes, stopping };
};

it("has a certificate soon, is ready once it was trusted for a while, and says so where it is not any more", async () => {
  const { source, events, clock, objects } = await setUp();
  await clock.until(() => expect(source.current()).toBeDefined(), 50);
  expect(events).toMatchObject([{ kind: "replaced", certificate: { cert: source.current()?.cert } }]);
  await clock.until(() => expect(source.unavailable()).toContain("for some seconds only"), 50);
  await clock.until(() => expect(source.unavailable()).toBeUndefined(), 500);
  expect(clock.now()).toBeGreaterThanOrEqual(10_000);
  expect(source.notice?.()).toBeUndefined();
  delete objects["mutatingwebhookconfigurations"];
  await clock.until(() => expect(source.notice?.()).toContain("cannot be read"), 1000);
  expect(source.unavailable()).toBeUndefined();
});

it("looks where a client refuses it, but not more often than every two seconds", async () => {
  const { source, clock, looks } = await setUp();
  await clock.until(() => expect(source.unavailable()).toBeUndefined(), 500);
  clock.advance(5000);
  await clock.until(() => expect(clock.pending).toBe(2), 0);
  const before = looks();
  source.refused?.();
  clock.advance(0);
  await clock.until(() => expect([looks(), clock.pending]).toStrictEqual([before + 1, 2]), 0);
  for (let time = 0; time < 10; time += 1) source.refused?.();
  clock.advance(1900);
  expect(looks()).toBe(before + 1);
  clock.advance(200);
  await clock.until(() => expect(looks()).toBe(before + 2), 0);
});

it("looks soon after a machine was suspended", async () => {
  const { source, clock, wall, looks } = await setUp();
  await clock.until(() => expect(source.unavailable()).toBeUndefined(), 500);
  await clock.until(() => expect(clock.pending).toBe(2), 0);
  clock.advance(5000);
  await clock.until(() => expect(clock.pending).toBe(2), 0);
  const before = looks();
  wall.aheadMs = 3_600_000;
  clock.advance(5000);
  await clock.until(() => expect(looks()).toBe(before + 1), 0);
});

it("asks no more once it is closed", async () => {
  const { source, clock } = await setUp();
  await clock.until(() => expect(source.current()).toBeDefined(), 50);
  source.close();
  await clock.until(() => expect(clock.pending).toBe(0), 0);
});

it("writes nothing once it is to end, though Secret and caBundle are gone, and serves on", async () => {
  const { source, events, clock, objects, looks, writes, stopping } = await setUp();
  await clock.until(() => expect(source.unavailable()).toBeUndefined(), 500);
  stopping.abort();
  const before = writes();
  delete objects["secrets"];
  objects["mutatingwebhookconfigurations"] = { metadata: { resourceVersion: "9" }, webhooks: [{ clientConfig: {} }] };
  const looked = looks();
  await clock.until(() => expect(source.notice?.()).toContain("is not there"), 1000);
  await clock.until(() => expect(looks()).toBeGreaterThan(looked + 3), 5000);
  expect(writes()).toBe(before);
  expect([source.unavailable(), events.length]).toStrictEqual([undefined, 1]);
  await clock.until(() => expect(events.length).toBeGreaterThan(1), 600_000);
  expect(writes()).toBe(before);
});
