/** The API server of another cluster, which trusts an issuer: it lists the pods of one namespace. */
import { bearer, type Handle, json } from "./listen.ts";
import { type Trust, verifyToken } from "./verify.ts";

/** Who is trusted, and what there is. */
export interface KubernetesOptions {
  readonly trust: Trust;
  readonly namespace: string;
  /** Names. */
  readonly pods: readonly string[];
}

const status = (code: number, reason: string, message: string) =>
  json(code, { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message });

/** What clients ask before anything else: which resources there are. */
const discovery: Readonly<Record<string, unknown>> = {
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": { kind: "APIGroupList", apiVersion: "v1", groups: [] },
  "/api/v1": {
    kind: "APIResourceList",
    groupVersion: "v1",
    resources: [{ name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: ["get", "list"] }],
  },
};

/** Answers `GET /api/v1/namespaces/NAMESPACE/pods`, and discovery. */
export const kubernetes =
  ({ trust, namespace, pods }: KubernetesOptions): Handle =>
  async (incoming) => {
    const verdict = await verifyToken(bearer(incoming), trust);
    if (verdict.kind === "refused") return status(401, "Unauthorized", "Unauthorized");
    if (incoming.method === "GET" && Object.hasOwn(discovery, incoming.path))
      return json(200, discovery[incoming.path]);
    if (incoming.method !== "GET" || incoming.path !== `/api/v1/namespaces/${namespace}/pods`)
      return status(404, "NotFound", "the server could not find the requested resource");
    const items = pods.map((name) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace },
      spec: { containers: [] },
    }));
    return json(200, { kind: "PodList", apiVersion: "v1", metadata: {}, items });
  };
