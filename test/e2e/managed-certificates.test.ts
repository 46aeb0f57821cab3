/** Certificates that look after themselves, on a real API server, with the rights that the chart gives and no other. */
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeOnCluster, startTestCluster, timeouts } from "../cluster/harness.ts";
import { restrictCertificateRights } from "../cluster/podpass-rights.ts";
import { createAccount, podpassUser } from "./accounts.ts";
import { requestPod } from "./load.ts";
import {
  CONFIGURATION,
  type ManagedReplica,
  NAMESPACE,
  prepareReplicas,
  type Replicas,
  type ReplicasOptions,
  readCa,
  readCaBundle,
  SECRET,
  shakeHands,
} from "./replicas.ts";

const say = (text: string) => process.stdout.write(`\n    ${text}\n`);

const MONTH_MS = 30 * 86_400_000;

interface Environment extends Replicas {
  readonly cluster: Cluster;
}

/** A cluster in which nothing is yet but what the chart makes; three replicas, of which none runs. */
const useReplicas = (options: ReplicasOptions = {}): (() => Environment) => {
  let environment: Environment | undefined;
  beforeAll(async () => {
    const cluster = await startTestCluster({ users: [podpassUser] });
    environment = { cluster, ...(await prepareReplicas(cluster, 3, options)) };
    await createAccount(cluster, { name: "plain" });
  }, timeouts.start);
  afterAll(async () => {
    await environment?.balancer.close();
    await environment?.cluster.stop();
  });
  return () => {
    if (environment === undefined) throw new Error("the environment is not running");
    return environment;
  };
};

const emptySecret = (cluster: Cluster) =>
  cluster.must("POST", SECRET.replace(/\/[^/]+$/, ""), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "podpass-ca" },
    type: "Opaque",
  });

const allReady = (replicas: readonly ManagedReplica[]) =>
  expect
    .poll(async () => Promise.all(replicas.map((one) => one.isReady().catch(() => false))), { timeout: 40_000 })
    .toStrictEqual(replicas.map(() => true));

const call = async (cluster: Cluster): Promise<string> => {
  const { status, body } = await requestPod(cluster, "plain", "?dryRun=All");
  return status === 201 ? "created" : `${status} ${body.message ?? ""}`;
};

/** Pods without pause, and handshakes beside them by a client that knows the `caBundle` of three seconds ago. */
const startCalls = ({ cluster, balancer }: Environment) => {
  const failed: string[] = [];
  const count = { pods: 0, handshakes: 0 };
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const pods = async () => {
    while (!isOver) {
      const result = await call(cluster).catch(String);
      count.pods += 1;
      if (result !== "created") failed.push(`${new Date().toISOString()} pod: ${result}`);
      await sleep(20);
    }
  };
  const handshakes = async () => {
    const bundles: { readonly atMs: number; readonly bundle: readonly string[] }[] = [];
    while (!isOver) {
      bundles.push({ atMs: performance.now(), bundle: await readCaBundle(cluster) });
      const known = bundles.findLast(({ atMs }) => atMs < performance.now() - 3000);
      for (const backend of known === undefined ? [] : balancer.ready()) {
        const shaken = await shakeHands(backend, known?.bundle ?? []);
        count.handshakes += 1;
        if (shaken instanceof Error) failed.push(`${new Date().toISOString()} ${backend.port}: ${shaken.message}`);
      }
      await sleep(200);
    }
  };
  const done = Promise.all([pods(), pods(), handshakes()]);
  return {
    failed,
    count,
    async stop() {
      isOver = true;
      await done;
      return failed;
    },
  };
};

/** Each replica serves a leaf of the CA in the Secret, which is in the `caBundle`. */
const inOrder = async ({ cluster, all }: Environment): Promise<X509Certificate> => {
  const ca = await readCa(cluster);
  if (ca === undefined) throw new Error("there is no CA in the Secret");
  const bundle = (await readCaBundle(cluster)).map((one) => new X509Certificate(one).fingerprint256);
  expect(bundle).toContain(ca.fingerprint256);
  for (const replica of all) expect(await shakeHands(replica, [ca.toString()])).toBeInstanceOf(X509Certificate);
  return ca;
};

/** Waits until all is in order with another CA than `before`. */
const untilRenewed = (environment: Environment, before: X509Certificate) =>
  expect
    .poll(async () => (await inOrder(environment)).fingerprint256 !== before.fingerprint256, { timeout: 60_000 })
    .toBe(true);

const said = async (replica: ManagedReplica, text: string): Promise<boolean> =>
  (await replica.log()).some((line) => JSON.stringify(line).includes(text));

/** Seconds until pods are created again. */
const untilCalled = async (cluster: Cluster): Promise<number> => {
  const since = performance.now();
  await expect.poll(() => call(cluster), { timeout: 60_000, interval: 200 }).toBe("created");
  return Math.round((performance.now() - since) / 100) / 10;
};

