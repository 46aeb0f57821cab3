/** The chart on a real API server. There is no node, so its pods are created and never run. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { apply, foreignKinds, pathOf } from "../chart/objects.ts";
import { excessive, needed, type Right } from "../chart/rights.ts";
import { valueSets } from "../chart/value-sets.ts";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeOnCluster, useCluster } from "../cluster/harness.ts";
import {
  chart,
  describeWithHelm,
  helm,
  mustHelm,
  objectsIn,
  type Rendered,
  render,
  type Values,
} from "../cluster/helm/harness.ts";
import { textOf } from "../docs/markdown.ts";
import { eventually } from "../support/eventually.ts";

const namespace = "podpass-system";
const account = `system:serviceaccount:${namespace}:podpass`;
const asPodpass = {
  "impersonate-user": account,
  "impersonate-group": "system:serviceaccounts",
};
const webhookPath = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass";
const secretPath = `/api/v1/namespaces/${namespace}/secrets/podpass-ca`;
const caBundle = Buffer.from("-----BEGIN CERTIFICATE-----\n").toString("base64");

const inShell = promisify(execFile);

const programsFolder = (): string => {
  const programs = inject("controlPlane");
  return programs?.kind === "found" ? programs.folder : "";
};

const makeNamespace = (cluster: Cluster, name: string): Promise<ApiObject> =>
  cluster.must("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });

/** A command of Helm on the cluster. */
const onCluster = (cluster: Cluster, command: string, ...args: readonly string[]): readonly string[] => [
  ...[command, ...args, `--kubeconfig=${cluster.kubeconfigPath}`, `--namespace=${namespace}`],
];

const versionOf = async (cluster: Cluster): Promise<string> =>
  (await cluster.must<{ gitVersion: string }>("GET", "/version")).gitVersion;

const mirror = "kubernetes.io/config.mirror";

