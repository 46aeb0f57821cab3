import { describe, expect, it, onTestFinished } from "vitest";
import type { ApiObject } from "../cluster/api-client.ts";
import { describeOnCluster, timeouts } from "../cluster/harness.ts";
import { containersOf, type Pod } from "../cluster/node/pod.ts";
import { bindPod, runContainer } from "../cluster/node.ts";
import { verifyToken } from "../cluster/relying-parties/verify.ts";
import { useEnvironment } from "./environment.ts";
import { containersWithout, injected } from "./identity.ts";
import { sidecarLabels, startSidecarWebhook } from "./sidecar-webhook.ts";
import { podpassTrust, trustFrom } from "./trust.ts";

const aws = {
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/reports",
};
const anthropic = {
  "podpass.dev/federate": "anthropic",
  "anthropic.podpass.dev/federation-rule-id": "fdrl_1",
  "anthropic.podpass.dev/organization-id": "11111111-2222-3333-4444-555555555555",
};
const accounts = [
  { name: "aws", annotations: aws },
  { name: "anthropic", annotations: anthropic },
  { name: "both", annotations: { ...aws, ...anthropic, "podpass.dev/federate": "aws, anthropic" } },
];
const audienceOf = { aws: "sts.amazonaws.com", anthropic: "https://api.anthropic.com" };

// Programs know the vendors' variables, and nothing of where the files are.
const printToken = { aws: 'cat "$AWS_WEB_IDENTITY_TOKEN_FILE"', anthropic: 'cat "$ANTHROPIC_IDENTITY_TOKEN_FILE"' };
type Provider = keyof typeof printToken;

const containers = {
  initContainers: [
    { name: "migrate", image: "example.com/none" },
    { name: "proxy", image: "example.com/none", restartPolicy: "Always" },
  ],
  containers: [
    { name: "main", image: "example.com/none" },
    { name: "metrics", image: "example.com/none" },
  ],
};

const workload = (apiVersion: string, kind: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name: kind.toLowerCase() },
  spec,
});
const selectorFor = (app: string) => ({ matchLabels: { app } });
const templateFor = (app: string, spec: object = {}) => ({
  metadata: { labels: { app } },
  spec: { serviceAccountName: "aws", ...containers, ...spec },
});
const jobSpec = (app: string) => ({ template: templateFor(app, { restartPolicy: "Never" }) });

/** By the path under which it is created; each makes `count` pods with the label `app: KIND`. */
const workloads = [
  {
    kind: "Deployment",
    path: "/apis/apps/v1/namespaces/default/deployments",
    count: 2,
    object: workload("apps/v1", "Deployment", {
      replicas: 2,
      selector: selectorFor("Deployment"),
      template: templateFor("Deployment"),
    }),
  },
  {
    kind: "StatefulSet",
    path: "/apis/apps/v1/namespaces/default/statefulsets",
    count: 2,
    object: workload("apps/v1", "StatefulSet", {
      replicas: 2,
      serviceName: "none",
      podManagementPolicy: "Parallel",
      selector: selectorFor("StatefulSet"),
      template: templateFor("StatefulSet"),
    }),
  },
  {
    kind: "DaemonSet",
    path: "/apis/apps/v1/namespaces/default/daemonsets",
    count: 2,
    object: workload("apps/v1", "DaemonSet", {
      selector: selectorFor("DaemonSet"),
      template: templateFor("DaemonSet"),
    }),
  },
  {
    kind: "Job",
    path: "/apis/batch/v1/namespaces/default/jobs",
    count: 2,
    object: workload("batch/v1", "Job", { completions: 2, parallelism: 2, ...jobSpec("Job") }),
  },
  {
    kind: "CronJob",
    path: "/apis/batch/v1/namespaces/default/cronjobs",
    count: 1,
    object: workload("batch/v1", "CronJob", {
      schedule: "@every 1s",
      concurrencyPolicy: "Forbid",
      jobTemplate: { spec: jobSpec("CronJob") },
    }),
  },
] as const;

