/**
 * Where everything ends that the author of a pod or of a ServiceAccount may make large. Whoever may create a pod chooses
 * what Podpass reads, so each list and each text has a bound, far above every real workload, and what is beyond it is
 * refused with a reason code of its own: never answered late, and never let through unjudged.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** One bound. */
export interface Limit {
  /** The most that is allowed. */
  readonly max: number;
  /** What is counted, as a sentence names it: "containers". */
  readonly unit: string;
  /** Why there: what bounds it anyway, or how large it gets in practice. */
  readonly why: string;
}

/** The bounds of one pod and its review, by the code of their breach. */
export const POD_LIMITS = {
  "too-large": {
    max: 8 * MIB,
    unit: "bytes",
    why: "The API server takes 3 MiB of pod and etcd stores 1.5 MiB. Counted with `<`, `>` and `&` as one byte each.",
  },
  "too-many-values": {
    max: 100_000,
    unit: "JSON values",
    why: "What takes long to parse is values, not bytes. With its managed fields a variable has about ten of them: enough for 100 containers with 90 variables each.",
  },
  "too-many-containers": {
    max: 1000,
    unit: "containers",
    why: "Init containers and containers together; pods with some dozens of them are already rare.",
  },
  "too-many-variables": {
    max: 20_000,
    unit: "environment variables",
    why: "Of all containers together: 200 variables in each of 100 containers.",
  },
  "too-many-mounts": {
    max: 10_000,
    unit: "mounts",
    why: "Of all containers together, devices too: 100 mounts in each of 100 containers.",
  },
  "path-too-long": {
    max: 4096,
    unit: "characters in a mountPath",
    why: "Linux opens no longer path (`PATH_MAX`); such a container would not start.",
  },
  "too-many-volumes": {
    max: 1000,
    unit: "volumes",
    why: "A node attaches some hundreds; the usual pod has fewer than ten.",
  },
  "too-many-sources": {
    max: 5000,
    unit: "projected sources and items",
    why: "Of all projected volumes together; the token that the API server adds has three sources.",
  },
  "too-many-tokens": {
    max: 100,
    unit: "projected ServiceAccount tokens",
    why: "One for each outside service and one of the API server's; each is renewed by the kubelet for itself.",
  },
  "audience-too-long": {
    max: KIB,
    unit: "characters in an audience",
    why: "As in the configuration; Google Cloud's, the longest that a preset makes, has about 150.",
  },
  "too-many-keys": {
    max: 1000,
    unit: "annotations under the prefix",
    why: "Each of 32 providers has some ten keys.",
  },
  "too-many-names": {
    max: 1000,
    unit: "names in a list",
    why: "As many as there may be containers.",
  },
  "annotations-too-large": {
    max: 256 * KIB,
    unit: "bytes",
    why: "Kubernetes' own bound on all annotations of an object (`TotalAnnotationSizeLimitB`).",
  },
  "patch-too-large": {
    max: 1.5 * MIB,
    unit: "bytes",
    why: "etcd stores no larger object, so that no pod could take more.",
  },
} as const satisfies Readonly<Record<string, Limit>>;

/** The code of a breach of {@link POD_LIMITS}. */
export type PodLimit = keyof typeof POD_LIMITS;

/** The bounds of one ServiceAccount's annotations, by the code of their breach. */
export const ACCOUNT_LIMITS = {
  "too-many-providers": {
    max: 32,
    unit: "providers after federate",
    why: "More than there are presets; a pod of one ServiceAccount rarely needs more than three.",
  },
  "too-many-keys": POD_LIMITS["too-many-keys"],
  "too-many-names": POD_LIMITS["too-many-names"],
} as const satisfies Readonly<Record<string, Limit>>;

/** Of many breaches of one kind so many are told, and the others counted: a sentence is read by a person. */
export const MAX_TOLD = 5;

/** `more than 1,000 containers; allowed: 1,000`. */
export const beyond = ({ max, unit }: Limit): string => {
  const number = max.toLocaleString("en-US");
  return `more than ${number} ${unit}; allowed: ${number}`;
};
