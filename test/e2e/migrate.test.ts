import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import { folderWith, podpassInside } from "../cli/podpass.ts";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeOnCluster } from "../cluster/harness.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { useEnvironment } from "./environment.ts";
import { containersWithout, injected } from "./identity.ts";
import { CASES, type MigrationCase, PROVIDERS } from "./migration-cases.ts";
import { configuration } from "./podpass.ts";
import { startVendorWebhook } from "./vendor-webhook.ts";

/** What is said when a vendor's webhook comes behind Podpass: by the API server of two mounts at one path, or by itself. */
const CLASH = /mountPath.*must be unique|already exists/u;

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
/** Until a configuration that is changed is in force. */
const SETTLING_MS = 500;

const POD_PATH = "/api/v1/namespaces/default/pods";

const podOf = ({ vendor, labels }: MigrationCase) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: `${vendor}-`, labels },
  spec: {
    serviceAccountName: vendor,
    automountServiceAccountToken: false,
    containers: ["main", "metrics"].map((name) => ({ name, image: "example.com/none" })),
  },
});

/** What is wrong with the identity of a pod; empty where nothing is. */
const wrongIn = (pod: Pod, { audience, seconds, variable, file: usual = "" }: MigrationCase): readonly string[] => {
  const wrong = containersWithout(pod, [audience]).map((name) => `${name} has no token`);
  const tokens = (pod.spec.volumes ?? []).flatMap(({ projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) =>
      token?.audience === audience ? [token] : [],
    ),
  );
  if (tokens.length !== 1) wrong.push(`${tokens.length} volumes for one identity`);
  for (const token of tokens) if (token.expirationSeconds !== seconds) wrong.push(`${token.expirationSeconds} s`);
  for (const { name, env = [], volumeMounts = [] } of pod.spec.containers) {
    const file = env.find((one) => one.name === variable)?.value ?? usual;
    if (!volumeMounts.some(({ mountPath }) => file.startsWith(`${mountPath}/`))) wrong.push(`${name}: no ${variable}`);
  }
  return wrong;
};

/** Who has had a hand in a pod: the vendor's webhook alone, Podpass behind it, or Podpass alone. */
type Servers = "vendor" | "both" | "podpass" | "neither";

const serversOf = (pod: Pod, { audience }: MigrationCase): Servers => {
  const volume = pod.spec.volumes?.find(({ projected }) =>
    projected?.sources?.some(({ serviceAccountToken: token }) => token?.audience === audience),
  );
  if (volume === undefined) return "neither";
  if (volume.name.startsWith("podpass-")) return "podpass";
  return injected(pod) === undefined ? "vendor" : "both";
};

/** Pods without pause, two at a time, until it is stopped; every one of them, and every refusal. */
const startPods = (cluster: Cluster, one: MigrationCase) => {
  const pods: Pod[] = [];
  const refused: string[] = [];
  const inFlight = new Set<Promise<unknown>>();
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const work = async (): Promise<void> => {
    while (!isOver) {
      const asked = cluster.request<Pod & ApiObject>("POST", POD_PATH, podOf(one));
      inFlight.add(asked);
      const { status, body } = await asked;
      inFlight.delete(asked);
      if (status === 201) pods.push(body);
      else refused.push(body.message ?? `${status}`);
    }
  };
  const done = Promise.all([work(), work()]);
  return {
    pods,
    refused,
    /** Besides, until all are there that were asked for before: one that is held up has met the webhooks of its beginning. */
    async untilCreated(count: number): Promise<void> {
      await Promise.all(inFlight);
      for (const target = pods.length + count; pods.length < target; ) await sleep(10);
    },
    async stop() {
      isOver = true;
      await done;
    },
  };
};

const configFile = (): string =>
  join(folderWith({ "podpass.yaml": configuration({ providers: PROVIDERS }) }), "podpass.yaml");

/** The ServiceAccount in a file, through `podpass migrate`. */
const migrated = async (annotations: object, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const stdin = stringify({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "app", annotations } });
  const command = ["migrate", "-f", "-", "-o", "yaml", "--config", configFile(), ...args];
  const { stdout, stderr, exitCode } = await podpassInside(command, { stdin });
  expect({ errors: stderr.includes("error:"), exitCode }).toEqual({ errors: false, exitCode: 0 });
  return parse(stdout).metadata.annotations;
};