describeOnCluster("workloads", { timeout: timeouts.test }, () => {
  const current = useEnvironment({ cluster: { controllerManager: true, nodes: ["node-1", "node-2"] } }, (environment) =>
    environment.create(accounts),
  );

  const create = (path: string, object: object) => current().cluster.must<Pod & ApiObject>("POST", path, object);
  const createPod = (name: string, serviceAccountName: string, labels = {}, query = "") =>
    create(`/api/v1/namespaces/default/pods${query}`, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels },
      spec: { serviceAccountName, ...containers },
    });
  const podsOf = async (selector: string): Promise<readonly Pod[]> => {
    const path = `/api/v1/namespaces/default/pods?labelSelector=${encodeURIComponent(selector)}`;
    return (await current().cluster.must<{ items: Pod[] }>("GET", path)).items;
  };

  /** Runs a program in a container, and lets a relying party judge the token that it prints. */
  const verdictIn = async (pod: Pod, container: string, provider: Provider) => {
    const { cluster } = current();
    const account = `default/${pod.spec.serviceAccountName}`;
    const trust = trustFrom(await podpassTrust(cluster, provider, account));
    const command = ["sh", "-c", printToken[provider]];
    const { stdout } = await runContainer({ cluster, pod, container, command });
    return (await verifyToken(stdout, trust)).kind;
  };
  const expectIdentityEverywhere = async (pod: Pod, providers: readonly Provider[]) => {
    for (const { name } of containersOf(pod)) {
      for (const provider of providers)
        expect([name, provider, await verdictIn(pod, name, provider)]).toEqual([name, provider, "accepted"]);
    }
  };

  it.each(workloads)("gives each container of a $kind its identity", async ({ kind, path, object, count }) => {
    await create(path, object);
    await expect.poll(async () => (await podsOf(`app=${kind}`)).length, { timeout: 30_000 }).toBe(count);
    const pods = await podsOf(`app=${kind}`);
    for (const pod of pods) {
      expect(injected(pod)).toBe("aws");
      expect(containersOf(pod).length).toBe(4);
      expect(containersWithout(pod, [audienceOf.aws])).toEqual([]);
    }
    const [pod] = pods;
    if (pod) await expectIdentityEverywhere(await bindPod(current().cluster, pod), ["aws"]);
  });

  it("gives one pod two identities", async () => {
    const pod = await createPod("both", "both");
    expect(injected(pod)).toBe("aws,anthropic");
    await expectIdentityEverywhere(await bindPod(current().cluster, pod), ["aws", "anthropic"]);
  });

  describe("with another vendor's webhook", () => {
    it.each([
      ["a-sidecar", "before"],
      ["z-sidecar", "after"],
    ])("%s, called %s Podpass: the sidecar that it adds has the identity too", async (name, when) => {
      const { cluster, podpass } = current();
      const sidecar = { name: "envoy", image: "example.com/none" };
      const webhook = await startSidecarWebhook(cluster, name, sidecar);
      onTestFinished(async () => {
        await cluster.must("DELETE", `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`);
        await webhook.stop();
      });
      const before = await podpass.metric("podpass_admission_requests_total");
      const pod = await createPod(name, "both", sidecarLabels);
      const calls = (await podpass.metric("podpass_admission_requests_total")) - before;
      if (when === "after") expect(calls).toBe(2);
      expect(pod.spec.containers.map((container) => container.name)).toEqual(["main", "metrics", "envoy"]);
      expect(containersWithout(pod, Object.values(audienceOf))).toEqual([]);
      await expectIdentityEverywhere(await bindPod(cluster, pod), ["aws", "anthropic"]);
    });
  });

  it("answers a dry run as if it were none, and leaves nothing behind", async () => {
    const { cluster } = current();
    const dry = await createPod("dry", "both", {}, "?dryRun=All");
    expect((await cluster.request("GET", "/api/v1/namespaces/default/pods/dry")).status).toBe(404);
    const real = await createPod("dry", "both");
    const comparable = ({ spec }: Pod) => ({
      ...spec,
      volumes: spec.volumes?.filter(({ name }) => !name.startsWith("kube-api-access-")),
    });
    const ownMounts = (pod: Pod) =>
      containersOf(pod).map(({ volumeMounts = [] }) => volumeMounts.filter(({ name }) => name.startsWith("podpass-")));
    expect(injected(dry)).toBe("aws,anthropic");
    expect(comparable(dry).volumes).toEqual(comparable(real).volumes);
    expect(ownMounts(dry)).toEqual(ownMounts(real));
  });

  it("gives every pod of 200 Deployments at once the identity of its own ServiceAccount, and nobody else's", async () => {
    const names = ["aws", "anthropic", "both", "podpass-canary"];
    const expected: Readonly<Record<string, string | undefined>> = {
      aws: "aws",
      anthropic: "anthropic",
      both: "aws,anthropic",
    };
    const deployments = Array.from({ length: 200 }, (_, index) => {
      const app = `many-${index}`;
      const labels = { app, many: "yes" };
      const serviceAccountName = names[index % names.length];
      const template = { metadata: { labels }, spec: { ...containers, serviceAccountName } };
      return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: app },
        spec: { replicas: 1, selector: selectorFor(app), template },
      };
    });
    await Promise.all(deployments.map((object) => create("/apis/apps/v1/namespaces/default/deployments", object)));
    await expect.poll(async () => (await podsOf("many=yes")).length, { timeout: 50_000, interval: 500 }).toBe(200);
    const pods = await podsOf("many=yes");
    const counted = new Map<string, number>();
    for (const pod of pods) {
      const account = pod.spec.serviceAccountName ?? "";
      counted.set(account, (counted.get(account) ?? 0) + 1);
      expect(injected(pod)).toBe(expected[account]);
      const audiences = (expected[account]?.split(",") ?? []).map((provider) => audienceOf[provider as Provider]);
      expect(containersWithout(pod, audiences)).toEqual([]);
      const own = pod.spec.volumes?.filter(({ name }) => name.startsWith("podpass-")) ?? [];
      expect(own.length).toBe(audiences.length);
    }
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(names.map((name) => [name, 50])));
  });
});
