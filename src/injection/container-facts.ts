/**
 * What the plan of a container depends on. Planning is given facts and never a container, so that containers with equal
 * facts have equal plans, and one plan serves them all.
 */
import { isNormalPath, normalisePath } from "../pod/paths.ts";
import type { Container, EnvFromSource, EnvVar } from "../pod/pod.ts";
import type { VolumeFacts } from "../pod/volumes.ts";
import type { Reach } from "./footprint.ts";

/** A mount, or a device, that lies at, above or below a path of ours, or above a file that one of our variables names. */
export interface MountFact {
  /** Normalised. */
  readonly path: string;
  /** As it was written, which is how a process must name it. */
  readonly mountPath: string;
  readonly volumeName: string | undefined;
  /** Undefined for a device, or a volume that is not there. */
  readonly volume: VolumeFacts | undefined;
  /** Only a part of the volume (`subPath`), which is never rotated. */
  readonly isPart: boolean;
  readonly isReadOnly: boolean;
  /** What is mounted at it or below shows on the host, or what the host mounts there shows in it. */
  readonly isPropagated: boolean;
}

/** The facts. */
export interface ContainerFacts {
  /** Its variables that identities set or look for, as Kubernetes takes them: the last of several with one name. */
  readonly env: ReadonlyMap<string, EnvVar>;
  /** Those that may come from its `envFrom`. */
  readonly envFrom: ReadonlySet<string>;
  /** Those of them that surely do, each with whether it has a value. Only where ConfigMaps and Secrets are at hand. */
  readonly brought: ReadonlyMap<string, boolean>;
  readonly mounts: readonly MountFact[];
}

/** What facts are read with. */
export interface FactsContext {
  readonly reach: Reach;
  readonly windows: boolean;
  /** The pod's volumes by name; asked only where a mount is near a path of ours. */
  volume(name: string): VolumeFacts | undefined;
  /** The keys of a ConfigMap or Secret, where they are at hand. */
  readonly keysOf: KeysOf | undefined;
}

/**
 * The keys of the ConfigMap or Secret `name` of the pod's namespace, each with whether its value is more than empty;
 * undefined where that is not at hand.
 */
export type KeysOf = (kind: "ConfigMap" | "Secret", name: string) => ReadonlyMap<string, boolean> | undefined;

const NO_ENV: ReadonlyMap<string, EnvVar> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();
const NO_KEYS: ReadonlyMap<string, boolean> = new Map();
const NO_MOUNTS: readonly MountFact[] = [];
const NOTHING_FROM = { envFrom: NO_NAMES, brought: NO_KEYS } as const;

/**
 * Are these the facts of a container that has nothing where an identity goes, as nearly every one? An `envFrom` may still
 * bring any of its variables.
 */
export const isPlain = ({ env, envFrom, brought, mounts }: ContainerFacts, { variables }: Reach): boolean =>
  env === NO_ENV && mounts === NO_MOUNTS && brought === NO_KEYS && (envFrom === NO_NAMES || envFrom === variables);

const keysIn = (source: EnvFromSource, keysOf: KeysOf | undefined): ReturnType<KeysOf> => {
  const { configMapRef, secretRef } = source;
  if (configMapRef?.name) return keysOf?.("ConfigMap", configMapRef.name);
  return secretRef?.name ? keysOf?.("Secret", secretRef.name) : undefined;
};

/** Of many prefixes those count that are no longer than the name. */
const hasPrefix = (name: string, prefixes: ReadonlySet<string>): boolean => {
  if (prefixes.size === 0) return false;
  for (let end = 1; end <= name.length; end++) if (prefixes.has(name.slice(0, end))) return true;
  return false;
};

/** Of what is `known`, what the identities look for; what another source may fill is not known to be empty. */
const readBrought = (
  known: ReadonlyMap<string, boolean>,
  prefixes: ReadonlySet<string>,
  variables: ReadonlySet<string>,
): ReadonlyMap<string, boolean> => {
  if (known.size === 0) return NO_KEYS;
  const mayBeFilled = (name: string) => prefixes.has("") || hasPrefix(name, prefixes);
  const brought = new Map<string, boolean>();
  for (const name of variables) {
    const hasValue = known.get(name);
    if (hasValue !== undefined && (hasValue || !mayBeFilled(name))) brought.set(name, hasValue);
  }
  return brought.size === 0 ? NO_KEYS : brought;
};

