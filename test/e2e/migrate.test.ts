import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import { podpassInside } from "../cli/podpass.ts";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeOnCluster } from "../cluster/harness.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { useEnvironment } from "./environment.ts";
import { containersWithout, injected } from "./identity.ts";
import { startVendorWebhook, type Vendor } from "./vendor-webhook.ts";

const CLIENT = "11111111-2222-3333-4444-555555555555";

interface Case {
  readonly vendor: Vendor;
  /** The vendor's own name of its webhook's configuration: before `podpass` in the alphabet. */
  readonly webhook: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly audience: string;
  readonly seconds: number;
  /** The variable that says where the token, or the file that names it, is. */
  readonly variable: string;
}

const CASES: readonly Case[] = [
  {
    vendor: "aws",
    webhook: "pod-identity-webhook",
    annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/reports" },
    labels: {},
    audience: "sts.amazonaws.com",
    seconds: 86_400,
    variable: "AWS_WEB_IDENTITY_TOKEN_FILE",
  },
  {
    vendor: "azure",
    webhook: "azure-wi-webhook-mutating-webhook-configuration",
    annotations: {
      "azure.workload.identity/client-id": CLIENT,
      "azure.workload.identity/tenant-id": CLIENT,
      "azure.workload.identity/service-account-token-expiration": "7200",
    },
    labels: { "azure.workload.identity/use": "true" },
    audience: "api://AzureADTokenExchange",
    seconds: 7200,
    variable: "AZURE_FEDERATED_TOKEN_FILE",
  },
  {
    vendor: "gcp",
    webhook: "gcp-workload-identity-federation-webhook-mutating-webhook-configuration",
    annotations: {
      "cloud.google.com/workload-identity-provider":
        "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster",
      "cloud.google.com/service-account-email": "my-api@my-project.iam.gserviceaccount.com",
      "cloud.google.com/injection-mode": "direct",
    },
    labels: {},
    audience: "sts.googleapis.com",
    seconds: 86_400,
    variable: "GOOGLE_APPLICATION_CREDENTIALS",
  },
];

/** What is said when a vendor's webhook comes behind Podpass and mounts at the same path. */
const CLASH = /mountPath.*must be unique/u;

const POD_PATH = "/api/v1/namespaces/default/pods";

const podOf = ({ vendor, labels }: Case) => ({
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
const wrongIn = (pod: Pod, { audience, seconds, variable }: Case): readonly string[] => {
  const wrong = containersWithout(pod, [audience]).map((name) => `${name} has no token`);
  const tokens = (pod.spec.volumes ?? []).flatMap(({ projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) =>
      token?.audience === audience ? [token] : [],
    ),
  );
  if (tokens.length !== 1) wrong.push(`${tokens.length} volumes for one identity`);
  for (const token of tokens) if (token.expirationSeconds !== seconds) wrong.push(`${token.expirationSeconds} s`);
  for (const { name, env = [], volumeMounts = [] } of pod.spec.containers) {
    const file = env.find((one) => one.name === variable)?.value ?? "";
    if (!volumeMounts.some(({ mountPath }) => file.startsWith(`${mountPath}/`))) wrong.push(`${name}: no ${variable}`);
  }
  return wrong;
};

/** Pods without pause, two at a time, until it is stopped; every one of them, and every refusal. */
const startPods = (cluster: Cluster, one: Case) => {
  const pods: Pod[] = [];
  const refused: string[] = [];
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
  });
  const work = async (): Promise<void> => {
    while (!isOver) {
      const { status, body } = await cluster.request<Pod & ApiObject>("POST", POD_PATH, podOf(one));
      if (status === 201) pods.push(body);
      else refused.push(body.message ?? `${status}`);
    }
  };
  const done = Promise.all([work(), work()]);
  return {
    pods,
    refused,
    async untilCreated(count: number): Promise<void> {
      for (const target = pods.length + count; pods.length < target; ) await sleep(10);
    },
    async stop() {
      isOver = true;
      await done;
    },
  };
};

/** The ServiceAccount in a file, through `podpass migrate`. */
const migrated = async (annotations: object, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const stdin = stringify({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "app", annotations } });
  const { stdout, stderr, exitCode } = await podpassInside(["migrate", "-f", "-", "-o", "yaml", ...args], { stdin });
  expect({ errors: stderr.includes("error:"), exitCode }).toEqual({ errors: false, exitCode: 0 });
  return parse(stdout).metadata.annotations;
};

describeOnCluster("migrating from a vendor's webhook", { timeout: 60_000 }, () => {
  const current = useEnvironment({}, ({ create }) =>
    create(CASES.map(({ vendor, annotations }) => ({ name: vendor, annotations }))),
  );

  /** As `kubectl apply` of a file with them: what was there before and is not now goes. */
  const apply = async (name: string, before: object, annotations: object): Promise<void> => {
    const gone = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
    const path = `/api/v1/namespaces/default/serviceaccounts/${name}`;
    await current().cluster.must("PATCH", path, { metadata: { annotations: { ...gone, ...annotations } } });
  };

  /** Until Podpass' own view of the ServiceAccount is no older: pods come with its mark, or without. */
  const untilMarked = async (one: Case, mark: string | undefined): Promise<void> => {
    const ask = async () => {
      const path = `${POD_PATH}?dryRun=All`;
      return injected(await current().cluster.must<Pod>("POST", path, podOf(one)));
    };
    await expect.poll(ask, { timeout: 10_000 }).toBe(mark);
  };

  it.each(CASES)("$vendor: before, during, after and back, under load", async (one) => {
    const { vendor, webhook, annotations } = one;
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
    await untilMarked(one, "");
    await load.untilCreated(10);
    // After: the vendor's is taken away, then its keys.
    await vendors.unregister(webhook);
    await load.untilCreated(10);
    await apply(vendor, both, ours);
    await untilMarked(one, vendor);
    await load.untilCreated(10);
    const served = load.pods.length;
    // Back, in the opposite order.
    await apply(vendor, ours, both);
    await load.untilCreated(5);
    await vendors.register(webhook);
    await load.untilCreated(5);
    await apply(vendor, both, annotations);
    await untilMarked(one, undefined);
    await load.untilCreated(10);
    await load.stop();
    await vendors.unregister(webhook);

    expect(load.refused).toEqual([]);
    const wrong = load.pods.flatMap((pod) => wrongIn(pod, one).map((text) => `${pod.metadata.name}: ${text}`));
    expect(wrong).toEqual([]);
    expect(load.pods.some((pod) => injected(pod) === vendor)).toBe(true);
    process.stdout.write(
      `\n    ${vendor}: ${load.pods.length} pods, ${served} until the vendor's was gone; each right\n`,
    );
  });

  it.each(CASES)("$vendor: the vendor's behind Podpass is what the order is for", async (one) => {
    const { vendor, annotations } = one;
    const { cluster } = current();
    const vendors = await startVendorWebhook(cluster, vendor);
    onTestFinished(() => vendors.stop());
    await vendors.register("zz-vendor");
    await apply(vendor, annotations, await migrated(annotations, "--keep"));
    const path = `${POD_PATH}?dryRun=All`;
    const ask = async () => (await cluster.request<Pod & ApiObject>("POST", path, podOf(one))).body;
    const isTwofold = async () => {
      const body = await ask();
      return CLASH.test(body.message ?? "") || wrongIn(body, one).some((text) => text.startsWith("2 volumes"));
    };
    await expect.poll(isTwofold, { timeout: 10_000 }).toBe(true);
    await vendors.unregister("zz-vendor");
    expect(wrongIn(await ask(), one)).toEqual([]);
  });
});
