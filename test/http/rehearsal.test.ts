import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/admission/answer.ts";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { rehearse } from "../../src/http/rehearsal.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { eventually } from "../support/eventually.ts";
import { get } from "../support/http-client.ts";
import { reviewText } from "../support/reviews.ts";
import { federatedAccount, sourceOf } from "../support/sources.ts";
import { startTestWebhook, testAuthority } from "../support/webhooks.ts";

const GENEROUS = { reviews: 60, cpuMs: 60_000, elapsedMs: 60_000 };

type Configuration = Parameters<typeof compileConfiguration>[0];

const settingsOf = (configuration: Configuration): Settings => {
  const compiled = compileConfiguration(configuration);
  if (!compiled.ok) throw new Error("the configuration has problems");
  return compiled.settings;
};

const rehearsal = async (configuration: Configuration = {}) => {
  const answers: Answer[] = [];
  const settings = settingsOf(configuration);
  const certificate = await (await testAuthority()).issue();
  const answered = (answer: Answer) => void answers.push(answer);
  return { answers, ports: { settings: () => settings, certificate, answered } };
};

describe("rehearse", () => {
  it("goes the ways that most pods go", async () => {
    const { answers, ports } = await rehearsal();
    expect(await rehearse(ports, new AbortController().signal, GENEROUS)).toBe(60);
    expect(answers).toHaveLength(60);
    expect(new Set(answers.map(({ status, reason }) => `${status} ${reason}`))).toStrictEqual(
      new Set(["200 injected", "200 not-federated"]),
    );
  });

  it.each<[string, Configuration]>([
    ["no provider that it knows", { providers: { mine: { token: { audience: "https://example.com" } } } }],
    ["a policy that refuses", { policy: { tokens: { audiences: { allow: ["https://example.com"] } } } }],
    ["another prefix", { annotationPrefix: "identity.example.com" }],
  ])("takes a configuration with %s", async (_name, configuration) => {
    const { answers, ports } = await rehearsal(configuration);
    expect(await rehearse(ports, new AbortController().signal, GENEROUS)).toBe(60);
    expect(new Set(answers.map(({ status }) => status))).toStrictEqual(new Set([200]));
  });

  it.each([
    ["processor time", { ...GENEROUS, cpuMs: 0 }],
    ["time", { ...GENEROUS, elapsedMs: 0 }],
    ["reviews", { ...GENEROUS, reviews: 0 }],
  ])("ends when it has had its %s", async (_name, bounds) => {
    const { answers, ports } = await rehearsal();
    expect(await rehearse(ports, new AbortController().signal, bounds)).toBe(0);
    expect(answers).toStrictEqual([]);
  });

  it("ends when it is stopped, before it began and within", async () => {
    const { answers, ports } = await rehearsal();
    expect(await rehearse(ports, AbortSignal.abort(), GENEROUS)).toBe(0);
    const stop = new AbortController();
    const answered = (answer: Answer) => {
      if (answers.push(answer) === 5) stop.abort();
    };
    expect(await rehearse({ ...ports, answered }, stop.signal, GENEROUS)).toBe(5);
  });
});

describe("the webhook's rehearsal", () => {
  const started = async () => {
    const rehearsed: Answer[] = [];
    const asked: string[] = [];
    const metrics = createMetrics(false);
    const webhook = await startTestWebhook({
      metrics,
      source: sourceOf((_namespace, name) => {
        asked.push(name);
        return federatedAccount();
      }),
      answered: (answer, milliseconds, reviewed) => metrics.answered(answer, milliseconds, reviewed),
      rehearsed: (answer) => void rehearsed.push(answer),
    });
    return { rehearsed, asked, ...webhook };
  };

  it("begins with the first answer that says ready, and leaves no trace", async () => {
    const { rehearsed, asked, healthUrl } = await started();
    expect(rehearsed).toStrictEqual([]);
    await get(`${healthUrl}/readyz`);
    await eventually(() => expect(rehearsed.length).toBeGreaterThan(20));
    expect(asked).toStrictEqual([]);
    const { body } = await get(`${healthUrl}/metrics`);
    expect(body).not.toMatch(/^podpass_admission_requests_total\{.*\} [^0]/m);
    expect(body).toContain('podpass_admission_duration_seconds_count{resource="pods"} 0');
    expect(body).toContain("podpass_http_connections 0");
    expect(body).toContain("podpass_http_connections_closed_total 0");
  });

  it("waits for a certificate that comes late", async () => {
    const rehearsed: Answer[] = [];
    const { healthUrl, serveCertificate } = await startTestWebhook({
      certificate: undefined,
      rehearsed: (answer) => void rehearsed.push(answer),
    });
    serveCertificate(await (await testAuthority()).issue());
    await get(`${healthUrl}/readyz`);
    await eventually(() => expect(rehearsed.length).toBeGreaterThan(20));
  });

  it("ends as soon as there is somebody who may ask", async () => {
    const { rehearsed, asked, healthUrl, client } = await started();
    await get(`${healthUrl}/readyz`);
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
    const { length } = rehearsed;
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
    await get(`${healthUrl}/readyz`);
    expect(rehearsed).toHaveLength(length);
    expect(asked).toStrictEqual(["my-api", "my-api"]);
  });

  it("is none once somebody has asked", async () => {
    const { rehearsed, healthUrl, client } = await started();
    await client.post({ body: reviewText() });
    await get(`${healthUrl}/readyz`);
    await client.post({ body: reviewText() });
    expect(rehearsed).toStrictEqual([]);
  });
});
