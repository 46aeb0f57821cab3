/** Asks for a pod's tokens as kubelet does: with the node's own rights, bound to the pod. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiRequestOptions, ApiResponse } from "../api-client.ts";
import type { Cluster } from "../cluster.ts";
import type { Pod, ProjectedSource } from "./pod.ts";

type TokenSource = NonNullable<ProjectedSource["serviceAccountToken"]>;

const catchUpMs = 3_000;

// What the API server says of a pod that its watch has not shown to it, or not yet as bound: its node authorizer, and
// NodeRestriction (`pod "x"`; what is not in etcd is `pods "x"`).
const isBehind = (status: number, message: string): boolean =>
  (status === 403 && /no relationship found|scheduled on a different node/u.test(message)) ||
  (status === 404 && /^pod ".*" not found$/u.test(message));

/**
 * Sends a request with the node's token. The API server learns from a watch which pods a node has, so that it refuses
 * a node for a moment after the pod was made or bound; kubelet tries again, and so does this.
 */
export const requestAsNode = async <Body>(
  cluster: Cluster,
  node: string,
  [method, path, body]: readonly ["GET" | "POST", string, unknown?],
): Promise<ApiResponse<Body & { message?: string }>> => {
  const options: ApiRequestOptions = { token: cluster.nodeToken(node) };
  const deadline = Date.now() + catchUpMs;
  for (;;) {
    const response = await cluster.request<Body & { message?: string }>(method, path, body, options);
    if (!isBehind(response.status, response.body.message ?? "") || Date.now() > deadline) return response;
    await sleep(100);
  }
};

/** The token for one `serviceAccountToken` source of a pod that is bound to `node`. */
export const requestToken = async (cluster: Cluster, node: string, pod: Pod, source: TokenSource): Promise<string> => {
  const { name, namespace, uid } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? "default";
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const body = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {
      audiences: source.audience ? [source.audience] : [],
      expirationSeconds: source.expirationSeconds ?? 3600,
      boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
    },
  };
  const response = await requestAsNode<{ status: { token: string } }>(cluster, node, ["POST", path, body]);
  if (response.status !== 201) throw new Error(`failed to fetch token: ${response.body.message}`);
  return response.body.status.token;
};
