/** The pod that is created as a dry run, to see whether Podpass is called. */
import { randomBytes } from "node:crypto";
import type { Sample } from "../../check/accounts.ts";
import type { Call } from "../../check/facts.ts";
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

/** Creates the pod as a dry run: nothing is stored, and every webhook is asked. */
export const createDryRunPod = async (ask: ObjectQueries, dryRun: DryRun): Promise<Call> => {
  const { account, annotationPrefix } = dryRun;
  const nonce = `check-${randomBytes(4).toString("hex")}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(account.namespace)}/pods?dryRun=All`;
  const answer = await ask.attempt(path, podOf(dryRun, nonce));
  if ("problem" in answer) return { account, nonce, answer: { kind: "failed", message: answer.problem } };
  const { status, text, warnings } = answer;
  const object = read(text);
  const injected = mapAt(object, "metadata", "annotations").get(`${annotationPrefix}/injected`);
  const message = textAt(object, "message") || `the API server answered ${status}`;
  return { account, nonce, answer: { kind: "answered", status, message, warnings, injected } };
};
