import { X509Certificate } from "node:crypto";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { API_SERVER_IDLE_MS, TIMEOUTS } from "../../src/http/server.ts";
import { LookupFailed } from "../../src/serviceaccounts/source.ts";
import { eventually } from "../support/eventually.ts";
import { createClient } from "../support/http-client.ts";
import { responseIn, reviewText } from "../support/reviews.ts";
import { openSocket, requestHead, untilClosed } from "../support/sockets.ts";
import { federatedAccount, sourceOf } from "../support/sources.ts";
import { startTestWebhook, testAuthority } from "../support/webhooks.ts";

describe("POST /mutate/pods", () => {
  it("answers a review with its uid, on one kept connection", async () => {
    const { client } = await startTestWebhook();
    for (let i = 0; i < 5; i++) {
      const uid = `uid-${i}`;
      const reply = await client.post({ body: reviewText((review) => (review["request"].uid = uid)) });
      expect(reply).toMatchObject({ status: 200, isReused: i > 0 });
      expect(reply.headers).toMatchObject({ "content-type": "application/json", connection: "keep-alive" });
      expect(reply.headers["keep-alive"]).toBeUndefined();
      expect(Number(reply.headers["content-length"])).toBe(Buffer.byteLength(reply.body));
      expect(responseIn(reply.body)).toMatchObject({ uid, allowed: true, patchType: "JSONPatch" });
    }
  });

  it.each(["application/json; charset=utf-8", "Application/JSON"])("takes %s", async (type) => {
    const { client } = await startTestWebhook();
    expect(await client.post({ body: reviewText(), headers: { "content-type": type } })).toMatchObject({ status: 200 });
  });

  it.each(["text/plain", "application/yaml", "application/x-www-form-urlencoded", "nonsense"])(
    "refuses %s with 415",
    async (type) => {
      const { client, answers } = await startTestWebhook();
      const reply = await client.post({ body: reviewText(), headers: { "content-type": type } });
      expect(reply.status).toBe(415);
      expect(answers).toMatchObject([{ outcome: "bad-request", reason: "wrong-content-type" }]);
    },
  );

  it.each([
    ["nothing", ""],
    ["half a review", reviewText().slice(0, 500)],
    ["no JSON", "apiVersion: v1"],
    ["another object", "{}"],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00])],
  ])("refuses %s with 400", async (_name, body) => {
    const { client, answers } = await startTestWebhook();
    expect(await client.post({ body })).toMatchObject({ status: 400 });
    expect(answers).toMatchObject([{ outcome: "bad-request", reason: "not-a-review" }]);
  });

  it("takes keys that are special in JavaScript", async () => {
    const { client } = await startTestWebhook();
    const body = reviewText().replace('"annotations":{', '"annotations":{"__proto__":"a","constructor":"b",');
    expect(await client.post({ body })).toMatchObject({ status: 200 });
  });

  it("answers a failed lookup with 500, so that failurePolicy decides", async () => {
    const source = sourceOf(() => Promise.reject(new LookupFailed("no answer")));
    const { client } = await startTestWebhook({ source });
    const reply = await client.post({ body: reviewText() });
    expect(reply).toMatchObject({ status: 500, body: expect.stringContaining("no answer") });
    expect(reply.headers).not.toHaveProperty("retry-after");
    expect(reply.headers["content-type"]).toContain("text/plain");
  });

  it("asks to be called again while it is not ready, and is not any more once it is", async () => {
    let isSynced = false;
    const { client } = await startTestWebhook({
      source: sourceOf(
        () => federatedAccount(),
        () => isSynced,
      ),
    });
    const reply = await client.post({ body: reviewText() });
    expect(reply).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    isSynced = true;
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
  });

  it("gives the lookup the API server's time, less a part", async () => {
    const budgets: number[] = [];
    const source = sourceOf((_namespace, _name, budgetMs) => void budgets.push(budgetMs));
    const { client } = await startTestWebhook({ source });
    for (const path of ["/mutate/pods?timeout=2s", "/mutate/pods", "/mutate/pods?timeout=a&timeout=b"])
      await client.post({ body: reviewText(), path });
    // Less what each waited for its turn, which is next to nothing here.
    const whole = [1800, 9000, 9000];
    expect(budgets.map((budget, at) => Math.ceil(budget / 100) * 100 === whole[at])).toStrictEqual([true, true, true]);
  });

  it("takes what a review waited for its turn from its lookup's time", async () => {
    const budgets: number[] = [];
    const waitMs = 50;
    const source = sourceOf((_namespace, _name, budgetMs) => {
      budgets.push(budgetMs);
      for (const endMs = performance.now() + waitMs; performance.now() < endMs; );
      return undefined;
    });
    const { url } = await startTestWebhook({ source });
    const socket = await openSocket(url);
    const review = reviewText();
    const request = `${requestHead({ "content-length": Buffer.byteLength(review) })}${review}`;
    socket.resume().write(request.repeat(3));
    await eventually(() => expect(budgets).toHaveLength(3));
    const [first, second, third] = budgets.map((budget) => 4500 - budget);
    expect(first).toBeLessThan(waitMs);
    expect(second).toBeGreaterThanOrEqual(waitMs);
    expect(third).toBeGreaterThanOrEqual(2 * waitMs);
  });

  it("answers others while one waits for its lookup", async () => {
    const waiting: (() => void)[] = [];
    const source = sourceOf((_namespace, name) =>
      name === "slow" ? new Promise((resolve) => waiting.push(() => resolve(undefined))) : federatedAccount(),
    );
    const { client, url, ca } = await startTestWebhook({ source });
    const slow = client.post({
      body: reviewText((review) => (review["request"].object.spec.serviceAccountName = "slow")),
    });
    await eventually(() => expect(waiting).toHaveLength(1));
    const other = createClient(url, ca);
    expect(await other.post({ body: reviewText() })).toMatchObject({ status: 200 });
    other.agent.destroy();
    waiting[0]?.();
    expect(await slow).toMatchObject({ status: 200 });
  });

  it("says where the webhook is on any other path", async () => {
    const { client } = await startTestWebhook();
    expect(await client.post({ path: "/" })).toMatchObject({
      status: 404,
      body: "podpass: POST /mutate/pods or /validate/serviceaccounts\n",
    });
  });
});

