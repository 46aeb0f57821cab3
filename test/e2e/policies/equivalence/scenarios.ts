/** From a seed to configurations, each with ServiceAccounts and their pods. */
import fc from "fast-check";
import { readConfiguration, showProblems } from "../../../../src/configuration/read.ts";
import type { Settings } from "../../../../src/configuration/settings.ts";
import { type Decision, decide } from "../../../../src/decision/decide.ts";
import type { ServiceAccount } from "../../../../src/federation/service-account.ts";
import type { Pod } from "../../../../src/pod/pod.ts";
import { applied, asPod } from "../../../support/pods.ts";
import { accounts } from "./accounts.ts";
import { configurations, NAMESPACES } from "./configurations.ts";
import type { Sent } from "./model.ts";
import { podsOf, type WrittenPod } from "./pods.ts";

/** One configuration and everything that is sent under it. */
export interface Scenario {
  readonly configuration: unknown;
  readonly settings: Settings;
  readonly accounts: readonly ServiceAccount[];
  readonly sent: readonly Sent[];
}

/** How many of each. */
export interface Size {
  readonly configurations: number;
  readonly accounts: number;
  readonly pods: number;
}

/** What the webhook decides over what is sent; before it, the API server names the account of a pod that names none. */
export const decideOver = ({ pod, account, settings }: Sent): Decision => {
  const named = { ...pod, spec: { ...pod.spec, serviceAccountName: pod.spec.serviceAccountName ?? account.name } };
  return decide({ pod: named, namespace: account.namespace, serviceAccount: account, settings });
};

type Volume = NonNullable<Pod["spec"]["volumes"]>[number];

const isOurs = ({ name }: Volume | { readonly name: string }): boolean => name.startsWith("podpass-");

const forAnother = (volume: Volume): Volume =>
  isOurs(volume)
    ? { ...volume, projected: { sources: [{ serviceAccountToken: { audience: "z", path: "token" } }] } }
    : volume;

/** A copy of a pod that went through the webhook, with what `copied` says changed in it. */
const changed = (pod: Pod, { copied, stranger }: WrittenPod, markKey: string): Pod => {
  const volumes = pod.spec.volumes ?? [];
  if (copied === "for another audience") return { ...pod, spec: { ...pod.spec, volumes: volumes.map(forAnother) } };
  if (copied === "with another mark") {
    const annotations = pod.metadata?.annotations ?? {};
    const mark = { [markKey]: `${annotations[markKey] ?? ""},${stranger}` };
    return { ...pod, metadata: { ...pod.metadata, annotations: { ...annotations, ...mark } } };
  }
  if (copied === "whole") return pod;
  const containers = pod.spec.containers.map((one) => ({
    ...one,
    volumeMounts: (one.volumeMounts ?? []).filter((mount) => !isOurs(mount)),
  }));
  return { ...pod, spec: { ...pod.spec, containers, volumes: volumes.filter((one) => !isOurs(one)) } };
};

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

const toSend = (written: WrittenPod, account: ServiceAccount, settings: Settings): Sent => {
  const { annotations, volumes, vendors } = written;
  const hasVendors = Object.keys(vendors.annotations).length > 0;
  const pod = asPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "my-pod",
      labels: vendors.labels,
      annotations: hasVendors ? { ...annotations, ...vendors.annotations } : annotations,
    },
    spec: {
      ...(written.account !== undefined && { serviceAccountName: written.account }),
      containers: [{ name: "app", image: "example.com/none" }],
      volumes,
    },
  });
  const own = written.account === account.name ? account : { ...account, name: "default", annotations: NO_ANNOTATIONS };
  const sent = { pod, account: own, settings };
  if (written.copied === "no") return sent;
  const { patch } = decideOver(sent);
  const copy = changed(applied(pod, patch), written, `${settings.annotationPrefix}/injected`);
  return { ...sent, pod: asPod(copy) };
};

const accountsOf = (settings: Settings, count: number, seed: number): readonly ServiceAccount[] =>
  fc.sample(accounts(settings), { numRuns: count, seed }).map((annotations, index) => ({
    namespace: NAMESPACES[index % NAMESPACES.length] ?? "production",
    name: `account-${index}`,
    annotations,
  }));

const scenario = (configuration: unknown, seed: number, size: Size): Scenario => {
  const read = readConfiguration(JSON.stringify(configuration), { ownNamespace: "podpass-system" });
  if (!read.ok) throw new Error(showProblems(`generated with seed ${seed}`, read.problems));
  const { settings } = read;
  const known = accountsOf(settings, size.accounts, seed);
  const sent = known.flatMap((account, index) =>
    fc
      .sample(podsOf(settings, account), { numRuns: size.pods, seed: seed + index })
      .map((written) => toSend(written, account, settings)),
  );
  return { configuration, settings, accounts: known, sent };
};

/** The same for every run with `seed`. */
export const scenariosOf = (seed: number, size: Size): readonly Scenario[] =>
  fc
    .sample(configurations, { numRuns: size.configurations, seed })
    .map((configuration, index) => scenario(configuration, seed + 1000 * (index + 1), size));
