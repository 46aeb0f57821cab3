/** A pod as the API server lists it, and the workload that it belongs to. */
import { at, isJsonObject, type JsonObject, listAt, textAt } from "../check/json.ts";
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

/** Over, or about to be: nothing can be done about it. */
const isOver = (value: JsonObject): boolean =>
  ["Succeeded", "Failed"].includes(textAt(value, "status", "phase")) ||
  textAt(value, "metadata", "deletionTimestamp") !== "";

/** The longest that the API server takes: a DNS subdomain. */
const MAX_NAME = 253;

/**
 * Can an object have that kind and name? The API server takes any text in an owner's, of any length; one that no object can
 * have is nobody's, and would go into commands.
 */
const isPossible = (owner: JsonObject): boolean =>
  /^[A-Za-z][A-Za-z0-9]{0,62}$/.test(textAt(owner, "kind")) && /^[\w.:-]{1,253}$/.test(textAt(owner, "name"));

const controllerOf = (metadata: unknown): JsonObject | undefined =>
  listAt(metadata, "ownerReferences").find(
    (owner): owner is JsonObject => isJsonObject(owner) && owner["controller"] === true && isPossible(owner),
  );

/**
 * The workload of a pod by its controller's name. A Deployment's ReplicaSet is called after it and ends with the hash that
 * its pods are labelled with; a CronJob's Job ends with the minute that it is of.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 */
const workloadOf = (metadata: unknown, pod: string): string => {
  const controller = controllerOf(metadata);
  if (controller === undefined) return `pod/${pod}`;
  const kind = textAt(controller, "kind").toLowerCase();
  const name = textAt(controller, "name");
  if (kind === "replicaset") {
    const hash = textAt(metadata, "labels", "pod-template-hash");
    if (hash !== "" && name.endsWith(`-${hash}`)) return `deployment/${name.slice(0, -hash.length - 1)}`;
  }
  const cronJob = kind === "job" ? /^(.+)-[0-9]{8,11}$/.exec(name)?.[1] : undefined;
  return cronJob === undefined ? `${kind}/${name}` : `cronjob/${cronJob}`;
};

/** Reads `value`; undefined where it is over, or no pod. */
export const readRunningPod = (value: unknown): RunningPod | undefined => {
  if (!isJsonObject(value) || isOver(value)) return undefined;
  const read = readPod(value);
  if ("problem" in read) return undefined;
  const { pod } = read;
  const metadata = at(value, "metadata");
  const name = podName(pod);
  const namespace = textAt(metadata, "namespace");
  const serviceAccount = serviceAccountName(pod);
  if ([name, namespace, serviceAccount].some(({ length }) => length > MAX_NAME)) return undefined;
  return {
    namespace,
    name,
    serviceAccount,
    workload: workloadOf(metadata, name),
    pod,
  };
};
