/** The objects that are created as a dry run, to see whether Podpass is called. */
import { randomBytes } from "node:crypto";
import type { Sample } from "../../check/accounts.ts";
import type { AccountCall, Answered, Call } from "../../check/facts.ts";
import { type JsonObject, mapAt, textAt } from "../../check/json.ts";
import type { ObjectQueries } from "../../kube/object-queries.ts";

/** What the pod is made of. */
export interface DryRun {
  readonly account: Sample;
  readonly annotationPrefix: string;
  /** One that the cluster's image policies let through, where one is known. */
  readonly image: string;
}

/** As strict as Pod Security's restricted level and a usual quota want it. */
const podOf = ({ account, annotationPrefix, image }: DryRun, nonce: string): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    generateName: "podpass-check-",
    // Nothing but `false` opts out, and Podpass warns of every other value, with the value.
    annotations: { [`${annotationPrefix}/inject`]: nonce },
  },
  spec: {
    serviceAccountName: account.name,
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "podpass-check",
        image,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "10m", memory: "16Mi" } },
      },
    ],
  },
});

const read = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Nobody knows it before. */
const newNonce = (): string => `check-${randomBytes(4).toString("hex")}`;

type Created = (Answered & { readonly object: unknown }) | Exclude<AccountCall["answer"], Answered>;

/** Creates `body` as a dry run: nothing is stored, and every webhook is asked. */
const create = async (ask: ObjectQueries, path: string, body: JsonObject): Promise<Created> => {
  const answer = await ask.attempt(`${path}?dryRun=All`, body);
  if ("problem" in answer) return { kind: "failed", message: answer.problem };
  const { status, text, warnings } = answer;
  const object = read(text);
  const message = textAt(object, "message") || `the API server answered ${status}`;
  return { kind: "answered", status, message, warnings, object };
};

const inNamespaceOf = (namespace: string, resource: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;

/** Creates the pod as a dry run. */
export const createDryRunPod = async (ask: ObjectQueries, dryRun: DryRun): Promise<Call> => {
  const { account, annotationPrefix } = dryRun;
  const nonce = newNonce();
  const created = await create(ask, inNamespaceOf(account.namespace, "pods"), podOf(dryRun, nonce));
  if (created.kind === "failed") return { account, nonce, answer: created };
  const { object, ...answer } = created;
  const injected = mapAt(object, "metadata", "annotations").get(`${annotationPrefix}/injected`);
  return { account, nonce, answer: { ...answer, injected } };
};

/** Creates a ServiceAccount in the same namespace as a dry run, with an annotation that nothing reads. */
export const createDryRunAccount = async (
  ask: ObjectQueries,
  { account: { namespace }, annotationPrefix }: Pick<DryRun, "account" | "annotationPrefix">,
): Promise<AccountCall> => {
  const nonce = newNonce();
  const body = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { generateName: "podpass-check-", annotations: { [`${annotationPrefix}/${nonce}`]: "true" } },
  };
  const created = await create(ask, inNamespaceOf(namespace, "serviceaccounts"), body);
  if (created.kind === "failed") return { namespace, nonce, answer: created };
  const { object: _stored, ...answer } = created;
  return { namespace, nonce, answer };
};
