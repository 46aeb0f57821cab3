/** The policy `inject` beside the real webhook, up and down, and beside another vendor's that adds a sidecar. */
import { beforeAll, expect, it } from "vitest";
import { readConfiguration } from "../../../src/configuration/read.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import { describeWithMutatingPolicies } from "../../cluster/harness.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { useEnvironment } from "../environment.ts";
import { configuration } from "../podpass.ts";
import { annotationsFor, everyProvider, presets } from "../presets.ts";
import { sidecarLabels, startSidecarWebhook } from "../sidecar-webhook.ts";

const config = configuration({ providers: everyProvider });
const read = readConfiguration(config);
if (!read.ok) throw new Error("the configuration does not compile");
const { objects } = renderPolicies(read.settings, { name: "podpass", minor: 36, mode: "exact", digest: "x" });

const of = (name: string) => {
  const preset = presets.find((one) => one.name === name);
  if (preset === undefined) throw new Error(`no preset ${name}`);
  return annotationsFor(preset, "all");
};
const annotations = { ...of("aws"), ...of("gcp"), ...of("openai"), "podpass.dev/federate": "openai,gcp,aws" };

const sidecar = { name: "proxy", image: "example.com/none", env: [{ name: "MESH", value: "1" }] };

describeWithMutatingPolicies("the inject policy beside the webhook", () => {
  const environment = useEnvironment({ config, failurePolicy: "Ignore", timeoutSeconds: 1 }, async (env) => {
    await env.create([{ name: "fed", annotations }]);
    await startSidecarWebhook(env.cluster, "zz-sidecar", sidecar);
  });

  const make = async (labels: object): Promise<unknown> => {
    const pod = await environment().cluster.must<Pod>("POST", "/api/v1/namespaces/default/pods?dryRun=All", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "pod", labels },
      spec: {
        serviceAccountName: "fed",
        initContainers: [{ name: "native", image: "example.com/none", restartPolicy: "Always" }],
        containers: [{ name: "main", image: "example.com/none", env: [{ name: "A", value: "b" }] }],
      },
    });
    const text = JSON.stringify([pod.metadata.annotations, pod.spec]);
    return JSON.parse(text.replace(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access"));
  };

  const withWebhook: unknown[] = [];
  const both = async () => [await make({}), await make(sidecarLabels)];

  beforeAll(async () => {
    withWebhook.push(...(await both()));
    expect(JSON.stringify(withWebhook)).toContain("openai,gcp,aws");
    await applyPolicies(environment().cluster, objects);
    // Written again, so that it is labelled.
    const path = "/api/v1/namespaces/default/serviceaccounts/fed";
    await environment().cluster.must("PATCH", path, { metadata: { annotations: { touched: "true" } } });
  }, 60_000);

  it("changes nothing while the webhook is up, and doubles nothing in a sidecar", async () => {
    expect(await both()).toEqual(withWebhook);
  });

  it("does the same where the webhook is too slow", async () => {
    environment().podpass.pause();
    expect(await both()).toEqual(withWebhook);
    environment().podpass.resume();
  }, 60_000);

  it("does the same where the webhook is down, in a sidecar too", async () => {
    await environment().podpass.kill();
    expect(await both()).toEqual(withWebhook);
    await environment().podpass.start();
    expect(await both()).toEqual(withWebhook);
  }, 60_000);
});
