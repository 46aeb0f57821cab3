/**
 * What the plan of a container depends on. Planning is given facts and never a container, so that containers with equal
 * facts have equal plans, and one plan serves them all.
 */
import { isNormalPath, normalisePath } from "../pod/paths.ts";
import type { Container, EnvVar } from "../pod/pod.ts";
import type { VolumeFacts } from "../pod/volumes.ts";
import { type EnvFacts, hasNoVariables, type KeysOf, readEnvFacts } from "./env-facts.ts";
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
export interface ContainerFacts extends EnvFacts {
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

const NO_MOUNTS: readonly MountFact[] = [];

/**
 * Are these the facts of a container that has nothing where an identity goes, as nearly every one? An `envFrom` may still
 * bring any of its variables.
 */
export const isPlain = (facts: ContainerFacts, { variables }: Reach): boolean =>
  facts.mounts === NO_MOUNTS && hasNoVariables(facts, variables);

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
  const facts = readEnvFacts(container, context.reach.variables, context.keysOf);
  return { ...facts, mounts: readMounts(container, facts.env, context) };
};

/** A text that is the same for equal facts of containers of one pod. */
export const factsKey = ({ env, expanded, envFrom, brought, mounts }: ContainerFacts): string =>
  JSON.stringify([
    [...envFrom],
    [...brought],
    [...env.values()],
    [...expanded],
    mounts.map((mount) => [
      mount.mountPath,
      mount.volumeName ?? null,
      mount.isPart,
      mount.isReadOnly,
      mount.isPropagated,
    ]),
  ]);
