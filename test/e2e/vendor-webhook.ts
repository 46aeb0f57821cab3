/** Stand-ins for vendors' webhooks, as servers that the API server calls. */
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../../scripts/certificates.ts";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { type Handle, json, jsonBody, listen } from "../cluster/relying-parties/listen.ts";
import { answerOf, type Vendor } from "./vendors.ts";

const handleFor =
  (vendor: Vendor, cluster: Cluster): Handle =>
  async (incoming) => {
    const { request } = jsonBody(incoming) as { request: { uid: string; namespace: string; object: Pod } };
    const { uid, namespace, object: pod } = request;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName}`;
    const { metadata } = await cluster.must<ApiObject>("GET", path);
    const answer = answerOf(vendor, metadata.annotations ?? {}, pod);
    const response =
      "refused" in answer
        ? { uid, allowed: false, status: { code: 403, message: answer.refused } }
        : {
            uid,
            allowed: true,
            patchType: "JSONPatch",
            patch: Buffer.from(JSON.stringify(answer.patch)).toString("base64"),
          };
    return json(200, { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
  };

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/** A vendor's webhook at work. */
export interface VendorWebhook {
  /** Registers it under `name`, whose place in the alphabet decides when it is called, and waits until it is. */
  register(name: string): Promise<void>;
  /** Takes its registration away, and waits until it is called no more. */
  unregister(name: string): Promise<void>;
  /** Takes all that is left of it away. */
  stop(): Promise<void>;
}

const configurationOf = (name: string, url: string, caPem: string) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name },
  webhooks: [
    {
      name: "vendor.example.com",
      clientConfig: { url: `${url}/`, caBundle: Buffer.from(caPem).toString("base64") },
      rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      failurePolicy: "Fail",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  ],
});

/** Starts the stand-in for the webhook of `vendor`; it is called once it is registered. */
export const startVendorWebhook = async (cluster: Cluster, vendor: Vendor): Promise<VendorWebhook> => {
  const authority = await createAuthority("a vendor");
  const tls = await authority.issue({ names: ["127.0.0.1"] });
  const listener = await listen([handleFor(vendor, cluster)], { tls });
  const isCalled = async (): Promise<boolean> => {
    const before = listener.calls.length;
    const metadata = { name: "vendor-canary" };
    const spec = { serviceAccountName: "podpass-canary", containers: [{ name: "main", image: "example.com/none" }] };
    await cluster.must("POST", "/api/v1/namespaces/default/pods?dryRun=All", {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec,
    });
    return listener.calls.length > before;
  };
  const until = async (wanted: boolean): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while ((await isCalled()) !== wanted) {
      if (Date.now() > deadline) throw new Error("the API server does not follow the registration");
      await sleep(50);
    }
  };
  const names = new Set<string>();
  return {
    async register(name) {
      names.add(name);
      await cluster.must("POST", CONFIGURATIONS, configurationOf(name, listener.url, authority.ca));
      await until(true);
    },
    async unregister(name) {
      names.delete(name);
      await cluster.must("DELETE", `${CONFIGURATIONS}/${name}`);
      await until(false);
    },
    async stop() {
      for (const name of names) await cluster.request("DELETE", `${CONFIGURATIONS}/${name}`);
      await listener.stop();
    },
  };
};
