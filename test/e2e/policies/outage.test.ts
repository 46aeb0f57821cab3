import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import { readConfiguration } from "../../../src/configuration/read.ts";
import { MUTATING_SINCE } from "../../../src/policies/installation.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import { describeOnCluster, kubernetesMinor } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { useEnvironment } from "../environment.ts";
import { configuration } from "../podpass.ts";
import { type Front, startFaulty, startFront, type Way } from "./front.ts";
import { AWS, EVIL, failedOpen, loadPod, STS } from "./load-pods.ts";
import { type Kind, startMixedLoad, summaryOf } from "./mixed-load.ts";

const OUTAGE_MS = 12_000;
const BETWEEN_MS = 3_000;
/** A webhook that is silent holds up each pod for its `timeoutSeconds`. */
const TIMEOUT_SECONDS = 1;

const config = configuration({
  policy: {
    exemptNamespaces: ["kube-system", "exempt-*"],
    tokens: {
      audiences: { allow: ["https://internal.example.com"] },
      expirationSeconds: { min: 600, max: 7200, violation: "Deny" },
    },
  },
});

const settings = () => {
  const read = readConfiguration(config, { ownNamespace: "podpass" });
  if (!read.ok) throw new Error("the test's configuration is not valid");
  return read.settings;
};

const ACCOUNTS = [
  { name: "plain" },
  { name: "federated", annotations: AWS },
  { name: "narrow", annotations: { ...AWS, "aws.podpass.dev/only-containers": "main" } },
];

const KINDS: Readonly<Record<string, Kind>> = {
  plain: { pod: loadPod({ account: "plain" }), created: "always" },
  federated: { pod: loadPod({ account: "federated" }), audiences: [STS] },
  "opted out": {
    pod: loadPod({ account: "federated", annotations: { "podpass.dev/inject": "false" } }),
    created: "always",
  },
  "in an exempt namespace": {
    namespace: "exempt-a",
    pod: loadPod({ account: "plain", token: EVIL }),
    created: "always",
  },
  "with an allowed token of its own": {
    pod: loadPod({ account: "plain", token: { audience: "https://internal.example.com", path: "token" } }),
    created: "always",
  },
  "with a forbidden audience": { pod: loadPod({ account: "plain", token: EVIL }), created: "never" },
  "with a forbidden lifetime": {
    pod: loadPod({ account: "plain", token: { audience: STS, expirationSeconds: 80_000, path: "token" } }),
    created: "never",
  },
  "opted out, with a forbidden audience": {
    pod: loadPod({ account: "federated", annotations: { "podpass.dev/inject": "false" }, token: EVIL }),
    created: "never",
  },
  "copied, with an old mark": {
    pod: loadPod({ account: "federated", annotations: { "podpass.dev/injected": "aws" } }),
    audiences: [STS],
  },
  "federated, with 100 containers": {
    pod: loadPod({ account: "federated", containers: 100 }),
    audiences: [STS],
    oneIn: 20,
  },
  "that no policy serves": { pod: loadPod({ account: "narrow" }), audiences: [STS] },
};

/** Federated pods that are served inside the API server as well. */
const SERVED = ["federated", "federated, with 100 containers"];

describeOnCluster("the webhook away for a minute, under load", { timeout: 240_000 }, () => {
  let front: Front | undefined;
  const current = useEnvironment(
    {
      config,
      failurePolicy: "Ignore",
      timeoutSeconds: TIMEOUT_SECONDS,
      cluster: {
        apiServerFlags: {
          "audit-policy-file": join(import.meta.dirname, "../../cluster/realnode/audit-policy.json"),
          "audit-log-path": "-",
        },
      },
      reached: async (port) => {
        front = await startFront(port);
        return front.port;
      },
    },
    async ({ cluster, create }) => {
      const metadata = { name: "exempt-a" };
      await cluster.must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
      await create([...ACCOUNTS, { name: "plain", namespace: "exempt-a" }]);
      const mode = kubernetesMinor >= MUTATING_SINCE ? "label" : "exact";
      const installation = { name: "podpass", minor: kubernetesMinor, mode, digest: "sha256:0" } as const;
      const { objects } = renderPolicies(settings(), installation);
      await applyPolicies(cluster, objects);
      // What the policy of the label does for accounts that are written from now on.
      const labels = { "podpass.dev/federated": "true" };
      for (const { name, annotations } of ACCOUNTS)
        if (annotations !== undefined)
          await cluster.must("PATCH", `/api/v1/namespaces/default/serviceaccounts/${name}`, { metadata: { labels } });
      await sleep(1_000);
    },
  );

  it("refuses what is forbidden, lets every other pod start, and no federated one without its identity", async () => {
    const { cluster, podpass } = current();
    if (front === undefined) throw new Error("nothing stands before the webhook");
    const lead = (way: Way) => front?.lead(way);
    const other = await (await createAuthority("someone else")).issue({ names: ["127.0.0.1"] });
    const strange = await startFaulty(other);
    const own = (name: string) => readFile(join(cluster.directory, "podpass", name), "utf8");
    const faulty = await startFaulty({ cert: await own("tls.crt"), key: await own("tls.key") });
    onTestFinished(() => {
      strange.close();
      faulty.close();
      return front?.close();
    });
    const through = podpass.port;
    const outages: Readonly<Record<string, () => void | Promise<void>>> = {
      killed: () => podpass.kill(),
      stopped: () => podpass.pause(),
      "cut off": () => lead("silent"),
      "not there": () => lead("closed"),
      "answering 500": () => lead(faulty.port),
      "with a wrong certificate": () => lead(strange.port),
    };
    const heal = async (outage: string) => {
      if (outage === "killed") await podpass.start();
      if (outage === "stopped") podpass.resume();
      lead(through);
    };

    const load = startMixedLoad(cluster, KINDS);
    load.enter("whole");
    await sleep(BETWEEN_MS);
    for (const [outage, begin] of Object.entries(outages)) {
      load.enter(outage);
      await begin();
      await sleep(OUTAGE_MS);
      load.enter(`after ${outage}`);
      await heal(outage);
      await sleep(BETWEEN_MS);
    }
    const attempts = await load.stop();

    for (const line of summaryOf(attempts)) process.stdout.write(`\n    ${line}\n`);
    const failures = attempts.filter((attempt) => attempt.isWrong);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(failures.length).toBe(0);
    const refused = attempts.filter(({ status, kind }) => status === 403 && KINDS[kind]?.audiences !== undefined);
    for (const { message } of refused) expect(message).toMatch(/podpass check|is refused/u);
    // The load reached the API server while the webhook was away, and it went on without it.
    expect(await failedOpen(cluster)).toBeGreaterThan(500);
    if (kubernetesMinor < MUTATING_SINCE) return;
    const unserved = attempts.filter(({ kind, status }) => SERVED.includes(kind) && status !== 201);
    expect(unserved.slice(0, 5)).toEqual([]);
  });
});
