/** Admission policies on a real API server. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PolicyObject } from "../../src/policies/objects.ts";
import type { Cluster } from "./cluster.ts";

/** A policy that is made or changed is in force after at most a second (measured); twice that, for a machine that is busy. */
const SETTLING_MS = 2000;

const PLURALS: Readonly<Record<PolicyObject["kind"], string>> = {
  ValidatingAdmissionPolicy: "validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "validatingadmissionpolicybindings",
  MutatingAdmissionPolicy: "mutatingadmissionpolicies",
  MutatingAdmissionPolicyBinding: "mutatingadmissionpolicybindings",
};

const pathOf = ({ apiVersion, kind }: PolicyObject): string => `/apis/${apiVersion}/${PLURALS[kind]}`;

interface Stored {
  readonly metadata: { readonly resourceVersion: string };
}

const apply = async (cluster: Cluster, object: PolicyObject): Promise<void> => {
  const path = pathOf(object);
  const known = await cluster.request<Stored>("GET", `${path}/${object.metadata.name}`);
  if (known.status === 404) {
    await cluster.must("POST", path, object);
    return;
  }
  const { resourceVersion } = known.body.metadata;
  await cluster.must("PUT", `${path}/${object.metadata.name}`, {
    ...object,
    metadata: { ...object.metadata, resourceVersion },
  });
};

/** Makes or changes `objects`, one after the other. */
export const writePolicies = async (cluster: Cluster, objects: readonly PolicyObject[]): Promise<void> => {
  for (const object of objects) await apply(cluster, object);
};

/** Takes `objects` away, bindings first. */
export const deletePolicies = async (cluster: Cluster, objects: readonly PolicyObject[]): Promise<void> => {
  for (const object of objects.toReversed())
    await cluster.request("DELETE", `${pathOf(object)}/${object.metadata.name}`);
};

/** Makes or changes `objects`, one after the other, and waits until they are in force. */
export const applyPolicies = async (cluster: Cluster, objects: readonly PolicyObject[]): Promise<void> => {
  await writePolicies(cluster, objects);
  await sleep(SETTLING_MS);
};

/** Takes `objects` away, bindings first, and waits until they are out of force. */
export const removePolicies = async (cluster: Cluster, objects: readonly PolicyObject[]): Promise<void> => {
  await deletePolicies(cluster, objects);
  await sleep(SETTLING_MS);
};

/** Warnings of the API server's type checking of a policy, once it has looked at what is stored. */
export const typeCheckingOf = async (cluster: Cluster, object: PolicyObject): Promise<readonly unknown[]> => {
  interface Checked {
    readonly metadata: { readonly generation: number };
    readonly status?: {
      readonly observedGeneration?: number;
      readonly typeChecking?: { readonly expressionWarnings?: readonly unknown[] };
    };
  }
  for (let tries = 0; tries < 100; tries++) {
    const { metadata, status } = await cluster.must<Checked>("GET", `${pathOf(object)}/${object.metadata.name}`);
    if (status?.observedGeneration === metadata.generation) return status.typeChecking?.expressionWarnings ?? [];
    await sleep(100);
  }
  throw new Error(`${object.metadata.name} was not type-checked: is kube-controller-manager running?`);
};
