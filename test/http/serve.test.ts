import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { Threads } from "../../bench/scheduler.ts";
import { type Authority, createAuthority, type KeyPair } from "../../scripts/certificates.ts";
import { freePort } from "../../scripts/serve-process.ts";
import { configurationDigest } from "../../src/cli/configuration-digest.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";
import { eventually } from "../support/eventually.ts";
import { MountedVolume, temporaryFolder, writeFiles } from "../support/folder.ts";
import { type Client, createClient, get } from "../support/http-client.ts";
import { type ServeProcess, spawnServe } from "../support/processes.ts";
import { FEDERATED, recordedReview, responseIn, reviewText } from "../support/reviews.ts";

let authority: Authority;
let pair: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue();
});

const CONFIG = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
const tlsFiles = ({ cert, key }: KeyPair) => ({ "tls.crt": cert, "tls.key": key });

interface Running {
  readonly serving: ServeProcess;
  readonly client: Client;
  readonly url: string;
  readonly health: string;
  readonly config: MountedVolume;
  readonly tls: MountedVolume;
  readonly manifests: string;
}

/** A server whose three inputs are mounted as in a cluster. */
const start = async (options: ServeOptions = {}): Promise<Running> => {
  const folder = temporaryFolder();
  const manifests = join(folder, "manifests");
  await writeFiles(manifests, { "my-api.yaml": FEDERATED });
  const config = new MountedVolume(join(folder, "config"));
  await config.swap({ "config.yaml": CONFIG });
  const tls = new MountedVolume(join(folder, "tls"));
  await tls.swap(tlsFiles(pair));
  const serving = spawnServe({
    config: config.path("config.yaml"),
    manifests,
    tlsCert: tls.path("tls.crt"),
    tlsKey: tls.path("tls.key"),
    ...options,
  });
  const line = await serving.line("serving");
  const url = String(line["url"]);
  const client = createClient(url, authority.ca);
  onTestFinished(() => client.agent.destroy());
  return { serving, client, url, health: String(line["healthUrl"]), config, tls, manifests };
};

const metric = async (health: string, line: string) => {
  const { body } = await get(`${health}/metrics`);
  expect(body.split("\n")).toContain(line);
};

