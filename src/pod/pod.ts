/**
 * The fields of a Pod that Podpass reads, checked where they come in and used as they came: the rest is carried along
 * untouched, so that fields of any Kubernetes version survive.
 */

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  readonly subPathExpr?: string;
  readonly mountPropagation?: string;
}

/** A source of variables: every key of a ConfigMap or Secret, with `prefix` in front of it. */
export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string } | null;
  readonly secretRef?: { readonly name?: string } | null;
}

/** What makes a container one for Windows. */
interface SecurityContext {
  readonly windowsOptions?: { readonly hostProcess?: boolean } | null;
}

export interface Container {
  readonly name: string;
  readonly env?: readonly EnvVar[] | null;
  readonly envFrom?: readonly EnvFromSource[] | null;
  readonly volumeMounts?: readonly VolumeMount[] | null;
  readonly volumeDevices?: readonly { readonly devicePath?: unknown }[] | null;
  readonly securityContext?: SecurityContext | null;
}

/** One condition on a node. */
export interface NodeRequirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[] | null;
}

/** The nodes that a pod may run on: those for which all conditions of one of the terms hold. */
interface RequiredNodes {
  readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: readonly NodeRequirement[] | null }[] | null;
}

export interface ServiceAccountTokenProjection {
  readonly audience?: string;
  readonly expirationSeconds?: number;
  readonly path?: string;
}

export interface DownwardItem {
  readonly path?: string;
  readonly fieldRef?: { readonly fieldPath?: string } | null;
}

export interface ProjectedSource {
  readonly serviceAccountToken?: ServiceAccountTokenProjection | null;
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[] | null } | null;
}

export interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources?: readonly ProjectedSource[] | null; readonly defaultMode?: number } | null;
}

export interface Pod {
  readonly metadata?: {
    readonly name?: string | null;
    readonly generateName?: string | null;
    readonly labels?: { readonly [key: string]: string } | null;
    readonly annotations?: { readonly [key: string]: string } | null;
  } | null;
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly serviceAccount?: string;
    readonly os?: { readonly name?: string } | null;
    readonly nodeSelector?: { readonly [key: string]: string } | null;
    readonly affinity?: {
      readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: RequiredNodes | null } | null;
    } | null;
    readonly securityContext?: SecurityContext | null;
    readonly volumes?: readonly Volume[] | null;
    readonly initContainers?: readonly Container[] | null;
    readonly containers: readonly Container[];
  };
}

type Check = (value: unknown) => boolean;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const absent: Check = (value) => value === undefined || value === null;
const text: Check = (value) => typeof value === "string";
const optional =
  (check: Check): Check =>
  (value) =>
    absent(value) || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const texts: Check = (value) => {
  if (!isObject(value)) return false;
  for (const key in value) if (typeof value[key] !== "string") return false;
  return true;
};

const isEnvVar: Check = (value) => isObject(value) && text(value["name"]) && optional(text)(value["value"]);
const isEnvFrom: Check = (value) => isObject(value) && optional(text)(value["prefix"]);
const isMount: Check = (value) => isObject(value) && text(value["name"]) && text(value["mountPath"]);
const isProjection: Check = (value) =>
  isObject(value) &&
  optional(text)(value["audience"]) &&
  optional(text)(value["path"]) &&
  (absent(value["expirationSeconds"]) || typeof value["expirationSeconds"] === "number");
const isDownward: Check = (value) => isObject(value) && optional(listOf(isObject))(value["items"]);
const isSource: Check = (value) =>
  isObject(value) && optional(isProjection)(value["serviceAccountToken"]) && optional(isDownward)(value["downwardAPI"]);
const isProjected: Check = (value) => isObject(value) && optional(listOf(isSource))(value["sources"]);
const isVolume: Check = (value) => isObject(value) && text(value["name"]) && optional(isProjected)(value["projected"]);
type FieldCheck = readonly [field: string, check: Check, allowed: string];

const isEnv = optional(listOf(isEnvVar));
const isEnvFroms = optional(listOf(isEnvFrom));
const isMounts = optional(listOf(isMount));
const isDevices = optional(listOf(isObject));
// Of every pod: written out, since a loop over the table below takes longer.
const isContainer: Check = (value) =>
  isObject(value) &&
  text(value["name"]) &&
  isEnv(value["env"]) &&
  isEnvFroms(value["envFrom"]) &&
  isMounts(value["volumeMounts"]) &&
  isDevices(value["volumeDevices"]);
