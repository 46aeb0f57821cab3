/** The downward API: fields of a pod as text. */
import type { Pod } from "./pod.ts";

const plain: Readonly<Record<string, (pod: Pod) => string>> = {
  "metadata.name": (pod) => pod.metadata.name,
  "metadata.namespace": (pod) => pod.metadata.namespace,
  "metadata.uid": (pod) => pod.metadata.uid,
  "metadata.labels": (pod) => formatMap(pod.metadata.labels),
  "metadata.annotations": (pod) => formatMap(pod.metadata.annotations),
  "spec.nodeName": (pod) => pod.spec.nodeName ?? "",
  "spec.serviceAccountName": (pod) => pod.spec.serviceAccountName ?? "",
  "status.hostIP": () => "127.0.0.1",
  "status.podIP": () => "127.0.0.1",
};

const formatMap = (map: Readonly<Record<string, string>> = {}): string =>
  Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");

/** The value of `fieldPath`; a label or annotation that is not there is empty, as on a real node. */
export const fieldValue = (pod: Pod, fieldPath: string): string => {
  const keyed = /^metadata\.(annotations|labels)\['(.*)'\]$/su.exec(fieldPath);
  if (keyed) {
    const map = keyed[1] === "labels" ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[keyed[2] ?? ""] ?? "";
  }
  const read = plain[fieldPath];
  if (!read) throw new Error(`unsupported fieldPath: ${fieldPath}`);
  return read(pod);
};