describe("starting", () => {
  it("serves, and says where and after how long", async () => {
    const { serving, client, health } = await start();
    const line = await serving.line("serving");
    expect(line).toMatchObject({
      url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      milliseconds: expect.any(Number),
    });
    expect(await get(`${health}/readyz`)).toMatchObject({ status: 200 });
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
    const now = await get(`${health}/metrics`);
    expect(now.body).toContain('podpass_serviceaccounts{state="federated"} 1');
    expect(now.body).toMatch(/podpass_serving_certificate_not_after_seconds \d{10}/);
  });

  it("answers made-up reviews once it is ready, of which nobody hears", async () => {
    const { serving, health } = await start();
    await get(`${health}/readyz`);
    await setTimeout(2000);
    expect(serving.lines().map((line) => line["msg"])).toStrictEqual(["serving"]);
    const { body } = await get(`${health}/metrics`);
    expect(body).not.toMatch(/^podpass_admission_requests_total\{.*\} [^0]/m);
    expect(body).toContain('podpass_admission_duration_seconds_count{resource="pods"} 0');
  });

  it("sleeps while nothing is asked", async () => {
    const { serving, health } = await start();
    await get(`${health}/readyz`);
    await setTimeout(2500);
    const threads = new Threads(serving.child.pid ?? 0);
    const before = threads.read();
    await setTimeout(3000);
    expect(threads.read().wakeUps - before.wakeUps).toBeLessThan(60);
  });

  it("writes a line soon, though nothing else is logged", async () => {
    const { serving, client } = await start();
    await serving.line("serving");
    await client.post({ body: reviewText() });
    const sentAt = Date.now();
    await serving.line("decided");
    expect(Date.now() - sentAt).toBeLessThan(1500);
  });

  it("says all that is missing, in words that help, and exits with 2", async () => {
    const serving = spawnServe({});
    expect(await serving.ended).toBe(2);
    expect(serving.stderr()).toContain("--tls-cert FILE and --tls-key FILE");
    expect(serving.stderr()).toContain("openssl req -x509");
    expect(serving.stderr()).toContain("--manifests DIR");
    expect(serving.stdout()).toBe("");
  });

  it("prints every problem of the configuration and exits with 2 before it listens", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      "c.yaml": `${CONFIG}providres: {}\npolicy: { enforcement: Perhaps }\n`,
      ...tlsFiles(pair),
    });
    const config = join(folder, "c.yaml");
    const serving = spawnServe({
      config,
      manifests: folder,
      tlsCert: join(folder, "tls.crt"),
      tlsKey: join(folder, "tls.key"),
    });
    expect(await serving.ended).toBe(2);
    expect(serving.stderr().trim().split("\n")).toHaveLength(2);
    expect(serving.stderr()).toContain(`${config}:3:`);
    expect(serving.lines()).toStrictEqual([]);
  });

  it("exits with 2 where the port is taken", async () => {
    const { url } = await start();
    const folder = temporaryFolder();
    await writeFiles(folder, tlsFiles(pair));
    const tls = { tlsCert: join(folder, "tls.crt"), tlsKey: join(folder, "tls.key") };
    const second = spawnServe({ manifests: folder, ...tls, port: Number(new URL(url).port) });
    expect(await second.ended).toBe(2);
    expect(second.stderr()).toContain("EADDRINUSE");
  });

  it("starts with a certificate that is out of date, not ready, and says why", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, tlsFiles(await authority.issue({ fromMs: -2000, untilMs: -1000 })));
    const { health } = await start({ tlsCert: join(folder, "tls.crt"), tlsKey: join(folder, "tls.key") });
    expect(await get(`${health}/readyz`)).toMatchObject({
      status: 503,
      body: expect.stringContaining("[-]certificate failed: the serving certificate expired at"),
    });
  });
});