const readEnvFrom = (
  container: Container,
  { reach, keysOf }: FactsContext,
): Pick<ContainerFacts, "envFrom" | "brought"> => {
  if (!container.envFrom?.length) return NOTHING_FROM;
  const { variables } = reach;
  const known = new Map<string, boolean>();
  const prefixes = new Set<string>();
  for (const source of container.envFrom) {
    const prefix = source.prefix ?? "";
    const keys = keysIn(source, keysOf);
    if (keys === undefined) prefixes.add(prefix);
    else for (const [key, hasValue] of keys) known.set(prefix + key, hasValue);
  }
  const brought = readBrought(known, prefixes, variables);
  if (prefixes.has("")) return { envFrom: variables, brought };
  const names = new Set([...variables].filter((name) => known.has(name) || hasPrefix(name, prefixes)));
  return { envFrom: names.size === 0 ? NO_NAMES : names, brought };
};

const readEnv = (container: Container, { variables }: Reach): ReadonlyMap<string, EnvVar> => {
  let env: Map<string, EnvVar> | undefined;
  for (const variable of container.env ?? []) {
    if (!variables.has(variable.name)) continue;
    env ??= new Map();
    env.set(variable.name, variable);
  }
  return env ?? NO_ENV;
};

/** False only where `mountPath` is surely neither at, above nor below one of `paths`. */
const mayMeet = (mountPath: string, paths: readonly string[], windows: boolean): boolean => {
  if (windows || !isNormalPath(mountPath)) return true;
  for (const path of paths) if (path.startsWith(mountPath) || mountPath.startsWith(path)) return true;
  return false;
};

const isPropagated = (mountPropagation: string | undefined): boolean =>
  mountPropagation === "Bidirectional" || mountPropagation === "HostToContainer";

/**
 * The longest path of a variable of ours that is looked for among mounts, in characters: no webhook's is longer. Every
 * mount is compared with every such path, of which a pod may have thousands.
 */
export const MAX_NAMED_PATH = 256;

/** The paths that variables of ours hold already. */
const pathsIn = (env: ReadonlyMap<string, EnvVar>): readonly string[] => {
  const paths: string[] = [];
  for (const { value } of env.values()) if (value?.startsWith("/") && value.length <= MAX_NAMED_PATH) paths.push(value);
  return paths;
};

const readMounts = (
  container: Container,
  env: ReadonlyMap<string, EnvVar>,
  { reach, windows, volume }: FactsContext,
): readonly MountFact[] => {
  const own = windows ? reach.windowsPaths : reach.unixPaths;
  const paths = env.size === 0 ? own : [...own, ...pathsIn(env)];
  const mounts: MountFact[] = [];
  for (const { mountPath, name, readOnly, subPath, subPathExpr, mountPropagation } of container.volumeMounts ?? []) {
    if (!mayMeet(mountPath, paths, windows)) continue;
    mounts.push({
      path: normalisePath(mountPath, windows),
      mountPath,
      volumeName: name,
      volume: volume(name),
      isPart: !!subPath || !!subPathExpr,
      isReadOnly: readOnly === true,
      isPropagated: isPropagated(mountPropagation),
    });
  }
  for (const { devicePath } of container.volumeDevices ?? []) {
    const mountPath = typeof devicePath === "string" ? devicePath : "/dev";
    if (!mayMeet(mountPath, paths, windows)) continue;
    const path = normalisePath(mountPath, windows);
    const device = { volumeName: undefined, volume: undefined, isPart: true, isReadOnly: false, isPropagated: false };
    mounts.push({ path, mountPath, ...device });
  }
  return mounts.length === 0 ? NO_MOUNTS : mounts;
};

/** Reads the facts of `container`. */
export const factsOf = (container: Container, context: FactsContext): ContainerFacts => {
  const env = readEnv(container, context.reach);
  return { env, ...readEnvFrom(container, context), mounts: readMounts(container, env, context) };
};

/** A text that is the same for equal facts of containers of one pod. */
export const factsKey = ({ env, envFrom, brought, mounts }: ContainerFacts): string =>
  JSON.stringify([
    [...envFrom],
    [...brought],
    [...env.values()],
    mounts.map((mount) => [
      mount.mountPath,
      mount.volumeName ?? null,
      mount.isPart,
      mount.isReadOnly,
      mount.isPropagated,
    ]),
  ]);
