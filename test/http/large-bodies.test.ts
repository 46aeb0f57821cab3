import { setTimeout } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/configuration/read.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { eventually } from "../support/eventually.ts";
import { createClient } from "../support/http-client.ts";
import { responseIn, reviewText } from "../support/reviews.ts";
import { openSocket, requestHead, untilClosed } from "../support/sockets.ts";
import { federatedAccount, sourceOf } from "../support/sources.ts";
import { startTestWebhook } from "../support/webhooks.ts";

const MIB = 1024 * 1024;
const UID = "08d06f3a-bb22-424c-ab9d-ec483d3f3a0b";

/** Go writes so what a pod's author writes as one byte. */
const LESS = "\\u003c";

/** A review whose first container has `json` among its fields. */
const withField = (json: string, review = reviewText()): string => review.replace('"image":', () => `${json},"image":`);

const withArgument = (text: string): string => withField(`"args":["${text}"]`);

const configured = (policy: string) => {
  const read = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\npolicy: ${policy}\n`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return { settings: () => read.settings };
};

const forbidden = configured("{ tokens: { audiences: { allow: [allowed] } } }");

/** A review with a hand-written token that the policy forbids. */
const withForbiddenToken = (): string =>
  reviewText((review) => {
    const source = { serviceAccountToken: { audience: "forbidden", expirationSeconds: 3600, path: "token" } };
    review["request"].object.spec.volumes.push({ name: "own", projected: { sources: [source] } });
  });

/** Writes as much of `body` as `parts` are long. */
const writeParts = async (socket: TLSSocket, body: Buffer, parts: readonly number[], isChunked: boolean) => {
  let from = 0;
  for (const bytes of parts) {
    const part = body.subarray(from, from + bytes);
    from += bytes;
    if (part.length > 0 && isChunked)
      socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]));
    else socket.write(part);
    await setTimeout(1);
  }
};

const bytesIn = async (metrics: ReturnType<typeof createMetrics>): Promise<number> =>
  Number(/podpass_http_large_body_bytes (\d+)/.exec(await metrics.render())?.[1]);

describe("large bodies that are read", () => {
  it.each([
    ["8 MB of plain text", withArgument("x".repeat(8_000_000))],
    ["text that is not all ASCII, at every place of a piece", withArgument("é€😀x".repeat(300_000))],
    ["what Go makes six times larger", withArgument(LESS.repeat(3 * MIB))],
    ["escaped backslashes before what looks so", withArgument("\\\\u003c".repeat(200_000))],
  ])("are decided over as small ones: %s", async (_name, body) => {
    const { client } = await startTestWebhook();
    const reply = await client.post({ body });
    expect(reply.status).toBe(200);
    expect(responseIn(reply.body)).toMatchObject({ uid: UID, allowed: true, patchType: "JSONPatch" });
  });

  it.each([
    ["with a length", {}],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("are refused for what is in them, %s", async (_name, headers: Readonly<Record<string, string>>) => {
    const { client, answers } = await startTestWebhook(forbidden);
    const body = withField(`"args":["${LESS.repeat(1_250_000)}"]`, withForbiddenToken());
    const reply = await client.post({ body, headers });
    expect(responseIn(reply.body)).toMatchObject({ uid: UID, allowed: false, status: { code: 403 } });
    expect(answers).toMatchObject([{ outcome: "denied", reason: "audience-not-allowed" }]);
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200, isReused: true });
  });

  it("hold their bytes until they are answered, and are answered one after another", async () => {
    const waiting: (() => void)[] = [];
    const metrics = createMetrics(false);
    const { url, ca } = await startTestWebhook({
      metrics,
      source: sourceOf(() => new Promise((resolve) => waiting.push(() => resolve(federatedAccount())))),
    });
    const client = createClient(url, ca, 4);
    const replies = Array.from({ length: 4 }, () => client.post({ body: withArgument("x".repeat(MIB)) }));
    await eventually(() => expect(waiting).toHaveLength(4));
    expect(await bytesIn(metrics)).toBeGreaterThan(4 * MIB);
    for (const answer of waiting) answer();
    for (const reply of await Promise.all(replies)) expect(reply.status).toBe(200);
    expect(await bytesIn(metrics)).toBe(0);
    client.agent.destroy();
  });
});

describe("bodies beyond a bound", () => {
  const values = '"envFrom":['.concat("{},".repeat(1_000_000), "{}]");
  it.each([
    ["too many values", withField(values), "too-many-values"],
    ["too many bytes", withArgument("x".repeat(9 * MIB)), "too-large"],
    ["100 MB", withArgument("x".repeat(100_000_000)), "too-large"],
    ["100 MB that Go wrote", withArgument(LESS.repeat(17_000_000)), "too-large"],
    ["100 MB of control characters", withArgument("\\u0001".repeat(17_000_000)), "too-large"],
  ])("are refused under their uid, and the connection lives on: %s", async (_name, body, reason) => {
    const { client, answers } = await startTestWebhook();
    const reply = await client.post({ body });
    expect(reply).toMatchObject({ status: 200, headers: { connection: "keep-alive" } });
    expect(responseIn(reply.body)).toMatchObject({ uid: UID, allowed: false, status: { code: 403 } });
    expect(answers).toMatchObject([{ outcome: "denied", reason, namespace: "production" }]);
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
  });

  it("are read to their end, behind which the next request comes", async () => {
    const { url } = await startTestWebhook();
    const socket = await openSocket(url);
    const statuses: string[] = [];
    socket.on("data", (chunk: Buffer) => statuses.push(...(chunk.toString().match(/^HTTP\/1\.1 \d+/gm) ?? [])));
    const body = withArgument("x".repeat(100_000_000));
    socket.write(requestHead({ "content-length": body.length }) + body);
    socket.write(requestHead({ "content-length": reviewText().length }) + reviewText());
    await eventually(() => expect(statuses).toStrictEqual(["HTTP/1.1 200", "HTTP/1.1 200"]));
  });

  it.each([
    ["an exempt namespace", configured("{ exemptNamespaces: [production] }"), {}],
    ["a policy that warns", configured("{ enforcement: Warn }"), {}],
  ])("pass with a warning in %s", async (_name, ports) => {
    const { client, answers } = await startTestWebhook(ports);
    const reply = await client.post({ body: withField(values) });
    expect(responseIn(reply.body)).toMatchObject({ allowed: true, warnings: [expect.stringContaining("100,000")] });
    expect(answers).toMatchObject([{ reason: "too-many-values", wouldDeny: ["too-many-values"] }]);
  });

  it.each([
    ["with a length", {}],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("are 413 where they are no review (%s), and the connection lives on", async (_name, headers) => {
    const { client, answers } = await startTestWebhook();
    const reply = await client.post({ body: Buffer.alloc(9 * MIB, 32), headers });
    expect(reply).toMatchObject({ status: 413, body: expect.stringContaining("allowed: 8,388,608") });
    expect(answers).toMatchObject([{ outcome: "bad-request", reason: "body-too-large" }]);
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200, isReused: true });
  });

  it("are answered before they end, while the server drains too, without closing the connection", async () => {
    const webhook = await startTestWebhook();
    webhook.drain();
    const socket = await openSocket(webhook.url);
    const received: string[] = [];
    socket.on("data", (chunk: Buffer) => received.push(chunk.toString()));
    socket.write(requestHead({ "content-length": 100 * MIB }));
    socket.write(withArgument("x".repeat(9 * MIB)).slice(0, 9 * MIB));
    await eventually(() => expect(received.join("")).toContain('"allowed":false'));
    expect(received.join("")).not.toContain("connection: close");
    expect(socket.writable).toBe(true);
  });

  it("are not read for ever", async () => {
    const { url } = await startTestWebhook({}, { requestMs: 500, headersMs: 400, checkEveryMs: 50 });
    const socket = await openSocket(url);
    const closed = untilClosed(socket);
    socket.write(requestHead({ "content-length": 100 * MIB }));
    socket.write(withArgument("x".repeat(9 * MIB)).slice(0, 9 * MIB));
    expect(await closed).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("memory for large bodies", () => {
  it("is taken from those that do not move, and small bodies are answered all the time", async () => {
    const metrics = createMetrics(false);
    const { url, client } = await startTestWebhook({ metrics });
    const body = Buffer.from(withArgument("x".repeat(8 * MIB - 10_000)));
    const stalled = await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const socket = await openSocket(url);
        let received = "";
        socket.on("data", (chunk: Buffer) => {
          received += chunk.toString();
        });
        socket.write(requestHead({ "content-length": body.length }));
        socket.write(body.subarray(0, -1));
        return () => received;
      }),
    );
    await eventually(() =>
      expect(stalled.filter((received) => received().startsWith("HTTP/1.1 503 "))).toHaveLength(1),
    );
    expect(stalled.map((received) => received()).join("")).toContain("retry-after: 1");
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
    // Another pod each time: the same one, asked for again, would be refused.
    let tries = 0;
    const another = () => withArgument("x".repeat(8 * MIB - 10_000)).replace(/"uid":"[^"]+"/, `"uid":"pod-${tries++}"`);
    await eventually(async () => {
      const { body: answer } = await client.post({ body: another() });
      expect(JSON.parse(answer).response.allowed).toBe(true);
    });
    await eventually(() => expect(stalled.filter((received) => received() !== "").length).toBeGreaterThan(1));
    expect(await bytesIn(metrics)).toBeLessThanOrEqual(24 * MIB);
  });

  it("is given back, wherever a connection ends", async () => {
    const metrics = createMetrics(false);
    const { url, client } = await startTestWebhook({ metrics });
    const bodies = [
      Buffer.from(withArgument("x".repeat(300_000))),
      Buffer.from(withField('"envFrom":['.concat("{},".repeat(120_000), "{}]"))),
      Buffer.from("<".repeat(100_000)),
    ];
    const cut = fc.record({
      body: fc.constantFrom(...bodies),
      isChunked: fc.boolean(),
      lengthOff: fc.integer({ min: -5000, max: 5000 }),
      parts: fc.array(fc.integer({ min: 1, max: 150_000 }), { maxLength: 5 }),
      isReset: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 4 }), async (cuts) => {
        await Promise.all(
          cuts.map(async ({ body, isChunked, lengthOff, parts, isReset }) => {
            const socket = await openSocket(url);
            const closed = untilClosed(socket);
            const framing = isChunked
              ? { "transfer-encoding": "chunked" }
              : { "content-length": body.length + lengthOff };
            socket.write(requestHead(framing));
            await writeParts(socket, body, parts, isChunked);
            if (isReset) socket.destroy();
            else socket.end();
            await closed;
          }),
        );
        await eventually(async () => expect(await bytesIn(metrics)).toBe(0));
        expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
      }),
      { numRuns: 25 },
    );
  });
});

describe("what no API server sends", () => {
  const small = reviewText();
  const large = withArgument("x".repeat(100_000));
  const chunked = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  it.each<[string, string, string[]]>([
    [
      "a body that is awaited",
      requestHead({ "content-length": large.length, expect: "100-continue" }) + large,
      ["100", "200"],
    ],
    ["chunks", requestHead({ "transfer-encoding": "chunked" }) + chunked(small), ["200"]],
    ["no body", requestHead({ "content-length": 0 }), ["400"]],
    ["no length", requestHead({}), ["400"]],
    ["an empty body in chunks", requestHead({ "transfer-encoding": "chunked" }) + chunked("").slice(5), ["400"]],
    ["a longer body than it says", `${requestHead({ "content-length": small.length }) + small}{}`, ["400"]],
    ["two lengths", requestHead({ "content-length": 5, "Content-Length": 6 }), ["400"]],
    ["a length and chunks", requestHead({ "content-length": 5, "transfer-encoding": "chunked" }), ["400"]],
    ["a negative length", requestHead({ "content-length": -1 }), ["400"]],
    ["a compressed body", `${requestHead({ "content-length": 2, "content-encoding": "gzip" })}{}`, ["415"]],
    [
      "a large compressed body",
      requestHead({ "content-length": 70_000, "content-encoding": "gzip" }) + "x".repeat(70_000),
      ["415"],
    ],
    [
      "a byte order mark",
      `${requestHead({ "content-length": Buffer.byteLength(`\uFEFF${small}`) })}\uFEFF${small}`,
      ["400"],
    ],
    [
      "three requests at once",
      `${requestHead({ "content-length": small.length })}${small}`.repeat(3),
      ["200", "200", "200"],
    ],
    [
      "a small request behind a large one",
      requestHead({ "content-length": large.length }) + large + requestHead({ "content-length": small.length }) + small,
      ["200", "200"],
    ],
    ["too many headers", requestHead({ x: "y".repeat(20_000) }), ["431"]],
  ])("is answered: %s", async (_name, sent, statuses) => {
    const { url, client } = await startTestWebhook();
    const socket = await openSocket(url);
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
    });
    socket.on("error", () => {});
    socket.write(sent);
    const seen = () => [...received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    await eventually(() => expect(seen()).toStrictEqual(statuses));
    await setTimeout(20);
    expect(seen()).toStrictEqual(statuses);
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
  });

  it.each([
    ["small", 100],
    ["large", 100_000],
  ])("counts bytes that are no UTF-8 as characters that are: %s", async (_name, length) => {
    const { client } = await startTestWebhook();
    const [before = "", after = ""] = withArgument("@@").split("@@");
    const body = Buffer.concat([Buffer.from(before), Buffer.alloc(length, 0xff), Buffer.from(after)]);
    expect(await client.post({ body })).toMatchObject({ status: 200 });
  });

  it("may say things twice, of which the last holds", async () => {
    const { client } = await startTestWebhook();
    const body = withField('"args":["a"],"args":["b"]').replace('"uid":"08d06f3a', '"uid":"x","uid":"08d06f3a');
    expect(responseIn((await client.post({ body })).body)).toMatchObject({ uid: UID });
  });

  it("does not pile up behind an answer that is not there", async () => {
    const { url } = await startTestWebhook({ source: sourceOf(() => new Promise(() => {})) });
    const socket = await openSocket(url);
    const closed = untilClosed(socket);
    socket.write(`${requestHead({ "content-length": small.length })}${small}`.repeat(100));
    expect(await closed).toBe("");
  });

  it("does not hold an answer for ever that nobody takes", async () => {
    const { url } = await startTestWebhook(
      { source: sourceOf(() => new Promise(() => {})) },
      { silentMs: 200, checkEveryMs: 50 },
    );
    const socket = await openSocket(url);
    const closed = untilClosed(socket);
    socket.write(requestHead({ "content-length": small.length }) + small);
    expect(await closed).toBe("");
  });
});