const pod = (name: string, annotations = {}): unknown => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, annotations },
  spec: {
    ...(mirror in annotations && { nodeName: "node-1" }),
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "main",
        image: "example.com/none",
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

const tryPod = async (cluster: Cluster, where: string, annotations = {}): Promise<number> => {
  const path = `/api/v1/namespaces/${where}/pods?dryRun=All`;
  return (await cluster.request("POST", path, pod("trial", annotations), { timeoutMs: 30_000 })).status;
};

describeOnCluster("the chart on a real API server", () => {
  describeWithHelm("with Helm", () => {
    const cluster = useCluster({ controllerManager: true });

    beforeAll(async () => {
      await makeNamespace(cluster(), namespace);
      for (const kind of foreignKinds) expect((await apply(cluster(), kind)).status).toBe(201);
      const [{ metadata }] = foreignKinds.slice(-1) as [Rendered];
      await eventually(async () => {
        const { body } = await cluster().request(
          "GET",
          `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`,
        );
        expect(JSON.stringify(body["status"])).toContain('"Established","status":"True"');
      });
    });

    it.each(Object.entries(valueSets))("takes every object, strictly validated: %s", async (_, values) => {
      const answers = await Promise.all(
        (await render({ values, kubernetes: await versionOf(cluster()) })).map(async (object) => {
          const { status, body } = await apply(cluster(), object, { isDryRun: true });
          return status < 300 ? [] : [`${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`];
        }),
      );
      expect(answers.flat()).toEqual([]);
    });

    it("takes the plain manifests, strictly validated", async () => {
      const objects = objectsIn(textOf("deploy/podpass.yaml"));
      const answers = await Promise.all(objects.map((object) => apply(cluster(), object, { isDryRun: true })));
      expect(answers.filter(({ status }) => status >= 300).map(({ body }) => body)).toEqual([]);
    });

    it("is installed by who administers a namespace alone, once the rest is there", async () => {
      const user = "team-admin";
      await cluster().must("POST", `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: user },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
      });
      const asTeam = (command: string, ...args: readonly string[]) =>
        helm(onCluster(cluster(), command, "team", ...args, `--kube-as-user=${user}`));
      expect((await asTeam("install", chart)).stderr).toMatch(/team-admin.* cannot/su);
      await asTeam("uninstall", "--ignore-not-found");
      const switches = ["--set=clusterObjects.create=false", "--set=resourceQuota.create=false"];
      expect(await asTeam("install", chart, ...switches)).toMatchObject({ code: 0 });
      expect(await asTeam("uninstall")).toMatchObject({ code: 0 });
    });

    describe("installed", () => {
      const read = <Body = ApiObject>(path: string) => cluster().must<Body>("GET", path);
      const upgrade = (values: Values, ...args: readonly string[]) =>
        mustHelm(onCluster(cluster(), "upgrade", "podpass", chart, ...args), values);

      /** What Podpass writes once it runs, with its own rights. */
      const writeAsPodpass = async () => {
        const webhook = { name: "pods.podpass.dev", clientConfig: { caBundle } };
        const written = [
          await apply(
            cluster(),
            { ...secret, data: { "ca.crt": "YQ==", "ca.key": "Yg==" } },
            { manager: "podpass", headers: asPodpass },
          ),
          await cluster().request(
            "PATCH",
            webhookPath,
            { webhooks: [webhook] },
            {
              contentType: "application/strategic-merge-patch+json",
              headers: asPodpass,
            },
          ),
        ];
        expect(written.map(({ status }) => status)).toEqual([200, 200]);
      };
      const secret: Rendered = { apiVersion: "v1", kind: "Secret", metadata: { name: "podpass-ca", namespace } };

      const expectKept = async () => {
        expect(await read(secretPath)).toMatchObject({ data: { "ca.crt": "YQ==", "ca.key": "Yg==" } });
        expect(await read(webhookPath)).toMatchObject({ webhooks: [{ clientConfig: { caBundle } }] });
      };

      let notes = "";
      beforeAll(async () => {
        notes = await mustHelm(onCluster(cluster(), "install", "podpass", chart), {});
      });

      it("says how to see that it works, in commands that work", async () => {
        expect(notes).toContain("kubectl -n podpass-system rollout status deployment/podpass");
        const [create = "", run = ""] = ["create serviceaccount podpass-hello", "run podpass-hello [\\s\\S]*?'\n"].map(
          (command) => new RegExp(`kubectl -n default ${command}`, "u").exec(notes)?.[0] ?? "",
        );
        const { stdout } = await inShell("sh", ["-c", `${create} && ${run}`], {
          env: {
            PATH: `${programsFolder()}:${process.env["PATH"]}`,
            KUBECONFIG: cluster().kubeconfigPath,
            HOME: cluster().directory,
          },
        });
        expect(stdout).toContain("serviceAccountName: podpass-hello");
      });

      it("has pods that the level restricted and the quota admit", async () => {
        await eventually(async () => {
          const pods = await read<{ items: readonly ApiObject[] }>(`/api/v1/namespaces/${namespace}/pods`);
          expect(pods.items).toHaveLength(2);
        });
      });

      it("lets an upgrade and a rollback leave alone what Podpass writes", async () => {
        await writeAsPodpass();
        const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/podpass`;
        const generation = async () => (await read(deploymentPath)).metadata as unknown as { generation: number };
        const before = await generation();
        await upgrade({ configuration: { policy: { enforcement: "Warn" } }, webhook: { timeoutSeconds: 2 } });
        expect(await read(webhookPath)).toMatchObject({ webhooks: [{ timeoutSeconds: 2 }] });
        await expectKept();
        expect((await generation()).generation).toBe(before.generation);
        await mustHelm(onCluster(cluster(), "rollback", "podpass", "1"));
        expect(await read(webhookPath)).toMatchObject({ webhooks: [{ timeoutSeconds: 10 }] });
        await expectKept();
        // As Helm 3 does it.
        await upgrade({ webhook: { timeoutSeconds: 3 } }, "--server-side=false");
        expect(await read(webhookPath)).toMatchObject({ webhooks: [{ timeoutSeconds: 3 }] });
        await expectKept();
      });

      it("can do what it needs, and nothing else", async () => {
        const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
        const may = async (resourceAttributes: Right): Promise<boolean> => {
          const { status } = await cluster().must<{ status: { allowed: boolean } }>(
            "POST",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            {
              apiVersion: "authorization.k8s.io/v1",
              kind: "SubjectAccessReview",
              spec: { user: account, groups, resourceAttributes },
            },
          );
          return status.allowed;
        };
        const which = async (rights: readonly Right[]) => {
          const answers = await Promise.all(rights.map(may));
          return rights.filter((_, index) => answers[index]);
        };
        expect(await which(needed)).toEqual(needed);
        expect(await which(excessive)).toEqual([]);
      });

      it("can bring its Secret back by server-side apply, and no other", async () => {
        await cluster().must("DELETE", secretPath);
        const named = (name: string): Rendered => ({
          ...secret,
          metadata: { name, namespace },
          data: { "ca.crt": "YQ==" },
        });
        const asItself = { manager: "podpass", headers: asPodpass };
        expect((await apply(cluster(), named("podpass-ca"), asItself)).status).toBe(201);
        expect((await apply(cluster(), named("another"), asItself)).status).toBe(403);
        const posted = await cluster().request("POST", secretPath.replace("/podpass-ca", ""), named("podpass-ca"), {
          headers: asPodpass,
        });
        expect(posted.status).toBe(403);
      });

      it("fails open, which the API server counts under the names that the alert asks for", async () => {
        await eventually(async () => {
          expect(await tryPod(cluster(), "default")).toBe(201);
          const metrics = await read<string>("/metrics");
          expect(metrics).toMatch(
            /^apiserver_admission_webhook_fail_open_count\{name="pods\.podpass\.dev",type="admit"\} [1-9]/mu,
          );
        });
      });

      it("fails closed where it is told to, but never for itself, kube-system and who has nothing to be judged", async () => {
        await upgrade({ webhook: { failurePolicy: "Fail", timeoutSeconds: 1 } });
        await eventually(async () => expect(await tryPod(cluster(), "default")).toBe(500));
        expect(await tryPod(cluster(), namespace)).toBe(201);
        await cluster()
          .must("POST", "/api/v1/namespaces/kube-system/serviceaccounts", {
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: { name: "default" },
          })
          .catch(() => undefined);
        expect(await tryPod(cluster(), "kube-system")).toBe(201);
        expect(await tryPod(cluster(), "default", { "podpass.dev/inject": "false" })).toBe(201);
        expect(await tryPod(cluster(), "default", { [mirror]: "a-checksum" })).toBe(201);
        expect(await read<string>("/metrics")).toMatch(
          /^apiserver_admission_webhook_rejection_count\{error_type="calling_webhook_error",name="pods\.podpass\.dev",.*\} [1-9]/mu,
        );
        await upgrade({
          webhook: { failurePolicy: "Fail", timeoutSeconds: 1 },
          configuration: { policy: { tokens: {} } },
        });
        await eventually(async () =>
          expect(await tryPod(cluster(), "default", { "podpass.dev/inject": "false" })).toBe(500),
        );
      });

      it("stands beside another installation, and not under the same name", async () => {
        const other = onCluster(cluster(), "install", "other", chart);
        await mustHelm(other, { configuration: { annotationPrefix: "other.example.com" } });
        expect(await read(webhookPath.replace(/podpass$/u, "other-podpass"))).toMatchObject({
          webhooks: [{ clientConfig: { service: { name: "other-podpass" } } }],
        });
        await mustHelm(onCluster(cluster(), "uninstall", "other"));
        const same = await helm([
          ...["install", "podpass", chart, "--namespace=default", `--kubeconfig=${cluster().kubeconfigPath}`],
        ]);
        expect(same.stderr).toMatch(/ClusterRole "podpass".* exists and cannot be imported into the current release/u);
      });

      it("is gone after an uninstall, the webhook configurations first", async () => {
        // It was upgraded to a configuration whose policies it was not given; test/e2e/policies/chart.test.ts has those.
        const objects = await render({
          kubernetes: await versionOf(cluster()),
          values: { policies: { enabled: false } },
        });
        const { stderr, code } = await helm([...onCluster(cluster(), "uninstall", "podpass"), "--debug"]);
        expect(code, stderr).toBe(0);
        const order = objects
          .map(({ kind }) => ({ kind, at: stderr.search(new RegExp(`kind=${kind}\\b`, "u")) }))
          .sort((a, b) => a.at - b.at);
        expect(order.filter(({ at }) => at === -1)).toEqual([]);
        expect(
          order
            .slice(0, 2)
            .map(({ kind }) => kind)
            .sort(),
        ).toEqual(["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]);
        const left = await Promise.all(
          objects.map(async (object) => ({
            path: pathOf(object),
            ...(await cluster().request("GET", pathOf(object))),
          })),
        );
        expect(left.filter(({ status }) => status !== 404).map(({ path }) => path)).toEqual([]);
        await eventually(async () => expect(await tryPod(cluster(), "default")).toBe(201));
      });
    });
  });
});
