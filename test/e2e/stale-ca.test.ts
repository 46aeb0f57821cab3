/** What a real API server does with a webhook whose certificate its `caBundle` does not vouch for, and where that shows. */
import { expect, it } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import { describeOnCluster } from "../cluster/harness.ts";
import { useEnvironment } from "./environment.ts";
import { requestPod } from "./load.ts";

const PATH = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass";

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[];
}

describeOnCluster("a stale caBundle", { timeout: 60_000 }, () => {
  const current = useEnvironment({ failurePolicy: "Ignore" }, ({ create }) => create([{ name: "plain" }]));

  it("is counted and logged by Podpass, the only one to notice", async () => {
    const { cluster, podpass } = current();
    const refused = () => podpass.metric("podpass_tls_handshake_failures_total", 'reason="certificate-refused"');
    expect(await refused()).toBe(0);
    const { webhooks } = await cluster.must<Configuration>("GET", PATH);
    const caBundle = Buffer.from((await createAuthority("another")).ca).toString("base64");
    const stale = webhooks.map((webhook) => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } }));
    await cluster.must("PATCH", PATH, { webhooks: stale });
    const isNoticed = async () => {
      expect((await requestPod(cluster, "plain")).status).toBe(201);
      expect(await refused()).toBeGreaterThan(0);
    };
    await expect.poll(isNoticed, { timeout: 20_000 }).toBeUndefined();
    const line = async () => (await podpass.log()).find(({ msg }) => msg === "TLS handshakes failed");
    const expected = { last: { reason: "certificate-refused" }, advice: expect.stringContaining("caBundle") };
    await expect.poll(line, { timeout: 5000 }).toMatchObject(expected);
  });
});
