/** `podpass status` against a real API server: pods that were admitted by Podpass, before it, without it and since. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { podpassInside } from "../cli/podpass.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { User } from "../cluster/credentials.ts";
import { describeOnCluster, timeouts } from "../cluster/harness.ts";
import { useEnvironment } from "./environment.ts";
import { kubeconfigFor } from "./installation.ts";
import { configuration } from "./podpass.ts";

/** Whoever asks, with no more rights than that takes. */
const asker: User = { name: "asker", groups: [] };
const RBAC = "rbac.authorization.k8s.io";

/** The rights that the page names, as it writes them down. */
const rights = (): readonly { kind: string; metadata: { name: string } }[] => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/status.md"), "utf8");
  const [, written = ""] = /```yaml\n(apiVersion: rbac[^`]*)```/.exec(page) ?? [];
  return parseAllDocuments(written).map((document) => document.toJS());
};

const grant = async (cluster: Cluster): Promise<void> => {
  for (const right of rights()) {
    const { kind, metadata } = right;
    const place = kind === "Role" ? "namespaces/podpass-system/" : "";
    const api = `/apis/${RBAC}/v1/${place}${kind.toLowerCase()}`;
    await cluster.must("POST", `${api}s`, right);
    await cluster.must("POST", `${api}bindings`, {
      metadata: { name: "asker" },
      roleRef: { apiGroup: RBAC, kind, name: metadata.name },
      subjects: [{ apiGroup: RBAC, kind: "User", name: asker.name }],
    });
  }
};

const ROLE = "arn:aws:iam::123456789012:role/reports";
const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": ROLE };

/** A pod as a Deployment's ReplicaSet makes it. */
const podOf = (deployment: string, serviceAccountName: string, more: object = {}) => ({
  metadata: {
    generateName: `${deployment}-7c5-`,
    labels: { "pod-template-hash": "7c5" },
    ownerReferences: [
      {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: `${deployment}-7c5`,
        uid: "00000000-0000-4000-8000-000000000000",
        controller: true,
      },
    ],
    ...more,
  },
  spec: {
    serviceAccountName,
    automountServiceAccountToken: false,
    containers: [{ name: "app", image: "example.com/none" }],
  },
});

interface Report {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

describeOnCluster("podpass status", () => {
  let ask: (...args: readonly string[]) => Promise<Report>;
  let askInstallation: typeof ask;
  const environment = useEnvironment({ cluster: { users: [{ name: "podpass", groups: [] }, asker] } }, async (env) => {
    const { cluster } = env;
    await cluster.must("POST", "/api/v1/namespaces", { metadata: { name: "podpass-system" } });
    await cluster.must("POST", "/api/v1/namespaces/podpass-system/configmaps", {
      metadata: { name: "podpass" },
      data: { "configuration.yaml": configuration() },
    });
    await grant(cluster);
    const kubeconfig = await kubeconfigFor(cluster, "asker", cluster.userToken(asker.name));
    const config = join(cluster.directory, "status-config.yaml");
    writeFileSync(config, configuration());
    askInstallation = (...args) => podpassInside(["status", "--kubeconfig", kubeconfig, ...args]);
    ask = (...args) => askInstallation("--config", config, ...args);
    await env.create([
      { name: "reports", annotations: AWS },
      { name: "later" },
      { name: "broken", annotations: { ...AWS, "aws.podpass.dev/role-arn": "no ARN" } },
      { name: "plain" },
    ]);
  });

  const annotate = (name: string, annotations: Readonly<Record<string, string>>) =>
    environment().cluster.must(
      "PATCH",
      `/api/v1/namespaces/default/serviceaccounts/${name}`,
      { metadata: { annotations } },
      { contentType: "application/merge-patch+json" },
    );
  const create = (body: object) => environment().cluster.must("POST", "/api/v1/namespaces/default/pods", body);

  it("tells what each workload's pods have, and what to run", { timeout: timeouts.test }, async () => {
    for (let index = 0; index < 3; index++) await create(podOf("web", "reports"));
    await create(podOf("worker", "later"));
    await create(podOf("plain", "plain"));
    await create(podOf("quiet", "reports", { annotations: { "podpass.dev/inject": "false" } }));

    const before = JSON.parse((await ask("-o", "json")).stdout);
    expect(before).toMatchObject({ healthy: false, pods: 6, federatedPods: 4 });
    expect(before.states).toMatchObject({ current: 3, "opted-out": 1, missing: 0, stale: 0 });

    await annotate("later", { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": ROLE });
    await annotate("reports", { "aws.podpass.dev/role-arn": `${ROLE}-2` });
    const { stdout, exitCode } = await ask("-o", "json");
    const after = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(after.states).toMatchObject({ current: 0, stale: 3, missing: 1, "opted-out": 1 });
    expect(after.workloads).toMatchObject([
      {
        workload: "deployment/worker",
        serviceAccount: "later",
        states: [{ provider: "aws", state: "missing", pods: 1 }],
      },
      { workload: "deployment/quiet", states: [{ state: "opted-out" }] },
      { workload: "deployment/web", pods: 3, states: [{ state: "stale", pods: 3 }] },
    ]);
    expect(after.serviceAccounts.find(({ name }: { name: string }) => name === "broken").problems).toHaveLength(1);

    const { stdout: text } = await ask();
    expect(text).toContain("  kubectl -n default rollout restart deployment/web\n");
    expect(text).toContain("5 pods of 6 with 3 federated ServiceAccounts");
    expect(text).toContain("default/broken (0 pods)");
  });

  it("reads the installation's configuration with no more rights than the page names", {
    timeout: timeouts.test,
  }, async () => {
    const [byFile, byInstallation] = [await ask("-o", "json"), await askInstallation("-o", "json")];
    expect(byInstallation).toEqual(byFile);
    expect(byInstallation).toMatchObject({ exitCode: 1, stderr: "" });
  });

  it("with filters, and page by page where there are many", { timeout: timeouts.test }, async () => {
    await Promise.all(Array.from({ length: 260 }, () => create(podOf("many", "reports"))));
    const { stdout, exitCode } = await ask("-o", "json", "-n", "default", "--provider", "aws", "--problems");
    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.states).toMatchObject({ current: 260, stale: 3, missing: 1 });
    expect(report.workloads.map(({ workload }: { workload: string }) => workload)).toEqual([
      "deployment/worker",
      "deployment/web",
    ]);
  });

  it("tells pods that the webhook is not asked about, and has no restart for them", {
    timeout: timeouts.test,
  }, async () => {
    const { cluster, create: createAccounts } = environment();
    await createAccounts([{ name: "reports", namespace: "kube-system", annotations: AWS }]);
    await cluster.must("POST", "/api/v1/namespaces/kube-system/pods", podOf("hidden", "reports"));
    const { stdout, stderr, exitCode } = await ask("-n", "kube-system", "-o", "wide");
    expect([exitCode, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/deployment\/hidden +aws +1 +not-seen/);
    expect(stdout).toContain(
      "1 workload in kube-system: the webhook's namespaceSelector leaves the namespace out: kubernetes.io/metadata.name NotIn (kube-system)\n",
    );
    expect(stdout).not.toContain("rollout restart");

    await cluster.must(
      "PATCH",
      "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass",
      { webhooks: [{ name: "pods.podpass.dev", namespaceSelector: { matchLabels: { team: "a" } } }] },
      { contentType: "application/strategic-merge-patch+json" },
    );
    const byLabel = JSON.parse((await ask("-n", "default", "-o", "json")).stdout);
    expect(byLabel.states).toMatchObject({ "not-seen": 264, missing: 0, stale: 0, current: 0 });
    expect(byLabel.remedies).toEqual([]);
    await cluster.must(
      "PATCH",
      "/api/v1/namespaces/default",
      { metadata: { labels: { team: "a" } } },
      { contentType: "application/merge-patch+json" },
    );
    const labelled = JSON.parse((await ask("-o", "json")).stdout);
    expect(labelled.states).toMatchObject({ "not-seen": 1, current: 260, stale: 3, missing: 1 });
  });

  it("judges as if all were seen where it may not know, and says so", { timeout: timeouts.test }, async () => {
    const { stdout, stderr } = await ask("-n", "kube-system", "-o", "json", "--installation", "podpass-system/other");
    expect(JSON.parse(stdout).states).toMatchObject({ missing: 1, "not-seen": 0 });
    expect(stderr).toBe(
      "podpass: MutatingWebhookConfiguration other is not read, so what it does not see counts as missing: these credentials need get mutatingwebhookconfigurations.admissionregistration.k8s.io other\n",
    );
  });

  it("says what it lacks", async () => {
    const { cluster } = environment();
    const kubeconfig = await kubeconfigFor(cluster, "podpass-alone", cluster.userToken("podpass"));
    const { stderr, exitCode } = await podpassInside(["status", "--kubeconfig", kubeconfig]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("these credentials need get configmaps podpass in podpass-system");
    const config = join(cluster.directory, "status-config.yaml");
    const other = await podpassInside(["status", "--kubeconfig", kubeconfig, "--config", config]);
    expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("list on serviceaccounts and pods") });
    expect(await ask("--provider", "nothing")).toMatchObject({ exitCode: 2 });
    expect(await ask("--installation", "a b")).toMatchObject({ exitCode: 2 });
  });
});