describe("changes while serving", () => {
  it("takes a good configuration, keeps it when the next is bad, and not one call fails", async () => {
    const { serving, client, health, config } = await start();
    let isOver = false;
    let calls = 0;
    const load = (async () => {
      while (!isOver) {
        expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
        calls++;
      }
    })();
    await config.swap({ "config.yaml": `${CONFIG}providers: { aws: { preset: aws } }\n` });
    expect(await serving.line("federated ServiceAccount cannot be resolved")).toMatchObject({
      serviceAccount: "production/my-api",
      problems: [expect.stringContaining("unknown-provider")],
    });
    await metric(health, "podpass_configuration_generation 2");
    const inUse = `[+]configuration ok: ${configurationDigest({ providers: { aws: { preset: "aws" } } })}\n`;
    expect((await get(`${health}/readyz`)).body).toContain(inUse);
    await metric(health, 'podpass_serviceaccounts{state="invalid"} 1');
    await metric(health, 'podpass_serviceaccounts_invalid{reason="unknown-provider"} 1');
    const other = createClient((await serving.line("serving"))["url"] as string, authority.ca);
    expect(responseIn((await other.post({ body: reviewText() })).body)).toMatchObject({ allowed: false });
    other.agent.destroy();

    await config.swap({ "config.yaml": `${CONFIG}policy: { enforcement: Perhaps }\nmore: 1\n` });
    const refused = await serving.line("the new configuration is not valid; the old one stays in use");
    expect(refused["problems"]).toHaveLength(2);
    await metric(health, "podpass_configuration_generation 2");
    await metric(health, "podpass_configuration_last_reload_successful 0");
    await metric(health, 'podpass_configuration_reloads_total{result="failure"} 1');
    expect(await get(`${health}/readyz`)).toMatchObject({ status: 200, body: expect.stringContaining(inUse) });

    await config.swap({ "config.yaml": CONFIG });
    await eventually(() => metric(health, "podpass_configuration_generation 3"));
    await metric(health, "podpass_configuration_last_reload_successful 1");
    await metric(health, 'podpass_serviceaccounts{state="invalid"} 0');
    isOver = true;
    await load;
    expect(calls).toBeGreaterThan(0);
  });

  it("follows the manifests", async () => {
    const { serving, client, health, manifests } = await start();
    const reasonNow = async () =>
      responseIn((await client.post({ body: reviewText() })).body)["auditAnnotations"].reason;
    expect(await reasonNow()).toBe("injected");
    await writeFiles(manifests, { "my-api.yaml": FEDERATED.replace("federate: openai", "federate: ''") });
    await eventually(async () => expect(await reasonNow()).toBe("not-federated"));
    await writeFiles(manifests, { "my-api.yaml": "kind: [" });
    expect(await serving.line("manifest problem")).toMatchObject({ file: join(manifests, "my-api.yaml"), line: 1 });
    expect(await reasonNow()).toBe("not-federated");
    await metric(health, 'podpass_serviceaccounts{state="federated"} 0');
  });

  it("swaps the certificate under load without one failed call, and keeps it when the next is bad", async () => {
    const { serving, url, health, tls } = await start();
    const served = new Set<string | undefined>();
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        const fresh = createClient(url, authority.ca);
        const reply = await fresh.post({ body: reviewText() });
        expect(reply.status).toBe(200);
        served.add(reply.certificate);
        fresh.agent.destroy();
      }
    })();
    await eventually(() => expect(served.size).toBe(1));
    await tls.swap(tlsFiles(await authority.issue()));
    await eventually(() => expect(served.size).toBe(2));
    await serving.line("serving certificate reloaded");
    await tls.swap({ "tls.crt": pair.cert, "tls.key": (await authority.issue()).key });
    expect(await serving.line("the new serving certificate is not usable; the old one stays in use")).toMatchObject({
      problem: expect.stringContaining("the key is not the certificate's"),
    });
    await metric(health, 'podpass_serving_certificate_reloads_total{result="failure"} 1');
    await metric(health, 'podpass_serving_certificate_reloads_total{result="success"} 1');
    isOver = true;
    await load;
    expect(served.size).toBe(2);
  });
});

describe("a certificate whose time has not come", () => {
  it("is served once it has, and the log says once why not yet and once that it is", async () => {
    const { serving, url, health, tls } = await start();
    const next = await authority.issue({ fromMs: 2000 });
    await tls.swap(tlsFiles(next));
    const postponed = "the new serving certificate is not in date; the old one stays in use, and time may change that";
    expect(await serving.line(postponed)).toMatchObject({ problem: expect.stringContaining("is not valid before") });
    const fresh = createClient(url, authority.ca);
    const before = await fresh.post({ body: reviewText() });
    fresh.agent.destroy();
    await eventually(() => serving.line("serving certificate reloaded"));
    const later = createClient(url, authority.ca);
    expect((await later.post({ body: reviewText() })).certificate).not.toBe(before.certificate);
    later.agent.destroy();
    expect(serving.lines().filter(({ msg }) => msg === postponed)).toHaveLength(1);
    await metric(health, 'podpass_serving_certificate_reloads_total{result="failure"} 1');
    await metric(health, 'podpass_serving_certificate_reloads_total{result="success"} 1');
  });
});