describeOnCluster("migrating from a vendor's webhook", { timeout: 60_000 }, () => {
  const current = useEnvironment({ config: configuration({ providers: PROVIDERS }) }, ({ create }) =>
    create(CASES.map(({ vendor, annotations }) => ({ name: vendor, annotations }))),
  );

  /** As `kubectl apply` of a file with them: what was there before and is not now goes. */
  const apply = async (name: string, before: object, annotations: object): Promise<void> => {
    const gone = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
    const path = `/api/v1/namespaces/default/serviceaccounts/${name}`;
    await current().cluster.must("PATCH", path, { metadata: { annotations: { ...gone, ...annotations } } });
  };

  let podpassName = "podpass";
  /** Registers Podpass under the name that the case asks for, with no moment in which it is not called. */
  const registered = async ({ podpass }: MigrationCase): Promise<void> => {
    if (podpass === podpassName) return;
    const { cluster } = current();
    const { webhooks } = await cluster.must<ApiObject & { readonly webhooks: unknown }>(
      "GET",
      `${CONFIGURATIONS}/${podpassName}`,
    );
    const { kind, apiVersion } = {
      kind: "MutatingWebhookConfiguration",
      apiVersion: "admissionregistration.k8s.io/v1",
    };
    await cluster.must("POST", CONFIGURATIONS, { kind, apiVersion, metadata: { name: podpass }, webhooks });
    await sleep(SETTLING_MS);
    await cluster.must("DELETE", `${CONFIGURATIONS}/${podpassName}`);
    await sleep(SETTLING_MS);
    podpassName = podpass;
  };

  /** Until Podpass' own view of the ServiceAccount is no older: pods come from those that are named. */
  const untilServed = async (one: MigrationCase, by: Servers): Promise<void> => {
    const ask = async () => {
      const path = `${POD_PATH}?dryRun=All`;
      return serversOf(await current().cluster.must<Pod>("POST", path, podOf(one)), one);
    };
    await expect.poll(ask, { timeout: 10_000 }).toBe(by);
  };

  it.each(CASES)("$vendor: before, during, after and back, under load", async (one) => {
    const { vendor, webhook, annotations } = one;
    await registered(one);
    const vendors = await startVendorWebhook(current().cluster, vendor);
    onTestFinished(() => vendors.stop());
    const both = await migrated(annotations, "--keep");
    const ours = await migrated(annotations);

    // Before: the vendor's webhook alone, beside a Podpass that nothing asks for anything.
    await vendors.register(webhook);
    const load = startPods(current().cluster, one);
    await load.untilCreated(10);
    // During: both of them, by both kinds of keys.
    await apply(vendor, annotations, both);
    await untilServed(one, "both");
    await load.untilCreated(10);
    // After: the vendor's is taken away, then its keys.
    await vendors.unregister(webhook);
    await load.untilCreated(10);
    await apply(vendor, both, ours);
    await untilServed(one, "podpass");
    await load.untilCreated(10);
    const served = load.pods.length;
    // Back, in the opposite order.
    await apply(vendor, ours, both);
    await load.untilCreated(5);
    await vendors.register(webhook);
    await load.untilCreated(5);
    await apply(vendor, both, annotations);
    await untilServed(one, "vendor");
    await load.untilCreated(10);
    await load.stop();
    await vendors.unregister(webhook);

    expect(load.refused).toEqual([]);
    const wrong = load.pods.flatMap((pod) => wrongIn(pod, one).map((text) => `${pod.metadata.name}: ${text}`));
    expect(wrong).toEqual([]);
    expect(load.pods.some((pod) => serversOf(pod, one) === "podpass")).toBe(true);
    process.stdout.write(
      `\n    ${vendor}: ${load.pods.length} pods, ${served} until the vendor's was gone; each right\n`,
    );
  });

  it.each(CASES.filter(({ vendor }) => vendor !== "azure"))(
    "$vendor: the vendor's keys go before its webhook",
    async (one) => {
      const { vendor, webhook, annotations } = one;
      await registered(one);
      const vendors = await startVendorWebhook(current().cluster, vendor);
      onTestFinished(() => vendors.stop());
      const both = await migrated(annotations, "--keep");
      const ours = await migrated(annotations);
      await vendors.register(webhook);
      const load = startPods(current().cluster, one);
      await apply(vendor, annotations, both);
      await untilServed(one, "both");
      await load.untilCreated(10);
      await apply(vendor, both, ours);
      await untilServed(one, "podpass");
      await load.untilCreated(10);
      await load.stop();
      await apply(vendor, ours, annotations);
      await untilServed(one, "vendor");
      expect(load.refused).toEqual([]);
      expect(load.pods.flatMap((pod) => wrongIn(pod, one))).toEqual([]);
    },
  );

  it.each(CASES)("$vendor: by its own keys, without touching anything, under load", async (one) => {
    const { vendor, webhook } = one;
    const { cluster, podpass } = current();
    await registered(one);
    const vendors = await startVendorWebhook(cluster, vendor);
    onTestFinished(() => vendors.stop());
    await vendors.register(webhook);
    const load = startPods(cluster, one);
    await load.untilCreated(5);
    await podpass.pushConfig(configuration({ providers: PROVIDERS, nativeAnnotations: true }));
    await untilServed(one, "both");
    await load.untilCreated(10);
    await vendors.unregister(webhook);
    await load.untilCreated(10);
    await untilServed(one, "podpass");
    await vendors.register(webhook);
    await load.untilCreated(5);
    await podpass.pushConfig(configuration({ providers: PROVIDERS }));
    await untilServed(one, "vendor");
    await load.stop();
    expect(load.refused).toEqual([]);
    expect(load.pods.flatMap((pod) => wrongIn(pod, one))).toEqual([]);
  });

  it.each(CASES)("$vendor: the vendor's behind Podpass is what the order is for", async (one) => {
    const { vendor, annotations } = one;
    const { cluster } = current();
    await registered(one);
    const vendors = await startVendorWebhook(cluster, vendor);
    onTestFinished(() => vendors.stop());
    await vendors.register("zz-vendor");
    const both = await migrated(annotations, "--keep");
    await apply(vendor, annotations, both);
    const path = `${POD_PATH}?dryRun=All`;
    const ask = async () => (await cluster.request<Pod & ApiObject>("POST", path, podOf(one))).body;
    const isTwofold = async () => {
      const body = await ask();
      return CLASH.test(body.message ?? "") || wrongIn(body, one).some((text) => text.startsWith("2 volumes"));
    };
    await expect.poll(isTwofold, { timeout: 10_000 }).toBe(true);
    await vendors.unregister("zz-vendor");
    expect(wrongIn(await ask(), one)).toEqual([]);
    await apply(vendor, both, annotations);
    await untilServed(one, "neither");
  });
});
