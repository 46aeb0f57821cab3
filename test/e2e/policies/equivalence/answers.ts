/** Pods sent to a real API server under policies, and what the policies said of them. */
import type { ServiceAccount } from "../../../../src/federation/service-account.ts";
import type { Pod } from "../../../../src/pod/pod.ts";
import type { PolicyObject } from "../../../../src/policies/objects.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import { applyPolicies, removePolicies } from "../../../cluster/policies.ts";

/** So many requests at once. */
const AT_ONCE = 16;

/** What one policy said. */
export interface Said {
  /** E.g. `identity`. */
  readonly policy: string;
  readonly message: string;
}

/** What became of a pod. */
export interface Answer {
  readonly denied: Said | undefined;
  readonly warned: readonly Said[];
  /** The pod as it would be stored; undefined where it is refused. */
  readonly stored: Pod | undefined;
  /** Who refused it, if no policy did. */
  readonly otherwise: string | undefined;
}

const SAID = /ValidatingAdmissionPolicy 'podpass-([a-z-]+)\.[^']+' with binding '[^']+'(?: denied request)?: (.*)$/su;

const said = (text: string): Said | undefined => {
  const [, policy, message] = SAID.exec(text) ?? [];
  return policy === undefined || message === undefined ? undefined : { policy, message };
};

const warningsIn = (header: string | string[] | undefined): readonly Said[] =>
  [header ?? []].flat().flatMap((text) => {
    const quoted = [...text.matchAll(/299 - ("(?:[^"\\]|\\.)*")/gu)];
    return quoted.flatMap(([, literal]) => said((literal ?? "").slice(1, -1).replace(/\\(.)/gu, "$1")) ?? []);
  });

const send = async (cluster: Cluster, { pod, namespace }: { pod: Pod; namespace: string }): Promise<Answer> => {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { status, headers, body } = await cluster.request<Pod & { message?: string }>("POST", path, pod);
  const message = body.message ?? "";
  if (/resulted in error|failed expression/u.test(`${message}${headers["warning"] ?? ""}`))
    throw new Error(`an expression was not evaluated: ${message}${headers["warning"] ?? ""}`);
  const denied = status === 201 ? undefined : said(message);
  return {
    denied,
    warned: warningsIn(headers["warning"]),
    stored: status === 201 ? body : undefined,
    otherwise: status === 201 || denied !== undefined ? undefined : `${status} ${message}`,
  };
};

/** Sends `pods` without storing them; the answers are in their order. */
export const sendAll = async (
  cluster: Cluster,
  pods: readonly { readonly pod: Pod; readonly namespace: string }[],
): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  const work = pods.entries();
  const worker = async () => {
    for (const [index, one] of work) answers[index] = await send(cluster, one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
};

const namespacePath = "/api/v1/namespaces";

/** Makes the namespaces, each of which needs its ServiceAccount `default`: no controller is there to make it. */
export const makeNamespaces = async (cluster: Cluster, names: readonly string[]): Promise<void> => {
  for (const name of names) {
    await cluster.must("POST", namespacePath, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    const made = await cluster.request("POST", `${namespacePath}/${name}/serviceaccounts`, account);
    if (made.status !== 201 && made.status !== 409) throw new Error(`${name}/default: ${made.status}`);
  }
};

/** Makes or overwrites ServiceAccounts, each with `labels`. */
export const writeAccounts = async (
  cluster: Cluster,
  accounts: readonly ServiceAccount[],
  labels: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const write = async ({ namespace, name, annotations }: ServiceAccount): Promise<void> => {
    const metadata = { name, labels, annotations: Object.fromEntries(annotations) };
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata };
    const path = `${namespacePath}/${namespace}/serviceaccounts`;
    const made = await cluster.request("POST", path, account);
    if (made.status === 409) await cluster.must("PUT", `${path}/${name}`, account);
    else if (made.status !== 201) throw new Error(`${namespace}/${name}: ${JSON.stringify(made.body)}`);
  };
  await Promise.all(accounts.map(write));
};

/** Brings `objects` into force in the place of `before`: changed where they are the same, and waits once. */
export const replacePolicies = async (
  cluster: Cluster,
  before: readonly PolicyObject[],
  objects: readonly PolicyObject[],
): Promise<void> => {
  const names = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const gone = before.filter(({ kind, metadata }) => !names.has(`${kind}/${metadata.name}`));
  await Promise.all([applyPolicies(cluster, objects), gone.length > 0 && removePolicies(cluster, gone)]);
};
