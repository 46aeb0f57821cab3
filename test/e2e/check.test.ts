/** `podpass check` against a real API server: an installation that is whole, and one thing after the other that is not. */
import { afterEach, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { createAuthority } from "../../scripts/certificates.ts";
import { CHECK_IDS } from "../../src/check/checks.ts";
import { readVersion } from "../../src/check/versions.ts";
import { configurationDigest } from "../../src/cli/configuration-digest.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { PolicyObject } from "../../src/policies/objects.ts";
import { renderPolicies } from "../../src/policies/render.ts";
import { podpass, podpassInside } from "../cli/podpass.ts";
import type { User } from "../cluster/credentials.ts";
import { describeOnCluster, timeouts, useCluster } from "../cluster/harness.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { bindPod, runContainer } from "../cluster/node.ts";
import { applyPolicies } from "../cluster/policies.ts";
import { blocksOf, textOf } from "../docs/markdown.ts";
import { createAccount, podpassUser } from "./accounts.ts";
import {
  CLUSTER_RULES,
  collectionOf,
  type Installation,
  install,
  kubeconfigFor,
  NAMESPACE,
  PATHS,
} from "./installation.ts";
import { configuration } from "./podpass.ts";
import { program } from "./program.ts";

/** The policies of the installation's configuration, as its chart would be given them. */
const renderedPolicies = (gitVersion: string): readonly PolicyObject[] => {
  const read = readConfiguration(configuration(), { ownNamespace: NAMESPACE });
  if (!read.ok) return expect.unreachable("the configuration cannot be used");
  const minor = readVersion(gitVersion)?.minor ?? 0;
  const digest = configurationDigest(read.written);
  return renderPolicies(read.settings, { name: "podpass", minor, mode: "exact", digest }).objects;
};

/** Whoever runs the check, with no more rights than that takes. */
const checker: User = { name: "checker", groups: [] };
const CLUSTER_GROUP = "admissionregistration.k8s.io";

interface Finding {
  readonly id: string;
  readonly level: "pass" | "warn" | "fail";
  readonly message: string;
  readonly advice: string | null;
  readonly details: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

interface Report {
  readonly exitCode: number | null;
  readonly findings: readonly Finding[];
  readonly text: string;
}

describeOnCluster("podpass check", { timeout: 60_000 }, () => {
  const current = useCluster({ users: [podpassUser, checker] });
  let installation: Installation;
  /** What puts the cluster right again after a test. */
  const restore: (() => Promise<unknown>)[] = [];

  const run = async (args: readonly string[] = [], kubeconfig = current().kubeconfigPath): Promise<Report> => {
    const all = ["check", "-o", "json", "--kubeconfig", kubeconfig, ...args];
    const { stdout, stderr, exitCode } = await podpassInside(all);
    expect(stderr).toBe("");
    return { exitCode, findings: JSON.parse(stdout).checks, text: stdout };
  };
  const of = (report: Report, id: string): Finding => {
    const found = report.findings.find((finding) => finding.id === id);
    return found ?? expect.unreachable(`no finding ${id} in ${report.text}`);
  };
  const notPassed = ({ findings }: Report): readonly string[] =>
    findings.filter(({ level }) => level !== "pass").map(({ id, level }) => `${level} ${id}`);
  /** A change of webhooks is in force within seconds; so long `id` is asked again. */
  const until = async (id: string, level: Finding["level"]): Promise<Report> => {
    let report = await run();
    const isThere = async () => {
      report = await run();
      return of(report, id).level;
    };
    if (of(report, id).level !== level) await expect.poll(isThere, { timeout: 20_000 }).toBe(level);
    return report;
  };
  const allPass = async (): Promise<void> => {
    await until("webhook-called", "pass");
    await until("serviceaccounts-called", "pass");
  };
  const registerAccounts = () =>
    current().must("POST", collectionOf(PATHS.accountsWebhook), {
      metadata: { name: "podpass" },
      webhooks: [installation.accountsWebhook],
    });
  /** As if it had been written before Podpass was there. */
  const writeUnseen = async (account: Parameters<typeof createAccount>[1]): Promise<void> => {
    const attempt = () => createAccount(current(), account).then(() => "written", String);
    await expect.poll(attempt, { timeout: 20_000 }).toBe("written");
    restore.push(() =>
      current().must("DELETE", `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}`),
    );
  };
  const patchWebhook = async (change: object): Promise<void> => {
    restore.push(() => current().must("PATCH", PATHS.webhook, { webhooks: [installation.webhook] }));
    await current().must("PATCH", PATHS.webhook, { webhooks: [{ ...installation.webhook, ...change }] });
  };

  beforeAll(async () => {
    installation = await install(current());
    const { gitVersion } = await current().must<{ gitVersion: string }>("GET", "/version");
    await applyPolicies(current(), renderedPolicies(gitVersion));
    await current().must("POST", "/api/v1/namespaces", { metadata: { name: "production" } });
    await createAccount(current(), {
      name: "my-api",
      namespace: "production",
      annotations: {
        "podpass.dev/federate": "aws",
        "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
      },
    });
    await allPass();
  }, timeouts.start);
  afterEach(async () => {
    if (restore.length === 0) return;
    for (const undo of restore.splice(0).reverse()) await undo();
    await allPass();
  }, 60_000);

  it("finds a whole installation healthy", async () => {
    const report = await run(["--strict"]);
    expect(notPassed(report)).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(of(report, "webhook-called").message).toBe(
      "the API server called Podpass, and a dry-run pod of ServiceAccount production/my-api got aws",
    );
    expect(of(report, "serviceaccounts").data).toMatchObject({ federated: 1, byProvider: { aws: 1 } });
    const ids = report.findings.map(({ id }) => id);
    const left = CHECK_IDS.filter((id) => !ids.includes(id));
    // The replicas' pods only stand there: nobody can ask them. And below 1.36 nothing asks for the label.
    expect(left.filter((id) => id !== "policies-unlabelled")).toEqual(["pods-configuration", "serving-certificate"]);
    expect(of(report, "policies").data["policies"]).toMatchObject({ identity: "refuses", annotations: "refuses" });
  });

  it("says for people what it says for scripts, and leaves nothing behind", async () => {
    const { stdout, exitCode } = await podpass(["check", "--kubeconfig", current().kubeconfigPath]);
    expect(stdout).toContain("This installation is healthy: ");
    expect(exitCode).toBe(0);
    const pods = await current().must<{ items: unknown[] }>("GET", "/api/v1/namespaces/production/pods");
    expect(pods.items).toEqual([]);
  });

  it("says what is wrong where Podpass is down, under both failure policies", async () => {
    await installation.process.stop();
    restore.push(installation.start);
    const open = await until("webhook-called", "fail");
    expect(of(open, "webhook-called").message).toMatch(
      /^Podpass did not see a dry-run pod of ServiceAccount production\/my-api, and its policy refuses the pod: .*nothing has decided on it/,
    );
    expect(open.exitCode).toBe(1);
    await patchWebhook({ failurePolicy: "Fail" });
    await expect
      .poll(async () => of(await run(), "webhook-called").message, { timeout: 20_000 })
      .toMatch(/cannot call Podpass: .*connection refused/);
  });

  it("names a caBundle that is another CA's", async () => {
    const other = Buffer.from((await createAuthority("another")).ca).toString("base64");
    const clientConfig = { ...(installation.webhook["clientConfig"] as object), caBundle: other };
    await patchWebhook({ clientConfig, failurePolicy: "Fail" });
    const report = await until("webhook-called", "fail");
    expect(of(report, "webhook-called")).toMatchObject({
      message: expect.stringContaining("x509"),
      advice: expect.stringContaining("ca-bundle"),
    });
    expect(of(report, "ca-secret")).toMatchObject({
      level: "fail",
      message: expect.stringContaining("does not hold the CA in Secret podpass-system/podpass-ca"),
    });
    expect(report.text).not.toContain("the key");
  });

  it("names the same of the webhook for ServiceAccounts", async () => {
    const { accountsWebhook } = installation;
    const put = (webhook: object) => current().must("PATCH", PATHS.accountsWebhook, { webhooks: [webhook] });
    restore.push(() => put(accountsWebhook));
    const other = Buffer.from((await createAuthority("another")).ca).toString("base64");
    await put({
      ...accountsWebhook,
      clientConfig: { ...(accountsWebhook["clientConfig"] as object), caBundle: other },
    });
    const open = await until("serviceaccounts-called", "fail");
    expect(of(open, "serviceaccounts-called").message).toBe(
      "the API server let a dry-run ServiceAccount in production pass, and Podpass did not see it",
    );
    expect(of(open, "webhook-called").level).toBe("pass");
    expect(of(open, "ca-secret")).toMatchObject({
      level: "fail",
      message: expect.stringMatching(
        /^the caBundle of ValidatingWebhookConfiguration podpass does not hold the CA in Secret podpass-system\/podpass-ca/,
      ),
    });
  });

  it("says where the webhook for ServiceAccounts is missing", async () => {
    restore.push(registerAccounts);
    await current().must("DELETE", PATHS.accountsWebhook);
    const report = await run();
    expect(notPassed(report)).toEqual(["fail serviceaccounts-webhook"]);
    expect(report.findings.some(({ id }) => id === "serviceaccounts-called")).toBe(false);
    expect(report.exitCode).toBe(1);
    const skipped = await run(["--skip", "serviceaccounts-webhook"]);
    expect(skipped.exitCode).toBe(0);
  });

  it("names rights that are missing", async () => {
    const put = (rules: readonly object[]) => current().must("PATCH", PATHS.clusterRole, { rules });
    restore.push(() => put(CLUSTER_RULES));
    await put(CLUSTER_RULES.slice(0, 1));
    const report = await until("permissions-needed", "fail");
    expect(of(report, "permissions-needed").data["missing"]).toEqual([
      "get mutatingwebhookconfigurations.admissionregistration.k8s.io podpass",
      "patch mutatingwebhookconfigurations.admissionregistration.k8s.io podpass, or update mutatingwebhookconfigurations.admissionregistration.k8s.io podpass",
      "get validatingwebhookconfigurations.admissionregistration.k8s.io podpass",
      "patch validatingwebhookconfigurations.admissionregistration.k8s.io podpass, or update validatingwebhookconfigurations.admissionregistration.k8s.io podpass",
    ]);
    expect(report.exitCode).toBe(1);
  });

  const EVERYTHING = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  const DANGEROUS = [
    { apiGroups: [""], resources: ["secrets"], verbs: ["list"] },
    { apiGroups: [""], resources: ["pods", "pods/exec"], verbs: ["create"] },
    {
      apiGroups: [CLUSTER_GROUP],
      resources: [
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
        "validatingadmissionpolicybindings",
      ],
      verbs: ["patch"],
    },
  ];

  it.each([
    ["everything", [EVERYTHING], ["* *.*"]],
    [
      "some",
      DANGEROUS,
      [
        "list secrets",
        "create pods",
        "create pods/exec",
        `patch mutatingwebhookconfigurations.${CLUSTER_GROUP} podpass-check-another-object`,
        `patch validatingwebhookconfigurations.${CLUSTER_GROUP} podpass-check-another-object`,
        `patch validatingadmissionpolicybindings.${CLUSTER_GROUP}`,
      ],
    ],
  ])("names rights that are too many: %s", async (_, rules, excess) => {
    const put = (all: readonly object[]) => current().must("PATCH", PATHS.clusterRole, { rules: all });
    restore.push(() => put(CLUSTER_RULES));
    await put([...CLUSTER_RULES, ...rules]);
    const report = await until("permissions-excess", "warn");
    expect(of(report, "permissions-excess").data["excess"]).toEqual(excess);
    expect(report.exitCode).toBe(0);
    expect((await run(["--strict"])).exitCode).toBe(1);
  });

  it("places what is wrong with the configuration", async () => {
    const put = (text: string) => current().must("PATCH", PATHS.configMap, { data: { "configuration.yaml": text } });
    restore.push(() => put(configuration()));
    await put(`${configuration()}providers: { aws: { preset: amazon } }\n`);
    const report = await run();
    expect(of(report, "configuration")).toMatchObject({
      level: "fail",
      message: "ConfigMap podpass-system/podpass cannot be used: 1 problem",
      details: [expect.stringMatching(/^3:\d+: providers\.aws\.preset: /)],
    });
    expect(report.exitCode).toBe(1);
  });

  it("names ServiceAccounts that cannot be resolved, that are typed wrongly, and that the webhook does not see", async () => {
    const accounts = [
      { name: "bad", namespace: "production", annotations: { "podpass.dev/federate": "aws,\u001b[31mnobody" } },
      { name: "typo", namespace: "production", annotations: { "podpass.dev/federat": "aws" } },
      { name: "hidden", namespace: NAMESPACE, annotations: { "podpass.dev/federate": "openai" } },
    ];
    await current().must("DELETE", PATHS.accountsWebhook);
    for (const account of accounts) await writeUnseen(account);
    await registerAccounts();
    const report = await until("serviceaccounts-called", "pass");
    expect(notPassed(report)).toEqual([
      "warn serviceaccounts-excluded",
      "warn serviceaccounts-unresolved",
      "warn serviceaccounts-unread-keys",
    ]);
    expect(of(report, "serviceaccounts-unresolved")).toMatchObject({
      data: { invalid: 2 },
      details: expect.arrayContaining([expect.stringContaining("production/bad: ")]),
    });
    expect(of(report, "serviceaccounts-excluded").details).toEqual(["podpass-system: 1 ServiceAccount"]);
    expect(of(report, "serviceaccounts-unread-keys").details).toEqual([
      'production/typo: ServiceAccount annotation "podpass.dev/federat" is ignored: did you mean "federate"?',
    ]);
    const { stdout } = await podpass(["check", "--kubeconfig", current().kubeconfigPath]);
    expect(stdout).not.toContain("\u001b");
  });

  it("judges a certificate that is mounted from a Secret, and the configuration that there is without one", async () => {
    const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`;
    const stringData = { "tls.crt": installation.certificate, "tls.key": "the key" };
    await current().must("POST", secrets, { metadata: { name: "podpass-tls" }, stringData });
    const { spec } = await current().must<{ readonly spec: object }>("GET", PATHS.deployment);
    restore.push(() => current().must("PATCH", PATHS.deployment, { spec }));
    const container = { name: "podpass", image: "registry.example.com/podpass:0.1.0" };
    const mounted = {
      ...container,
      args: ["serve", "--tls-cert=/tls/tls.crt"],
      volumeMounts: [{ name: "tls", mountPath: "/tls" }],
    };
    const volumes = [{ name: "tls", secret: { secretName: "podpass-tls" } }];
    await current().must("PATCH", PATHS.deployment, {
      spec: { template: { spec: { containers: [mounted], volumes } } },
    });
    const report = await run();
    expect(of(report, "serving-certificate")).toMatchObject({
      level: "pass",
      message: expect.stringMatching(/\d days left/),
    });
    expect(of(report, "configuration").message).toContain("every preset under its own name");
    expect(of(report, "permissions-needed").level).toBe("pass");
    expect(notPassed(report)).toEqual([]);
  });

  it("warns of what stands in Podpass' own way", async () => {
    await patchWebhook({ namespaceSelector: {}, failurePolicy: "Fail", objectSelector: { matchLabels: { a: "b" } } });
    const report = await run();
    expect(of(report, "namespaces")).toMatchObject({ level: "fail", message: expect.stringContaining(NAMESPACE) });
    expect(of(report, "webhook-rules").level).toBe("warn");
  });

  it("names the installation that there is where another was asked for", async () => {
    const report = await run(["--name", "other", "-n", "elsewhere"]);
    expect(report.exitCode).toBe(1);
    expect(of(report, "deployment").level).toBe("fail");
    expect(of(report, "webhook").details).toEqual(["podpass (Service podpass-system/podpass)"]);
  });

  it("judges everything with the rights that its page names", async () => {
    const [block] = blocksOf(textOf("docs/check.md")).filter(({ language }) => language === "yaml");
    await current().must("POST", PATHS.clusterRole.replace(/\/podpass$/, ""), parse(block?.text ?? ""));
    await current().must("POST", PATHS.clusterRoleBindings, {
      metadata: { name: checker.name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "podpass-check" },
      subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: checker.name }],
    });
    const kubeconfig = await kubeconfigFor(current(), checker.name, current().userToken(checker.name));
    const missing = async () => notPassed(await run([], kubeconfig));
    await expect.poll(missing, { timeout: 10_000 }).toEqual([]);
  });

  it("judges with the rights of Podpass' own ServiceAccount what it may read, and names what it may not", async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/podpass/token`;
    const { status } = await current().must<{ status: { token: string } }>("POST", path, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    });
    const report = await run([], await kubeconfigFor(current(), "own", status.token));
    expect(report.findings.filter(({ level }) => level === "fail")).toEqual([]);
    expect(report.exitCode).toBe(0);
    expect(of(report, "permissions-excess").level).toBe("pass");
    expect(of(report, "deployment").data).toEqual({
      missingPermission: "get deployments.apps podpass in podpass-system",
    });
    expect(of(report, "webhook").level).toBe("pass");
    expect(of(report, "other-webhooks").data["missingPermission"]).toMatch(/^list mutatingwebhookconfigurations/);
    expect(of(report, "webhook-called").data["missingPermission"]).toBe("create pods");
    expect(of(report, "serviceaccounts-webhook").level).toBe("pass");
    expect(of(report, "serviceaccounts-called").data["missingPermission"]).toBe("create serviceaccounts");
  });

  it("works in a pod, with what its ServiceAccount may read and the configuration that is mounted", async () => {
    const data = { "ca.crt": current().caPem };
    await current().must("POST", `/api/v1/namespaces/${NAMESPACE}/configmaps`, {
      metadata: { name: "kube-root-ca.crt" },
      data,
    });
    const created = await current().must<Pod>("POST", `/api/v1/namespaces/${NAMESPACE}/pods`, {
      metadata: { name: "check" },
      spec: { serviceAccountName: "podpass", containers: [{ name: "podpass", image: "example.com/none" }] },
    });
    const mounted = "/etc/podpass/configuration.yaml";
    const { stdout, stderr, exitCode } = await runContainer({
      cluster: current(),
      pod: await bindPod(current(), created),
      container: "podpass",
      command: [process.execPath, program(), "check", "-o", "json", "--config", mounted],
      files: { [mounted]: configuration() },
      env: { HOME: "/nonexistent" },
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const report: Report = { exitCode, findings: JSON.parse(stdout).checks, text: stdout };
    for (const id of ["configuration", "webhook", "ca-bundle", "permissions-needed", "serviceaccounts"])
      expect(of(report, id).level).toBe("pass");
    expect(of(report, "policies")).toMatchObject({
      level: "warn",
      data: { missingPermission: "list validatingadmissionpolicies.admissionregistration.k8s.io" },
    });
  });

  it("cannot be done without a cluster, or with credentials that nobody knows", async () => {
    const unknown = await kubeconfigFor(current(), "nobody", "no-such-token");
    for (const [args, message] of [
      [["--kubeconfig", unknown], "the cluster cannot be asked: the API server answered 401"],
      [["--kubeconfig", current().kubeconfigPath, "--context", "none"], 'has no context "none"; allowed: '],
    ] as const) {
      const { stdout, stderr, exitCode } = await podpass(["check", ...args]);
      expect(stderr).toContain(message);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    }
  });
});
