/** A federated ServiceAccount and a plain one, and whether their pods are as they must be. */
import type { Cluster } from "../cluster/cluster.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { containersWithout, injected } from "./identity.ts";
import { requestPod } from "./load.ts";

/** The annotations that federate a ServiceAccount. */
export const aws = {
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/reports",
};

/** Whose tokens its pods have. */
export const audience = "sts.amazonaws.com";

/** The two. */
export const accounts = [{ name: "federated", annotations: aws }, { name: "plain" }];

/** Names of pods that lack the identity that their ServiceAccount has, and of pods that have one and should not. */
export const wrongPods = (pods: readonly Pod[], isFederated: (serviceAccount: string) => boolean): readonly string[] =>
  pods
    .filter((pod) => {
      const hasIdentity = containersWithout(pod, [audience]).length === 0 && injected(pod) === "aws";
      return hasIdentity !== isFederated(pod.spec.serviceAccountName ?? "");
    })
    .map(({ metadata }) => metadata.name);

/** Annotates a ServiceAccount. */
export const annotate = (cluster: Cluster, name: string, annotations: Readonly<Record<string, string | null>> = aws) =>
  cluster.must("PATCH", `/api/v1/namespaces/default/serviceaccounts/${name}`, { metadata: { annotations } });

/** Creates a pod; does it have its identity? Throws where it is refused. */
export const hasIdentity = async (cluster: Cluster, serviceAccount: string, query = ""): Promise<boolean> => {
  const { status, body } = await requestPod(cluster, serviceAccount, query);
  if (status !== 201) throw new Error(`${status} ${body.message}`);
  return containersWithout(body, [audience]).length === 0;
};
