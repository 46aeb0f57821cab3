import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { eventually } from "../support/eventually.ts";
import { createClient, get } from "../support/http-client.ts";
import { reviewText } from "../support/reviews.ts";
import { openSocket, untilClosed } from "../support/sockets.ts";
import { federatedAccount, sourceOf } from "../support/sources.ts";
import { startTestWebhook } from "../support/webhooks.ts";

const slowSource = () => {
  const waiting: (() => void)[] = [];
  const source = sourceOf(() => new Promise((resolve) => waiting.push(() => resolve(federatedAccount()))));
  return { source, waiting };
};

describe("the health server", () => {
  it("lists each condition of readiness by name", async () => {
    let isSynced = false;
    let certificate: string | undefined = "the serving certificate expired at noon";
    let notice: string | undefined = "the CA is due";
    const { healthUrl } = await startTestWebhook({
      source: sourceOf(
        () => undefined,
        () => isSynced,
      ),
      conditions: [{ name: "certificate", missing: () => certificate, notice: () => notice }],
      digest: () => "sha256:0",
    });
    expect(await get(`${healthUrl}/readyz`)).toStrictEqual({
      status: 503,
      body: `[+]configuration ok: sha256:0
[-]serviceaccounts failed: the first complete list is not in yet
[-]certificate failed: the serving certificate expired at noon
[+]shutdown ok
not ready
`,
    });
    isSynced = true;
    certificate = undefined;
    expect((await get(`${healthUrl}/readyz`)).body).toContain("[+]certificate ok, but: the CA is due\n");
    notice = undefined;
    const { status, body } = await get(`${healthUrl}/readyz`);
    expect([status, body]).toStrictEqual([200, expect.stringMatching(/\[\+\]certificate ok\n[^-]*\nready\n$/)]);
  });

  it("is alive while it is not ready, and has metrics", async () => {
    const metrics = createMetrics();
    const { healthUrl } = await startTestWebhook({
      metrics,
      source: sourceOf(
        () => undefined,
        () => false,
      ),
    });
    expect(await get(`${healthUrl}/livez`)).toStrictEqual({ status: 200, body: "ok\n" });
    const page = await get(`${healthUrl}/metrics?x`);
    expect(page.body).toContain("podpass_configuration_generation 1");
    expect(page.body).toContain("nodejs_eventloop_lag_seconds");
    expect(await get(`${healthUrl}/`)).toMatchObject({ status: 404 });
  });
});

describe("shutting down", () => {
  it("fails readiness first, and answers on, closing each connection politely", async () => {
    const { drain, client, healthUrl } = await startTestWebhook();
    expect(await client.post({ body: reviewText() })).toMatchObject({ headers: { connection: "keep-alive" } });
    drain();
    expect(await get(`${healthUrl}/readyz`)).toMatchObject({
      status: 503,
      body: expect.stringContaining("[-]shutdown"),
    });
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200, isReused: false });
  });

  it("waits for what is being answered, and not for idle connections", async () => {
    const { source, waiting } = slowSource();
    const { close, client, url, ca } = await startTestWebhook({ source });
    const idle = createClient(url, ca);
    await idle.post({ body: "{}" });
    const slow = client.post({ body: reviewText() });
    await eventually(() => expect(waiting).toHaveLength(1));
    const closed = close(AbortSignal.timeout(5000));
    await expect(createClient(url, ca).post({ body: reviewText() })).rejects.toThrow();
    waiting[0]?.();
    expect(await slow).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await closed).toBe(true);
    idle.agent.destroy();
  });

  it("waits no longer than for the rest of a body that was answered before", async () => {
    const { close, url } = await startTestWebhook();
    const socket = await openSocket(url);
    const closed = untilClosed(socket);
    socket.write("POST /elsewhere HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab");
    await new Promise<void>((resolve) => socket.once("data", () => resolve()));
    const stopped = close(AbortSignal.timeout(5000));
    socket.write("cd");
    expect(await stopped).toBe(true);
    expect(await closed).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("gives up when told, and says so", async () => {
    const { source, waiting } = slowSource();
    const { close, client } = await startTestWebhook({ source });
    const slow = expect(client.post({ body: reviewText() })).rejects.toThrow();
    await eventually(() => expect(waiting).toHaveLength(1));
    expect(await close(AbortSignal.timeout(50))).toBe(false);
    await slow;
  });
});
