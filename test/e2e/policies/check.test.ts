/** What `podpass check` says of policies that a real API server has stored. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { POLICY_KINDS } from "../../../src/check/stored-policy.ts";
import { POLICY_NAMES, policyName } from "../../../src/policies/names.ts";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { podpassInside } from "../../cli/podpass.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { applyPolicies, removePolicies } from "../../cluster/policies.ts";
import { kubeconfigFor } from "../installation.ts";

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const POLICY = `${GROUP}/validatingadmissionpolicies/podpass-identity.podpass.dev`;
const BINDING = `${GROUP}/validatingadmissionpolicybindings/podpass-identity.podpass.dev`;

const CONFIGURATION = {
  apiVersion: "podpass.dev/v1alpha1",
  kind: "Configuration",
  providers: { aws: { preset: "aws" }, azure: { preset: "azure" } },
  policy: {
    exemptNamespaces: ["kube-*", "tools"],
    tokens: {
      expirationSeconds: { min: 600, max: 7200, violation: "Deny" },
      audiences: { allow: ["https://*.corp.example.com"] },
      apiServerAudiences: ["https://api.example.com"],
      requests: "Deny",
      legacySecrets: "Warn",
    },
  },
};

const folder = mkdtempSync(join(tmpdir(), "podpass-check-policies-"));
const fileOf = (name: string, change: object = {}): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...CONFIGURATION, ...change }));
  return path;
};
const own = fileOf("own.json");
const other = fileOf("other.json", { providers: { aws: { preset: "aws" } } });

interface Finding {
  readonly id: string;
  readonly level: string;
  readonly message: string;
  readonly advice: string | null;
  readonly details: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

describeOnCluster("podpass check about policies", { timeout: 60_000 }, () => {
  const cluster = useCluster();
  let minor = 0;
  let applied: readonly PolicyObject[] = [];

  const rendered = async (...args: readonly string[]): Promise<readonly PolicyObject[]> => {
    const { stdout, exitCode } = await podpassInside([
      ...["policies", "-o", "json", "--kubernetes", `1.${minor}`, "--config"],
      ...args,
    ]);
    expect(exitCode).toBe(0);
    return JSON.parse(stdout).items;
  };
  const apply = async (objects: readonly PolicyObject[]): Promise<void> => {
    applied = objects;
    await applyPolicies(cluster(), objects);
  };
  const findings = async (kubeconfig = cluster().kubeconfigPath): Promise<ReadonlyMap<string, Finding>> => {
    const args = ["check", "-o", "json", "--skip", "webhook-called", "--config", own];
    const { stdout } = await podpassInside([...args, "--kubeconfig", kubeconfig]);
    const all: readonly Finding[] = JSON.parse(stdout).checks;
    return new Map(all.filter(({ id }) => id.startsWith("policies")).map((finding) => [finding.id, finding]));
  };
  const notPassed = (found: ReadonlyMap<string, Finding>): readonly string[] =>
    [...found.values()].filter(({ level }) => level !== "pass").map(({ id, level }) => `${level} ${id}`);

  beforeAll(async () => {
    const { gitVersion } = await cluster().must<{ gitVersion: string }>("GET", "/version");
    minor = Number(/^v1\.(\d+)/.exec(gitVersion)?.[1]);
    await createServiceAccount(cluster(), "before", { "podpass.dev/federate": "aws" });
  });
  afterEach(async () => {
    await removePolicies(cluster(), applied);
    applied = [];
  });

  it("says that there are none, and how to make them", async () => {
    const found = await findings();
    expect([...found.keys()]).toEqual(["policies"]);
    expect(found.get("policies")).toMatchObject({
      level: "warn",
      message: expect.stringMatching(/^there are no policies/),
      advice: expect.stringContaining(
        `podpass policies --config ${own} --release podpass --namespace podpass-system --kubernetes 1.${minor} >`,
      ),
    });
  });

  describe("that are there", () => {
    it.each(["exact", "label"])(
      "passes those of the configuration in %s mode, once accounts are labelled",
      async (mode) => {
        if (mode === "label" && minor < 36) return;
        await apply(await rendered(own, "--mode", mode));
        const found = await findings();
        expect(notPassed(found)).toEqual(minor < 36 ? [] : ["warn policies-unlabelled"]);
        expect(found.get("policies")?.data["policies"]).toMatchObject({
          identity: "refuses",
          "legacy-secrets": "warns",
        });
        expect(found.get("policies-mode")?.data).toMatchObject({ mode });
        if (minor < 36) return;
        const [command = ""] = found.get("policies-unlabelled")?.details ?? [];
        expect(command).toBe("kubectl label serviceaccount -n default before podpass.dev/federated=true --overwrite");
        const account = "/api/v1/namespaces/default/serviceaccounts/before";
        const label = (value: string | null) =>
          cluster().must("PATCH", account, { metadata: { labels: { "podpass.dev/federated": value } } });
        await label("true");
        expect(notPassed(await findings())).toEqual([]);
        await removePolicies(cluster(), applied);
        await label(null);
      },
    );

    it("names what somebody changed", async () => {
      await apply(await rendered(own));
      await cluster().must("PATCH", POLICY, { spec: { failurePolicy: "Ignore" } });
      await cluster().must("PATCH", BINDING, { spec: { validationActions: ["Warn", "Audit"] } });
      const found = await findings();
      expect(found.get("policies-configuration")).toMatchObject({
        level: "warn",
        details: [
          "ValidatingAdmissionPolicy podpass-identity.podpass.dev: spec.failurePolicy differs",
          expect.stringMatching(
            /^ValidatingAdmissionPolicyBinding podpass-identity.podpass.dev: spec.validationActions/,
          ),
        ],
      });
      expect(found.get("policies")?.data["policies"]).toMatchObject({ identity: "warns" });
    });

    it("fails one without its binding, and names one that is missing", async () => {
      await apply(await rendered(own));
      await cluster().must("DELETE", BINDING);
      const unbound = await findings();
      expect(unbound.get("policies-bindings")).toMatchObject({ level: "fail", data: { withoutBinding: ["identity"] } });
      await cluster().must("DELETE", POLICY);
      expect((await findings()).get("policies")).toMatchObject({ level: "warn", data: { missing: ["identity"] } });
    });

    it("tells another configuration's from a change under way", async () => {
      await apply(await rendered(other));
      expect((await findings()).get("policies-configuration")?.message).toMatch(
        /^policies are of another configuration/,
      );
      await apply(await rendered(own, "--union-with", other));
      expect((await findings()).get("policies-configuration")?.message).toMatch(/^a change is under way/);
      await apply(await rendered(own));
      expect((await findings()).get("policies-configuration")?.level).toBe("pass");
    });

    it("reads them by their names where they cannot be listed", async () => {
      const rbac = "/apis/rbac.authorization.k8s.io/v1";
      const metadata = { name: "reader" };
      await createServiceAccount(cluster(), "reader");
      const resources = POLICY_KINDS.map(({ resource }) => resource);
      const resourceNames = POLICY_NAMES.map((policy) => policyName("podpass", policy, "podpass.dev"));
      const rules = [{ apiGroups: ["admissionregistration.k8s.io"], resources, resourceNames, verbs: ["get"] }];
      await cluster().must("POST", `${rbac}/clusterroles`, { metadata, rules });
      await cluster().must("POST", `${rbac}/clusterrolebindings`, {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
        subjects: [{ kind: "ServiceAccount", namespace: "default", name: "reader" }],
      });
      const { status } = await cluster().must<{ status: { token: string } }>(
        "POST",
        "/api/v1/namespaces/default/serviceaccounts/reader/token",
        { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
      );
      // The policy about TokenRequests does not know this API server's own audience.
      await apply(await rendered(own));
      const kubeconfig = await kubeconfigFor(cluster(), "reader", status.token);
      const levels = async () => {
        const found = await findings(kubeconfig);
        return ["policies", "policies-bindings", "policies-configuration"].map((id) => found.get(id)?.level);
      };
      await expect.poll(levels, { timeout: 10_000 }).toEqual(["pass", "pass", "pass"]);
      await cluster().must("DELETE", `${rbac}/clusterrolebindings/reader`);
      await expect.poll(levels, { timeout: 10_000 }).toEqual(["warn", undefined, undefined]);
    });
  });
});
