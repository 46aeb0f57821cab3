/** Where each kind of workload has its pod. */
import type { ManifestObject } from "./objects.ts";

/** Kind, API group (empty: the core's), and where the pod or its template is. */
const PODS: ReadonlyMap<string, { readonly groups: readonly string[]; readonly path: readonly string[] }> = new Map([
  ["Pod", { groups: [""], path: [] }],
  ["PodTemplate", { groups: [""], path: ["template"] }],
  ["ReplicationController", { groups: [""], path: ["spec", "template"] }],
  ["Deployment", { groups: ["apps", "extensions"], path: ["spec", "template"] }],
  ["StatefulSet", { groups: ["apps"], path: ["spec", "template"] }],
  ["DaemonSet", { groups: ["apps", "extensions"], path: ["spec", "template"] }],
  ["ReplicaSet", { groups: ["apps", "extensions"], path: ["spec", "template"] }],
  ["Job", { groups: ["batch"], path: ["spec", "template"] }],
  ["CronJob", { groups: ["batch"], path: ["spec", "jobTemplate", "spec", "template"] }],
]);

/** Is the object of API group `group`? One without an apiVersion is taken for what its kind says. */
export const isOfGroup = ({ apiVersion }: ManifestObject, group: string): boolean =>
  apiVersion === undefined || (apiVersion.includes("/") ? apiVersion.split("/")[0] : "") === group;

/** The path of the pod or pod template in `object`, or undefined where its kind has none. */
export const podPath = (object: ManifestObject): readonly string[] | undefined => {
  const found = PODS.get(object.kind);
  return found?.groups.some((group) => isOfGroup(object, group)) ? found.path : undefined;
};