/** The same, for who has to be told. */
const CONTAINER_CHECKS: readonly FieldCheck[] = [
  ["name", text, "a string"],
  ["env", isEnv, "a list of variables"],
  ["envFrom", isEnvFroms, "a list of sources"],
  ["volumeMounts", isMounts, "a list of mounts"],
  ["volumeDevices", isDevices, "a list of devices"],
];
const isRequirement: Check = (value) => isObject(value) && optional(Array.isArray)(value["values"]);
const isTerm: Check = (value) => isObject(value) && optional(listOf(isRequirement))(value["matchExpressions"]);
const isRequired: Check = (value) => isObject(value) && optional(listOf(isTerm))(value["nodeSelectorTerms"]);
const isNodeAffinity: Check = (value) =>
  isObject(value) && optional(isRequired)(value["requiredDuringSchedulingIgnoredDuringExecution"]);
const isAffinity: Check = (value) => isObject(value) && optional(isNodeAffinity)(value["nodeAffinity"]);
const isMetadata: Check = (value) =>
  isObject(value) &&
  optional(text)(value["name"]) &&
  optional(text)(value["generateName"]) &&
  optional(texts)(value["labels"]) &&
  optional(texts)(value["annotations"]);

const SPEC_CHECKS: readonly FieldCheck[] = [
  ["serviceAccountName", optional(text), "a string"],
  ["serviceAccount", optional(text), "a string"],
  ["os", optional(isObject), "an object"],
  ["nodeSelector", optional(texts), "an object of strings"],
  ["affinity", optional(isAffinity), "an affinity"],
  ["volumes", optional(listOf(isVolume)), "a list of volumes"],
  ["initContainers", optional(listOf(isContainer)), "a list of containers"],
  ["containers", (value) => value === null || listOf(isContainer)(value), "a list of containers"],
];

/** Which field of which container is not as it has to be; undefined where it is not about one. */
const containerProblem = (field: string, list: unknown): string | undefined => {
  if (!/[cC]ontainers$/.test(field) || !Array.isArray(list)) return undefined;
  for (const [index, container] of list.entries())
    for (const [name, check, allowed] of isObject(container) ? CONTAINER_CHECKS : [])
      if (!check(container[name])) return `spec.${field}[${index}].${name} is not ${allowed}`;
  return undefined;
};

/** A pod, or a sentence that says what about `value` is not one. */
export const readPod = (value: unknown): { readonly pod: Pod } | { readonly problem: string } => {
  if (!isObject(value)) return { problem: "the pod is not an object" };
  if (!optional(isMetadata)(value["metadata"])) return { problem: "metadata is not that of a pod" };
  const spec = value["spec"];
  if (!isObject(spec)) return { problem: "spec is not an object" };
  for (const [field, check, allowed] of SPEC_CHECKS)
    if (!check(spec[field]))
      return { problem: containerProblem(field, spec[field]) ?? `spec.${field} is not ${allowed}` };
  // As Go writes none; and a pod of none now may be given some by another webhook, so it is judged like every other.
  const pod = spec["containers"] === null ? { ...value, spec: { ...spec, containers: [] } } : value;
  return { pod: pod as unknown as Pod };
};

/** The pod's name for people; a name that is still to be generated ends with `*`. */
export const podName = (pod: Pod): string => {
  const { name, generateName } = pod.metadata ?? {};
  if (name) return name;
  return generateName ? `${generateName}*` : "(unnamed)";
};

/** The pod's ServiceAccount; empty where it names none. */
export const serviceAccountName = (pod: Pod): string => pod.spec.serviceAccountName || pod.spec.serviceAccount || "";

/** Is it the API server's image of a static pod (`kubernetes.io/config.mirror`)? */
export const isMirrorPod = (pod: Pod): boolean => {
  const annotations = pod.metadata?.annotations;
  return !!annotations && Object.hasOwn(annotations, "kubernetes.io/config.mirror");
};

/** The list a container stands in, as the patch needs it. */
export type ContainerList = "initContainers" | "containers";

/** Every container that takes identities, with its place: init containers and native sidecars first. */
export const placedContainers = (
  pod: Pod,
): readonly { readonly list: ContainerList; readonly index: number; readonly container: Container }[] => [
  ...(pod.spec.initContainers ?? []).map((container, index) => ({ list: "initContainers" as const, index, container })),
  ...pod.spec.containers.map((container, index) => ({ list: "containers" as const, index, container })),
];
