/**
 * What the plan of a container depends on. Planning is given facts and never a container, so that containers with equal
 * facts have equal plans, and one plan serves them all.
 */
import { isNormalPath, normalisePath } from "../pod/paths.ts";
import type { Container, EnvVar } from "../pod/pod.ts";
import type { VolumeFacts } from "../pod/volumes.ts";
import type { Reach } from "./footprint.ts";

/** A mount, or a device, that lies at, above or below a path of ours. */
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
}

/** The facts. */
export interface ContainerFacts {
  /** Its variables that identities set or look for, as Kubernetes takes them: the last of several with one name. */
  readonly env: ReadonlyMap<string, EnvVar>;
  readonly hasEnvFrom: boolean;
  readonly mounts: readonly MountFact[];
}

/** What facts are read with. */
export interface FactsContext {
  readonly reach: Reach;
  readonly windows: boolean;
  /** The pod's volumes by name; asked only where a mount is near a path of ours. */
  volume(name: string): VolumeFacts | undefined;
}

const NO_ENV: ReadonlyMap<string, EnvVar> = new Map();

/** Of a container that has nothing where an identity's token or variables go: nearly every one. */
const PLAIN: ContainerFacts = { env: NO_ENV, hasEnvFrom: false, mounts: [] };
const PLAIN_WITH_ENV_FROM: ContainerFacts = { ...PLAIN, hasEnvFrom: true };

/** Are these the facts of a container that has nothing where an identity goes? */
export const isPlain = (facts: ContainerFacts): boolean => facts === PLAIN || facts === PLAIN_WITH_ENV_FROM;

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

const readMounts = (container: Container, { reach, windows, volume }: FactsContext): readonly MountFact[] => {
  const paths = windows ? reach.windowsPaths : reach.unixPaths;
  const mounts: MountFact[] = [];
  for (const { mountPath, name, readOnly, subPath, subPathExpr } of container.volumeMounts ?? []) {
    if (!mayMeet(mountPath, paths, windows)) continue;
    mounts.push({
      path: normalisePath(mountPath, windows),
      mountPath,
      volumeName: name,
      volume: volume(name),
      isPart: !!subPath || !!subPathExpr,
      isReadOnly: readOnly === true,
    });
  }
  for (const { devicePath } of container.volumeDevices ?? []) {
    const mountPath = typeof devicePath === "string" ? devicePath : "/dev";
    if (!mayMeet(mountPath, paths, windows)) continue;
    const path = normalisePath(mountPath, windows);
    mounts.push({ path, mountPath, volumeName: undefined, volume: undefined, isPart: true, isReadOnly: false });
  }
  return mounts;
};

/** Reads the facts of `container`; the same object for all that have nothing where an identity goes. */
export const factsOf = (container: Container, context: FactsContext): ContainerFacts => {
  const env = readEnv(container, context.reach);
  const mounts = readMounts(container, context);
  const hasEnvFrom = !!container.envFrom?.length;
  if (env.size === 0 && mounts.length === 0) return hasEnvFrom ? PLAIN_WITH_ENV_FROM : PLAIN;
  return { env, hasEnvFrom, mounts };
};

/** A text that is the same for equal facts of containers of one pod. */
export const factsKey = ({ env, hasEnvFrom, mounts }: ContainerFacts): string =>
  JSON.stringify([
    hasEnvFrom,
    [...env.values()],
    mounts.map((mount) => [mount.mountPath, mount.volumeName ?? null, mount.isPart, mount.isReadOnly]),
  ]);
