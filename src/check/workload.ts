/** Podpass' Deployment, its pods and what stands around them: as much of the objects as checks look at. */
import { at, type JsonObject, listAt, mapAt, numberAt, textAt, textsAt } from "./json.ts";
import { type Labels, readSelector, type Selector } from "./selectors.ts";

/** A Secret or ConfigMap of the namespace. */
export interface MountedSource {
  readonly kind: "secret" | "configMap";
  readonly name: string;
}

/** The Deployment. */
export interface Deployment {
  /** What is wanted. */
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  /** Has the controller seen the latest change? */
  readonly isObserved: boolean;
  readonly serviceAccount: string;
  readonly image: string;
  /** Command and arguments of the container that serves. */
  readonly args: readonly string[];
  /** Of the plain port with the probes. */
  readonly healthPort: number;
  /** Labels of its pods. */
  readonly podLabels: Labels;
  readonly selector: Selector;
  /** What is mounted, by the folder it is in. */
  readonly mounts: ReadonlyMap<string, MountedSource>;
}

const HEALTH_PORT = 8080;

const wordsOf = (container: unknown): readonly string[] => [
  ...textsAt(container, "command"),
  ...textsAt(container, "args"),
];

const servingContainer = (spec: unknown): unknown => {
  const containers = listAt(spec, "containers");
  return containers.find((container) => wordsOf(container).includes("serve")) ?? containers[0];
};

const sourceOf = (volume: unknown): MountedSource | undefined => {
  const secret = textAt(volume, "secret", "secretName");
  if (secret !== "") return { kind: "secret", name: secret };
  const configMap = textAt(volume, "configMap", "name");
  return configMap === "" ? undefined : { kind: "configMap", name: configMap };
};

const mountsOf = (spec: unknown, container: unknown): Deployment["mounts"] => {
  const sources = new Map(listAt(spec, "volumes").map((volume) => [textAt(volume, "name"), sourceOf(volume)]));
  return new Map(
    listAt(container, "volumeMounts").flatMap((mount) => {
      const source = sources.get(textAt(mount, "name"));
      return source === undefined ? [] : [[textAt(mount, "mountPath").replace(/\/+$/, ""), source] as const];
    }),
  );
};

const healthPortOf = (container: unknown): number => {
  const port = listAt(container, "ports").find((one) => textAt(one, "name") === "http");
  return numberAt(port, "containerPort") ?? HEALTH_PORT;
};

/** Reads a Deployment. */
export const readDeployment = (value: JsonObject): Deployment => {
  const spec = at(value, "spec", "template", "spec");
  const container = servingContainer(spec);
  return {
    replicas: numberAt(value, "spec", "replicas") ?? 1,
    updated: numberAt(value, "status", "updatedReplicas") ?? 0,
    ready: numberAt(value, "status", "readyReplicas") ?? 0,
    isObserved:
      (numberAt(value, "status", "observedGeneration") ?? 0) >= (numberAt(value, "metadata", "generation") ?? 0),
    serviceAccount: textAt(spec, "serviceAccountName") || "default",
    image: textAt(container, "image"),
    args: wordsOf(container),
    healthPort: healthPortOf(container),
    podLabels: mapAt(value, "spec", "template", "metadata", "labels"),
    selector: readSelector(at(value, "spec", "selector")),
    mounts: mountsOf(spec, container),
  };
};

/** Every value of `--NAME VALUE` and `--NAME=VALUE` among `args`. */
export const optionsOf = (args: readonly string[], name: string): readonly string[] =>
  args.flatMap((arg, index) => {
    if (arg.startsWith(`--${name}=`)) return [arg.slice(name.length + 3)];
    return arg === `--${name}` ? (args[index + 1] ?? []) : [];
  });

/** The value of an option that counts: the last one. */
export const optionOf = (args: readonly string[], name: string): string | undefined => optionsOf(args, name).at(-1);

/** The Secret or ConfigMap that the file of the option `--NAME` is in, and its key there; undefined where it is neither. */
export const mountedFile = (
  { args, mounts }: Deployment,
  name: string,
): (MountedSource & { readonly key: string }) | undefined => {
  const path = optionOf(args, name) ?? "";
  const slash = path.lastIndexOf("/");
  const source = mounts.get(path.slice(0, Math.max(0, slash)));
  return source && { ...source, key: path.slice(slash + 1) };
};

/** One of its pods. */
export interface Replica {
  readonly name: string;
  readonly isTerminating: boolean;
  /** What the node pulled, by digest; empty where it does not run. */
  readonly imageId: string;
}

/** Reads a Pod of the Deployment. */
export const readReplica = (value: JsonObject): Replica => ({
  name: textAt(value, "metadata", "name"),
  isTerminating: textAt(value, "metadata", "deletionTimestamp") !== "",
  imageId: textAt(listAt(value, "status", "containerStatuses")[0], "imageID"),
});

/** A PodDisruptionBudget. */
export interface Budget {
  readonly name: string;
  readonly selector: Selector;
  readonly disruptionsAllowed: number;
  readonly healthy: number;
  readonly desired: number;
}

/** Reads a PodDisruptionBudget. */
export const readBudget = (value: JsonObject): Budget => ({
  name: textAt(value, "metadata", "name"),
  selector: readSelector(at(value, "spec", "selector")),
  disruptionsAllowed: numberAt(value, "status", "disruptionsAllowed") ?? 0,
  healthy: numberAt(value, "status", "currentHealthy") ?? 0,
  desired: numberAt(value, "status", "desiredHealthy") ?? 0,
});

/** How many addresses of an EndpointSlice take connections. */
export const readyEndpoints = (value: JsonObject): number =>
  listAt(value, "endpoints").filter((endpoint) => at(endpoint, "conditions", "ready") !== false).length;
