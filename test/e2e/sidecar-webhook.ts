/** Another vendor's webhook: adds a sidecar to pods with the label `sidecar: wanted`. */
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../../scripts/certificates.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Container, Pod } from "../cluster/node/pod.ts";
import { type Handle, json, jsonBody, type Listener, listen } from "../cluster/relying-parties/listen.ts";

/** The label of pods that get the sidecar. */
export const sidecarLabels = { sidecar: "wanted" };

const handleFor =
  (sidecar: Container): Handle =>
  async (incoming) => {
    const { request } = jsonBody(incoming) as { request: { uid: string } };
    const patch = JSON.stringify([{ op: "add", path: "/spec/containers/-", value: sidecar }]);
    const response = {
      uid: request.uid,
      allowed: true,
      patchType: "JSONPatch",
      patch: Buffer.from(patch).toString("base64"),
    };
    return json(200, { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
  };

/** Registers it under `name`, whose place in the alphabet decides when it is called, and waits until it is. */
export const startSidecarWebhook = async (cluster: Cluster, name: string, sidecar: Container): Promise<Listener> => {
  const authority = await createAuthority("another vendor");
  const listener = await listen([handleFor(sidecar)], { tls: await authority.issue({ names: ["127.0.0.1"] }) });
  await cluster.must("POST", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: "sidecar.example.com",
        clientConfig: { url: `${listener.url}/`, caBundle: Buffer.from(authority.ca).toString("base64") },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        objectSelector: { matchLabels: sidecarLabels },
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  });
  const canary = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "sidecar-canary", labels: sidecarLabels },
    spec: { serviceAccountName: "podpass-canary", containers: [{ name: "main", image: "example.com/none" }] },
  };
  const deadline = Date.now() + 30_000;
  for (;;) {
    const pod = await cluster.must<Pod>("POST", "/api/v1/namespaces/default/pods?dryRun=All", canary);
    if (pod.spec.containers.length > 1) return listener;
    if (Date.now() > deadline) throw new Error("the API server does not call the second webhook");
    await sleep(50);
  }
};
