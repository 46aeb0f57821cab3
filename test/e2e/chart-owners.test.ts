/** What Helm owned, and lets others keep: an upgrade takes away a field that nobody else owns. */
import { beforeAll, expect, it } from "vitest";
import type { ApiObject } from "../cluster/api-client.ts";
import { describeOnCluster, useCluster } from "../cluster/harness.ts";
import { chart, describeWithHelm, mustHelm, type Values } from "../cluster/helm/harness.ts";

const namespace = "podpass-system";
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/podpass`;
const webhookPath = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass";
const caBundle = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";

const fromFiles = { certificates: { mode: "files", secretName: "tls", caBundle } };
const autoscaled = { autoscaling: { enabled: true } };

describeOnCluster("fields that Helm lets go", () => {
  describeWithHelm("at an upgrade", () => {
    const cluster = useCluster();
    const place = () => [`--kubeconfig=${cluster().kubeconfigPath}`, `--namespace=${namespace}`];
    const run = (command: string, values: Values) => mustHelm([command, "podpass", chart, ...place()], values);
    const rollback = (...flags: readonly string[]) => mustHelm(["rollback", "podpass", "1", ...place(), ...flags]);
    const replicas = async () => {
      const { spec } = await cluster().must<{ spec: { replicas: number } }>("GET", deploymentPath);
      return spec.replicas;
    };
    const bundle = async () => {
      const { webhooks } = await cluster().must<{ webhooks: [{ clientConfig: { caBundle?: string } }] }>(
        "GET",
        webhookPath,
      );
      return webhooks[0].clientConfig.caBundle;
    };
    const patch = (path: string, body: unknown, contentType: string) =>
      cluster().request("PATCH", path, body, { contentType });

    beforeAll(async () => {
      const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
      await cluster().must<ApiObject>("POST", "/api/v1/namespaces", body);
      await run("install", fromFiles);
    });

    it("are the CA of a file, where Podpass is to manage it", async () => {
      expect(await bundle()).toBe(Buffer.from(caBundle).toString("base64"));
      await run("upgrade", { certificates: { mode: "managed" } });
      expect(await bundle()).toBeUndefined();
    });

    it("are not the CA of a file, where somebody wrote it in another form before", async () => {
      await run("upgrade", fromFiles);
      const other = Buffer.from(`${caBundle}\n`).toString("base64");
      const operation = { op: "replace", path: "/webhooks/0/clientConfig/caBundle", value: other };
      expect((await patch(webhookPath, [operation], "application/json-patch+json")).status).toBe(200);
      await run("upgrade", { certificates: { mode: "managed" } });
      expect(await bundle()).toBe(other);
    });

    it("are the replicas, where autoscaling is turned on", async () => {
      await run("upgrade", autoscaled);
      expect(await replicas()).toBe(1);
    });

    it("are not the replicas, where they were scaled to another number before", async () => {
      await run("upgrade", { replicas: 3 });
      expect(await replicas()).toBe(3);
      const scaled = await patch(`${deploymentPath}/scale`, { spec: { replicas: 4 } }, "application/merge-patch+json");
      expect(scaled.status).toBe(200);
      await run("upgrade", autoscaled);
      expect(await replicas()).toBe(4);
      await run("upgrade", { ...autoscaled, logLevel: "warn" });
      expect(await replicas()).toBe(4);
    });

    it("are taken back by force only", async () => {
      const conflict = /conflict.* \.spec\.replicas/su;
      await expect(run("upgrade", { replicas: 3 })).rejects.toThrow(conflict);
      await expect(rollback()).rejects.toThrow(conflict);
      expect(await replicas()).toBe(4);
      await rollback("--force-conflicts");
      expect(await replicas()).toBe(2);
    });

    it("come back with the webhook configuration that was deleted to open the cluster", async () => {
      await cluster().must("DELETE", webhookPath);
      await run("upgrade", fromFiles);
      expect(await bundle()).toBe(Buffer.from(caBundle).toString("base64"));
    });
  });
});
