/** What the tests of policies about pods have in common. */
import { expect } from "vitest";
import { compileConfiguration } from "../../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../../src/configuration/schema.ts";
import { type Installation, MUTATING_SINCE } from "../../../src/policies/installation.ts";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { kubernetesMinor } from "../../cluster/harness.ts";
import { applyPolicies, typeCheckingOf } from "../../cluster/policies.ts";
import { webhookConfiguration } from "../podpass.ts";

const INSTALLATION: Installation = { name: "podpass", minor: 37, mode: "exact", digest: "sha256:0" };

/** The policies called `names` of a configuration. */
export const policiesOf = (file: Partial<ConfigurationFile>, ...names: readonly string[]): readonly PolicyObject[] => {
  const compiled = compileConfiguration(file);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { objects } = renderPolicies(compiled.settings, INSTALLATION);
  return objects.filter(({ metadata }) => names.some((name) => metadata.name.startsWith(`podpass-${name}.`)));
};

/** Every policy of a configuration that the API server of these tests has. */
export const allPoliciesOf = (
  file: Partial<ConfigurationFile>,
  mode: Installation["mode"],
): readonly PolicyObject[] => {
  const compiled = compileConfiguration(file);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return renderPolicies(compiled.settings, { ...INSTALLATION, minor: kubernetesMinor, mode }).objects;
};

/** The modes that it has. */
export const MODES: readonly Installation["mode"][] =
  kubernetesMinor >= MUTATING_SINCE ? ["label", "exact"] : ["exact"];

/** Registers a webhook that is not there, and that nobody waits for. */
export const registerAway = (cluster: Cluster) =>
  cluster.must(
    "POST",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    webhookConfiguration("https://127.0.0.1:1/mutate/pods", undefined, { failurePolicy: "Ignore", timeoutSeconds: 1 }),
  );

/** Brings policies into force; each has to type-check without a warning. */
export const enforce = async (cluster: Cluster, objects: readonly PolicyObject[]): Promise<void> => {
  await applyPolicies(cluster, objects);
  for (const object of objects)
    if (object.kind === "ValidatingAdmissionPolicy") expect(await typeCheckingOf(cluster, object)).toEqual([]);
};

/** A volume with one projected token. */
export const token = (audience: string | null | undefined, seconds?: number | null, path = "t"): object => ({
  name: "vault",
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds: seconds, path } }] },
});

/** What is to become of a pod. */
export interface PodCase {
  readonly what: string;
  readonly volumes?: readonly object[];
  readonly account?: string;
  readonly namespace?: string;
  readonly spec?: object;
  /** In the message of the refusal. Undefined: admitted. */
  readonly refused?: RegExp;
  /** By whom it is refused, if not by a policy. */
  readonly status?: number;
  readonly timeoutMs?: number;
}

/** Creates the pod, without storing it, and looks at the answer. */
export const judgePod = async (cluster: Cluster, one: PodCase): Promise<void> => {
  const {
    volumes,
    account = "default",
    namespace = "default",
    spec = {},
    refused,
    status: wanted = 403,
    timeoutMs,
  } = one;
  const { status, body } = await cluster.request<{ message?: string }>(
    "POST",
    `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { generateName: "pod-" },
      spec: {
        serviceAccountName: account,
        volumes,
        containers: [{ name: "main", image: "example.com/none" }],
        ...spec,
      },
    },
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  if (refused === undefined) expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
  else {
    expect(body.message).toMatch(refused);
    expect(status).toBe(wanted);
  }
};