describe("what is written down", () => {
  it("counts and logs handshakes that fail", async () => {
    const { serving, url, health } = await start();
    for (let i = 0; i < 3; i++) await expect(get(url.replace("https", "http"))).rejects.toThrow();
    await eventually(() => metric(health, 'podpass_tls_handshake_failures_total{reason="protocol"} 3'));
    await metric(health, 'podpass_tls_handshake_failures_total{reason="certificate-refused"} 0');
    expect(await serving.line("TLS handshakes failed")).toMatchObject({
      level: "warn",
      failures: { protocol: 1 },
      last: { reason: "protocol", code: "ERR_SSL_HTTP_REQUEST", client: "127.0.0.1" },
    });
  });

  it("counts and logs each answer, and nothing of the pod", async () => {
    const { serving, client, health } = await start({ drainSeconds: 0 });
    const body = reviewText((review) => {
      const { spec } = review["request"].object;
      spec.containers[0].env = [{ name: "API_KEY", value: "hunter2-secret" }];
      spec.containers[0].command = ["my-unusual-command"];
    });
    const reply = await client.post({ body });
    expect(reply.status).toBe(200);
    await client.post({ body: "{}" });
    const page = (await get(`${health}/metrics`)).body;
    expect(page).toContain('podpass_admission_requests_total{outcome="patched",reason="injected",resource="pods"} 1');
    expect(page).toContain(
      'podpass_admission_requests_total{outcome="bad-request",reason="not-a-review",resource="pods"} 1',
    );
    expect(page).toContain('podpass_admission_duration_seconds_count{resource="pods"} 2');
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toBe(0);
    expect(await serving.line("decided")).toStrictEqual({
      level: "info",
      time: expect.any(String),
      msg: "decided",
      uid: recordedReview()["request"].uid,
      namespace: "production",
      serviceAccount: "my-api",
      outcome: "patched",
      reason: "injected",
      milliseconds: expect.any(Number),
      providers: ["openai"],
    });
    for (const secret of ["hunter2", "API_KEY", "my-unusual-command", "idp_1", "BEGIN"])
      expect(serving.stdout()).not.toContain(secret);
  });
});

describe("stopping", () => {
  it("drains on SIGTERM: readiness fails, calls are answered and connections closed, then it ends with 0", async () => {
    const { serving, client, health } = await start({ drainSeconds: 1 });
    await client.post({ body: reviewText() });
    serving.child.kill("SIGTERM");
    await serving.line("stopping").catch(() => {});
    await eventually(async () => expect(await get(`${health}/readyz`)).toMatchObject({ status: 503 }));
    const reply = await client.post({ body: reviewText() });
    expect(reply).toMatchObject({ status: 200, headers: { connection: "close" } });
    expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200, isReused: false });
    expect(await serving.ended).toBe(0);
    expect((await serving.line("stopped"))["isComplete"]).toBe(true);
  });

  it("serves on when nobody reads the log any more, and ends as ever", async () => {
    const { serving, client } = await start({ drainSeconds: 0 });
    serving.child.stdout?.destroy();
    for (let i = 0; i < 100; i++) expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toBe(0);
  });

  it("serves on when the log cannot be written, and ends as ever", async () => {
    const healthPort = await freePort();
    const folder = temporaryFolder();
    await writeFiles(folder, tlsFiles(pair));
    const full = openSync("/dev/full", "w");
    onTestFinished(() => closeSync(full));
    const serving = spawnServe(
      {
        manifests: folder,
        tlsCert: join(folder, "tls.crt"),
        tlsKey: join(folder, "tls.key"),
        healthPort,
        drainSeconds: 0,
      },
      { log: full },
    );
    const ready = () => get(`http://127.0.0.1:${healthPort}/readyz`);
    await eventually(async () => expect(await ready()).toMatchObject({ status: 200 }));
    await setTimeout(500);
    expect(await ready()).toMatchObject({ status: 200 });
    serving.child.kill("SIGTERM");
    expect(await serving.ended).toBe(0);
  });

  it.each<[string, readonly NodeJS.Signals[]]>([
    ["SIGINT", ["SIGINT"]],
    ["a second signal", ["SIGTERM", "SIGTERM"]],
  ])("does not drain on %s", async (_name, signals) => {
    const { serving, health } = await start({ drainSeconds: 600 });
    for (const signal of signals) {
      serving.child.kill(signal);
      await eventually(async () => {
        const answer = await get(`${health}/readyz`).catch(() => undefined);
        expect(answer?.status).not.toBe(200);
      });
    }
    expect(await serving.ended).toBe(0);
  });
});
