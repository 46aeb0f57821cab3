/** Pods of a load, and how many of them the API server let pass without the webhook. */
import { readFile } from "node:fs/promises";
import type { Cluster } from "../../cluster/cluster.ts";

/** Annotations of a federated ServiceAccount. */
export const AWS = {
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/reports",
};

/** The audience of its token, where the configuration names no other. */
export const STS = "sts.amazonaws.com";

/** What differs from the plainest pod. */
interface Parts {
  readonly account: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly token?: object;
  readonly containers?: number;
}

/** A pod of `account`, with `token` mounted in every container. */
export const loadPod = ({ account, annotations = {}, token, containers = 1 }: Parts) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "pod-", annotations },
  spec: {
    serviceAccountName: account,
    automountServiceAccountToken: false,
    volumes: token === undefined ? [] : [{ name: "own", projected: { sources: [{ serviceAccountToken: token }] } }],
    containers: Array.from({ length: containers }, (_, index) => ({
      name: index === 0 ? "main" : `c${index}`,
      image: "example.com/none",
      ...(token !== undefined && { volumeMounts: [{ name: "own", mountPath: "/own" }] }),
    })),
  },
});

/** A token that no configuration of these tests allows. */
export const EVIL = { audience: "https://evil.example.com", path: "token" };

/** How often the API server could not call the webhook, and went on. Its audit log has to go to standard output. */
export const failedOpen = async ({ apiServerLog }: Cluster): Promise<number> => {
  const log = await readFile(apiServerLog, "utf8");
  return log.split("\n").filter((line) => line.includes('"failed-open.mutation.webhook.admission.k8s.io/')).length;
};
