/** A pod as the API server lists it, and the workload that it belongs to. */
import { type Pod, podName, readPod, serviceAccountName } from "../pod/pod.ts";

/** A pod, with what there is to say of it beside its spec. */
export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  /** What made it, and what is restarted for another: `deployment/api`; the pod itself where nothing did. */
  readonly workload: string;
  readonly pod: Pod;
}

type JsonObject = { readonly [member: string]: unknown };

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textIn = (value: unknown, member: string): string => {
  const found = isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;
  return typeof found === "string" ? found : "";
};

const objectIn = (value: unknown, member: string): unknown =>
  isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;

/** Over, or about to be: nothing can be done about it. */
const isOver = (value: JsonObject): boolean =>
  ["Succeeded", "Failed"].includes(textIn(objectIn(value, "status"), "phase")) ||
  textIn(objectIn(value, "metadata"), "deletionTimestamp") !== "";

const controllerOf = (metadata: unknown): JsonObject | undefined => {
  const owners = objectIn(metadata, "ownerReferences");
  if (!Array.isArray(owners)) return undefined;
  return owners.find((owner): owner is JsonObject => isObject(owner) && owner["controller"] === true);
};

/**
 * The workload of a pod by its controller's name. A Deployment's ReplicaSet is called after it and ends with the hash that
 * its pods are labelled with; a CronJob's Job ends with the minute that it is of.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 */
const workloadOf = (metadata: unknown, pod: string): string => {
  const controller = controllerOf(metadata);
  if (controller === undefined) return `pod/${pod}`;
  const kind = textIn(controller, "kind").toLowerCase();
  const name = textIn(controller, "name");
  if (kind === "replicaset") {
    const hash = textIn(objectIn(metadata, "labels"), "pod-template-hash");
    if (hash !== "" && name.endsWith(`-${hash}`)) return `deployment/${name.slice(0, -hash.length - 1)}`;
  }
  const cronJob = kind === "job" ? /^(.+)-[0-9]{8,11}$/.exec(name)?.[1] : undefined;
  return cronJob === undefined ? `${kind}/${name}` : `cronjob/${cronJob}`;
};

/** Reads `value`; undefined where it is over, or no pod. */
export const readRunningPod = (value: unknown): RunningPod | undefined => {
  if (!isObject(value) || isOver(value)) return undefined;
  const read = readPod(value);
  if ("problem" in read) return undefined;
  const { pod } = read;
  const metadata = objectIn(value, "metadata");
  const name = podName(pod);
  return {
    namespace: textIn(metadata, "namespace"),
    name,
    serviceAccount: serviceAccountName(pod),
    workload: workloadOf(metadata, name),
    pod,
  };
};
