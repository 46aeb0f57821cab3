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

/** Answers `GET /api/v1/namespaces/NAMESPACE/pods`. */
export const kubernetes =
  ({ trust, namespace, pods }: KubernetesOptions): Handle =>
  async (incoming) => {
    const verdict = await verifyToken(bearer(incoming), trust);
    if (verdict.kind === "refused") return status(401, "Unauthorized", "Unauthorized");
    if (incoming.method !== "GET" || incoming.path !== `/api/v1/namespaces/${namespace}/pods`)
      return status(404, "NotFound", "the server could not find the requested resource");
    const items = pods.map((name) => ({ metadata: { name, namespace }, spec: { containers: [] } }));
    return json(200, { kind: "PodList", apiVersion: "v1", metadata: {}, items });
  };
