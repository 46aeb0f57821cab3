/** The chart's policies on a real API server, from the installation to the last object. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { podpassInside } from "../../cli/podpass.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { chart, describeWithHelm, helm, mustHelm, type Values } from "../../cluster/helm/harness.ts";
import { eventually } from "../../support/eventually.ts";

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const PLURALS = [
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "mutatingadmissionpolicies",
  "mutatingadmissionpolicybindings",
];
const HEAD = { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration" };
const awsWith = (audience: string) => ({ providers: { aws: { preset: "aws", token: { audience } } } });

const folder = mkdtempSync(join(tmpdir(), "podpass-chart-upgrade-"));
const fileOf = (configuration: object, name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...HEAD, ...configuration }));
  return path;
};
const [OLD, NEW] = [awsWith("old"), awsWith("new")];
const [oldFile, newFile] = [fileOf(OLD, "old.json"), fileOf(NEW, "new.json")];

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const isRefusing = ({ metadata }: Stored): boolean => !/^podpass-(?:inject|label)\./u.test(metadata.name);

describeOnCluster("the chart's policies on a real API server", () => {
  describeWithHelm("with Helm", () => {
    const cluster = useCluster({ controllerManager: true });

    const onCluster = (command: string, ...args: readonly string[]): readonly string[] => [
      ...[command, "podpass", ...args, `--kubeconfig=${cluster().kubeconfigPath}`, "--namespace=podpass-system"],
    ];
    const upgrade = (values: Values) => mustHelm(onCluster("upgrade", chart, "--reset-values"), values);
    const kubernetes = async () => (await cluster().must<{ gitVersion: string }>("GET", "/version")).gitVersion;
    const rendered = async (...args: readonly string[]): Promise<string> =>
      (await podpassInside(["policies", "--kubernetes", await kubernetes(), ...args])).stdout;

    /** What is stored of all four kinds. An API server without one has none of it. */
    const stored = async (): Promise<readonly Stored[]> => {
      const lists = await Promise.all(
        PLURALS.map((plural) => cluster().request<{ items?: readonly Stored[] }>("GET", `${GROUP}/${plural}`)),
      );
      return lists.flatMap(({ body }) => body.items ?? []);
    };
    // Of what refuses. What serves is what both configurations serve alike, and goes for a while where that is nothing.
    const uids = async () => {
      const refusing = (await stored()).filter(isRefusing);
      expect(refusing.length).toBeGreaterThan(0);
      return new Set(refusing.map(({ metadata }) => metadata.uid));
    };

    /** What becomes of a pod of the federated account with this audience in its token; undefined: without any. */
    const podWith = async (audience?: string): Promise<number> => {
      const sources = [{ serviceAccountToken: { audience, path: "token" } }];
      const { status } = await cluster().request("POST", "/api/v1/namespaces/default/pods?dryRun=All", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { generateName: "pod-", annotations: audience && { "podpass.dev/injected": "aws" } },
        spec: {
          serviceAccountName: "fed",
          automountServiceAccountToken: false,
          containers: [{ name: "main", image: "example.com/none" }],
          ...(audience !== undefined && { volumes: [{ name: "token", projected: { sources } }] }),
        },
      });
      return status;
    };
    const expectPods = (expected: readonly [old: number, later: number]) =>
      eventually(async () => {
        expect([await podWith("old"), await podWith("new")]).toEqual(expected);
      });

    beforeAll(async () => {
      await cluster().must("POST", "/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "podpass-system" },
      });
      await createServiceAccount(cluster(), "fed", {
        "podpass.dev/federate": "aws",
        "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/fed",
      });
      await mustHelm(onCluster("install", chart), {});
    });

    it("are there after an installation, and refuse", async () => {
      expect((await stored()).map(({ metadata }) => metadata.name)).toContain("podpass-identity.podpass.dev");
      await eventually(async () => expect(await podWith("old")).toBe(403));
    });

    describe("with a configuration", () => {
      it("are changed in place through the union, and never missing", async () => {
        await upgrade({ configuration: OLD, policies: { rendered: await rendered("--config", oldFile) } });
        await expectPods([201, 403]);
        const before = await uids();
        const union = await rendered("--config", newFile, "--union-with", oldFile);
        const refused = async () => expect(await podWith("evil")).toBe(403);
        await upgrade({ configuration: OLD, policies: { rendered: union } });
        await refused();
        await expectPods([201, 201]);
        await upgrade({ configuration: NEW, policies: { rendered: union } });
        await refused();
        await expectPods([201, 201]);
        await upgrade({ configuration: NEW, policies: { rendered: await rendered("--config", newFile) } });
        await refused();
        await expectPods([403, 201]);
        expect(await uids()).toEqual(before);
      });

      it("come back as they were with a rollback", async () => {
        const before = await uids();
        await mustHelm(onCluster("rollback", "2"));
        await expectPods([201, 403]);
        expect(await uids()).toEqual(before);
      });

      it("are not upgraded to those of another configuration", async () => {
        const policies = { rendered: await rendered("--config", oldFile) };
        const { code, stderr } = await helm(onCluster("upgrade", chart), { configuration: NEW, policies });
        expect(stderr).toContain("policies.rendered is of another configuration");
        expect(code).not.toBe(0);
        await expectPods([201, 403]);
      });
    });

    it("go before the webhook where an uninstall is done in two steps", async () => {
      await upgrade({ policies: { enabled: false } });
      expect(await stored()).toEqual([]);
      expect((await cluster().request("GET", `${GROUP}/mutatingwebhookconfigurations/podpass`)).status).toBe(200);
      await eventually(async () => expect(await podWith("old")).toBe(201));
    });

    it("leave nothing behind where it is done in one, in which Helm deletes them last", async () => {
      await upgrade({});
      expect(await stored()).not.toEqual([]);
      const { stderr, code } = await helm([...onCluster("uninstall"), "--debug"]);
      expect(code, stderr).toBe(0);
      const at = (kind: string) => stderr.search(new RegExp(`kind=${kind}\\b`, "u"));
      expect(at("MutatingWebhookConfiguration")).toBeGreaterThan(-1);
      expect(at("MutatingWebhookConfiguration")).toBeLessThan(at("ValidatingAdmissionPolicyBinding"));
      expect(await stored()).toEqual([]);
      await eventually(async () => expect(await podWith()).toBe(201));
    });

    it("are written by who may read ServiceAccounts, and by nobody else", async () => {
      const rbac = "/apis/rbac.authorization.k8s.io/v1";
      const user = { "impersonate-user": "author" };
      const rules = [{ apiGroups: ["admissionregistration.k8s.io"], resources: PLURALS, verbs: ["*"] }];
      const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "author" } };
      await cluster().must("POST", `${rbac}/clusterroles`, { ...role, rules });
      await cluster().must("POST", `${rbac}/clusterrolebindings`, {
        ...role,
        kind: "ClusterRoleBinding",
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "author" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "author" }],
      });
      const list = JSON.parse(await rendered("-o", "json")) as { items: readonly { kind: string }[] };
      const identity = list.items.slice(0, 2);
      const write = async (index: number) => {
        const path = `${GROUP}/${PLURALS[index]}?dryRun=All`;
        const options = { headers: user };
        return (await cluster().request("POST", path, identity[index], options)).status;
      };
      const path = `${GROUP}/${PLURALS[0]}`;
      await eventually(async () => expect(await write(0)).toBe(422));
      // A binding is judged by the policy that is stored.
      await cluster().must("POST", path, identity[0]);
      await eventually(async () => expect(await write(1)).toBe(422));
      const accounts = { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "list"] };
      await cluster().must("PUT", `${rbac}/clusterroles/author`, { ...role, rules: [...rules, accounts] });
      await eventually(async () => expect(await write(1)).toBe(201));
      await cluster().must("DELETE", `${path}/podpass-identity.podpass.dev`);
      await eventually(async () => expect(await write(0)).toBe(201));
    });
  });
});