describe("the connection", () => {
  it("is TLS 1.2 at least", async () => {
    const { url } = await startTestWebhook();
    await expect(openSocket(url, { maxVersion: "TLSv1.1", minVersion: "TLSv1" })).rejects.toThrow();
    expect((await openSocket(url, { maxVersion: "TLSv1.2" })).getProtocol()).toBe("TLSv1.2");
  });

  it("speaks HTTP/1.1 only", async () => {
    const { url } = await startTestWebhook();
    expect((await openSocket(url, { ALPNProtocols: ["h2", "http/1.1"] })).alpnProtocol).toBe("http/1.1");
  });

  it("is not held for ever by slow headers or bodies", async () => {
    const { url } = await startTestWebhook({}, { requestMs: 300, headersMs: 200, checkEveryMs: 50 });
    const [headers, body] = await Promise.all([openSocket(url), openSocket(url)]);
    const closed = [untilClosed(headers), untilClosed(body)];
    headers.write("POST /mutate/pods HTTP/1.1\r\n");
    body.write(
      "POST /mutate/pods HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    );
    for (const received of await Promise.all(closed)) expect(received).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("survives a client that leaves in the middle of a body", async () => {
    const { url, client } = await startTestWebhook();
    const socket = await openSocket(url);
    socket.write(
      "POST /mutate/pods HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    );
    socket.destroy();
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
  });

  it("answers who closes its half once it has asked", async () => {
    const { url } = await startTestWebhook();
    const review = reviewText();
    const request = `${requestHead({ "content-length": Buffer.byteLength(review) })}${review}`;
    for (const count of [1, 3, 1, 3, 1, 3]) {
      const socket = await openSocket(url, { allowHalfOpen: true });
      const closed = untilClosed(socket);
      socket.once("end", () => socket.end());
      socket.end(request.repeat(count));
      expect((await closed).match(/HTTP\/1\.1 200 /g)).toHaveLength(count);
    }
  });

  it("is closed at once by who closes its half before it has asked, as those that look whether a port is open", async () => {
    const { url } = await startTestWebhook();
    const isOpen = async (socket: Socket) => {
      const startedMs = performance.now();
      await new Promise<void>((resolve) => socket.resume().once("end", resolve).end());
      return performance.now() - startedMs;
    };
    const raw = connect({ host: "127.0.0.1", port: Number(new URL(url).port), allowHalfOpen: true });
    onTestFinished(() => void raw.destroy());
    await new Promise<void>((resolve) => raw.once("connect", resolve));
    expect(await isOpen(raw)).toBeLessThan(5000);
    expect(await isOpen(await openSocket(url, { allowHalfOpen: true }))).toBeLessThan(5000);
  });

  it("answers what is no HTTP with 400", async () => {
    const { url } = await startTestWebhook();
    const socket = await openSocket(url);
    const closed = untilClosed(socket);
    socket.write("hello\r\n\r\n");
    expect(await closed).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("a new certificate", () => {
  it("is served to new connections; open ones live on, and not one call fails", async () => {
    const authority = await testAuthority();
    const { serveCertificate, url, ca } = await startTestWebhook();
    const served = new Set<string | undefined>();
    let isOver = false;
    let calls = 0;
    const keep = async () => {
      const client = createClient(url, ca);
      while (!isOver) {
        const reply = await client.post({ body: reviewText() });
        expect(reply).toMatchObject({ status: 200, isReused: expect.any(Boolean) });
        calls++;
      }
      client.agent.destroy();
    };
    const renew = async () => {
      while (!isOver) {
        const client = createClient(url, ca);
        const reply = await client.post({ body: reviewText() });
        expect(reply.status).toBe(200);
        served.add(reply.certificate);
        client.agent.destroy();
      }
    };
    const load = [keep(), keep(), renew(), renew()];
    const fingerprints: string[] = [];
    for (let i = 0; i < 5; i++) {
      const pair = await authority.issue();
      const fingerprint = new X509Certificate(pair.cert).fingerprint256;
      fingerprints.push(fingerprint);
      serveCertificate(pair);
      await eventually(() => expect(served).toContain(fingerprint));
    }
    isOver = true;
    await Promise.all(load);
    expect(calls).toBeGreaterThan(0);
    expect([...served]).toStrictEqual(expect.arrayContaining(fingerprints));
  });

  it("does not touch a connection that is open", async () => {
    const authority = await testAuthority();
    const { serveCertificate, client } = await startTestWebhook();
    const before = await client.post({ body: reviewText() });
    serveCertificate(await authority.issue());
    expect(await client.post({ body: reviewText() })).toMatchObject({
      status: 200,
      isReused: true,
      certificate: before.certificate,
    });
  });
});

describe("the usual timeouts", () => {
  it.each(["requestMs", "headersMs", "silentMs"] as const)("leave it to the API server to close first: %s", (name) => {
    expect(TIMEOUTS[name]).toBeGreaterThan(API_SERVER_IDLE_MS + TIMEOUTS.checkEveryMs);
  });
});