describeOnCluster("managed certificates of three replicas", { timeout: 180_000 }, () => {
  const current = useReplicas();
  const first = (): ManagedReplica => {
    const [replica] = current().all;
    if (replica === undefined) throw new Error("there is no replica");
    return replica;
  };

  it("need no right beyond those by name: a Secret is made by name alone, and by server-side apply alone", async () => {
    const { cluster } = current();
    const token = cluster.userToken(podpassUser.name);
    const secret = (name: string) => ({ apiVersion: "v1", kind: "Secret", metadata: { name }, type: "Opaque" });
    const folder = SECRET.replace(/\/[^/]+$/, "");
    const apply = (name: string) =>
      cluster.request("PATCH", `${folder}/${name}?fieldManager=test`, secret(name), {
        token,
        contentType: "application/apply-patch+yaml",
      });
    expect((await cluster.request("POST", folder, secret("podpass-ca"), { token })).status).toBe(403);
    expect((await apply("another")).status).toBe(403);
    expect((await apply("podpass-ca")).status).toBe(201);
    expect((await cluster.request("GET", folder, undefined, { token })).status).toBe(403);
    await cluster.must("DELETE", SECRET);
  });

  it("agree on one CA when they start in the same instant, and every one of them is trusted", async () => {
    const environment = current();
    const { cluster, all, configure } = environment;
    await Promise.all([emptySecret(cluster), configure()]);
    const since = performance.now();
    for (const replica of all) replica.start();
    await allReady(all);
    const seconds = Math.round((performance.now() - since) / 1000);
    const ca = await inOrder(environment);
    expect(await readCaBundle(cluster)).toStrictEqual([ca.toString().trim()]);
    const made = await Promise.all(all.map((one) => one.metric("podpass_ca_created_total")));
    expect(made.reduce((a, b) => a + b)).toBe(1);
    expect(ca.publicKey.asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
    expect(await first().metric("podpass_ca_not_after_seconds")).toBe(Date.parse(ca.validTo) / 1000);
    expect(await untilCalled(cluster)).toBeLessThan(10);
    say(`three replicas from nothing: one CA, all ready after ${seconds} s`);
  });

  it("put their CA back where the caBundle is emptied", async () => {
    const environment = current();
    const { cluster } = environment;
    const { webhooks } = await cluster.must<{ webhooks: { clientConfig: object }[] }>("GET", CONFIGURATION);
    const emptied = webhooks.map((one) => ({ ...one, clientConfig: { ...one.clientConfig, caBundle: null } }));
    await cluster.must("PATCH", CONFIGURATION, { webhooks: emptied });
    await sleep(1000);
    const seconds = await untilCalled(cluster);
    say(`caBundle emptied: pods again after ${seconds} s`);
    await inOrder(environment);
    expect(seconds).toBeLessThan(40);
  });

  it("put it beside what somebody else set, which stays", async () => {
    const environment = current();
    const { cluster, all } = environment;
    const foreign = new X509Certificate((await createAuthority("somebody else's")).ca);
    const caBundle = Buffer.from(foreign.toString()).toString("base64");
    const { webhooks } = await cluster.must<{ webhooks: { clientConfig: object }[] }>("GET", CONFIGURATION);
    const set = webhooks.map((one) => ({ ...one, clientConfig: { ...one.clientConfig, caBundle } }));
    await cluster.must("PATCH", CONFIGURATION, { webhooks: set });
    await sleep(1000);
    say(`caBundle set by another: pods again after ${await untilCalled(cluster)} s`);
    const fingerprints = async () =>
      (await readCaBundle(cluster)).map((one) => new X509Certificate(one).fingerprint256).sort();
    const ca = await readCa(cluster);
    // Somebody has to call for it to be noticed soon.
    const both = async () => [await call(cluster), await fingerprints()];
    await expect
      .poll(both, { timeout: 40_000 })
      .toStrictEqual(["created", [ca?.fingerprint256, foreign.fingerprint256].sort()]);
    await inOrder(environment);
    const noticed = await Promise.all(all.map((one) => said(one, "does not hold the CA")));
    expect(noticed).toContain(true);
  });

  it.each<[string, (cluster: Cluster) => Promise<unknown>]>([
    ["is deleted", (cluster) => cluster.must("DELETE", SECRET)],
    [
      "is spoilt",
      (cluster) =>
        cluster.must("PATCH", SECRET, { data: { "ca.crt": Buffer.from("-----BEGIN nonsense").toString("base64") } }),
    ],
  ])("follow with another CA where the Secret %s, without a failed call", async (what, harm) => {
    const environment = current();
    const before = await inOrder(environment);
    const calls = startCalls(environment);
    await sleep(4000);
    await harm(environment.cluster);
    const since = performance.now();
    await untilRenewed(environment, before);
    const seconds = Math.round((performance.now() - since) / 1000);
    await sleep(4000);
    expect(await calls.stop()).toStrictEqual([]);
    const { pods, handshakes } = calls.count;
    say(
      `Secret ${what}: another CA served by all after ${seconds} s; ${pods} pods and ${handshakes} handshakes, 0 failed`,
    );
  });

  it("go by the API server's clock where their machine's leaps a month, either way", async () => {
    const environment = current();
    const before = await inOrder(environment);
    const calls = startCalls(environment);
    for (const leapMs of [MONTH_MS, -MONTH_MS]) {
      await first().setClock(leapMs);
      await expect
        .poll(() => first().metric("podpass_clock_difference_seconds"), { timeout: 20_000 })
        .toSatisfy((seconds: number) => Math.abs(seconds - leapMs / 1000) < 5);
      expect((await first().readyz()).body).toContain(leapMs > 0 ? "minutes ahead of" : "minutes behind");
      await sleep(2000);
    }
    await first().setClock(0);
    await expect.poll(() => first().metric("podpass_clock_difference_seconds"), { timeout: 20_000 }).toBe(0);
    expect((await first().readyz()).body).toContain("[+]certificate ok\n");
    expect(await calls.stop()).toStrictEqual([]);
    expect((await inOrder(environment)).fingerprint256).toBe(before.fingerprint256);
    // One that starts on such a machine is no worse.
    await first().setClock(-MONTH_MS);
    await first().stop();
    first().start();
    await allReady([first()]);
    await inOrder(environment);
    await first().setClock(0);
  });

  it("serve on while their rights are gone, say so, and mend all once they have them again", async () => {
    const environment = current();
    const { cluster, all } = environment;
    const before = await inOrder(environment);
    const calls = startCalls(environment);
    await restrictCertificateRights(cluster, NAMESPACE, "read");
    await cluster.must("DELETE", SECRET);
    const says = (text: string) =>
      expect.poll(async () => (await first().readyz()).body, { timeout: 50_000 }).toContain(text);
    await says("making the Secret podpass-system/podpass-ca failed: the API server answered 403 Forbidden");
    await restrictCertificateRights(cluster, NAMESPACE, "nothing");
    await says('the MutatingWebhookConfiguration "podpass" cannot be read: the API server answered 403 Forbidden');
    expect((await first().readyz()).status).toBe(200);
    expect(await first().metric("podpass_certificate_notices")).toBeGreaterThan(0);
    expect(await first().metric("podpass_ca_writes_total", 'result="failure"')).toBeGreaterThan(0);
    await restrictCertificateRights(cluster, NAMESPACE, "all");
    await untilRenewed(environment, before);
    await expect
      .poll(() => Promise.all(all.map((one) => one.metric("podpass_certificate_notices"))), { timeout: 40_000 })
      .toStrictEqual([0, 0, 0]);
    expect(await calls.stop()).toStrictEqual([]);
  });

  it("are ready where no webhook configuration is, and say that nobody calls", async () => {
    const { cluster, configure } = current();
    await cluster.must("DELETE", CONFIGURATION);
    await first().stop();
    first().start();
    await allReady([first()]);
    expect((await first().readyz()).body).toContain("is not there: no API server calls this webhook");
    await configure();
    await sleep(1000);
    say(`webhook configuration made anew: pods after ${await untilCalled(cluster)} s`);
  });
});

describeOnCluster("managed certificates with short lives", { timeout: 300_000 }, () => {
  const CA_SECONDS = 60;
  const current = useReplicas({ caSeconds: CA_SECONDS, leafSeconds: 15 });

  it("are renewed under load, CA and leaf, with not one failed call", async () => {
    const environment = current();
    const { cluster, all, configure } = environment;
    await Promise.all([emptySecret(cluster), configure()]);
    for (const replica of all) replica.start();
    await allReady(all);
    await untilCalled(cluster);
    const calls = startCalls(environment);
    const seen = new Set<string>();
    const leaves = new Set<string>();
    let largest = 0;
    while (seen.size < 3) {
      seen.add((await readCa(cluster))?.fingerprint256 ?? "none");
      const bundle = await readCaBundle(cluster);
      largest = Math.max(largest, bundle.length);
      for (const replica of all) {
        const leaf = await shakeHands(replica, bundle);
        if (leaf instanceof X509Certificate) leaves.add(leaf.fingerprint256);
      }
      await sleep(500);
    }
    await sleep(15_000);
    expect(await calls.stop()).toStrictEqual([]);
    const { pods, handshakes } = calls.count;
    say(`${seen.size} CAs and ${leaves.size} leaves: ${pods} pods and ${handshakes} handshakes, 0 failed`);
    expect(leaves.size).toBeGreaterThan(15);
    expect(largest).toBeLessThanOrEqual(2);
  });
});
