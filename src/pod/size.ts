/** How large a pod is, where its author may make it large. */
import { isLongerThan } from "../reasons/characters.ts";
import { POD_LIMITS, type PodLimit } from "../reasons/limits.ts";
import type { FieldPath } from "../reasons/reasons.ts";
import type { Container, Pod, ProjectedSource, Volume } from "./pod.ts";

/** A bound that a pod does not keep, and the field in which. */
export interface Breach {
  readonly limit: PodLimit;
  readonly field: FieldPath;
}

const VOLUMES: FieldPath = ["spec", "volumes"];
const CONTAINERS: FieldPath = ["spec", "containers"];

const breach = (limit: PodLimit, field: FieldPath): Breach => ({ limit, field });

const { max: MAX_PATH } = POD_LIMITS["path-too-long"];
const { max: MAX_AUDIENCE } = POD_LIMITS["audience-too-long"];

const hasLongPath = ({ volumeMounts, volumeDevices }: Container): boolean => {
  for (const { mountPath } of volumeMounts ?? []) if (mountPath.length > MAX_PATH) return true;
  for (const { devicePath } of volumeDevices ?? [])
    if (typeof devicePath === "string" && devicePath.length > MAX_PATH) return true;
  return false;
};

/** The files that a source names, of whatever kind it is. */
const itemsIn = (source: ProjectedSource): number => {
  let items = 0;
  for (const kind in source) {
    const listed = (source as Readonly<Record<string, { readonly items?: unknown } | null>>)[kind]?.items;
    if (Array.isArray(listed)) items += listed.length;
  }
  return items;
};

/** Counts what the pod has; each step stops at the first bound that is not kept. */
class Measure {
  private variables = 0;
  private mounts = 0;
  private sources = 0;
  private tokens = 0;

  containers(containers: readonly Container[]): Breach | undefined {
    for (const container of containers) {
      this.variables += container.env?.length ?? 0;
      this.mounts += (container.volumeMounts?.length ?? 0) + (container.volumeDevices?.length ?? 0);
      if (this.variables > POD_LIMITS["too-many-variables"].max) return breach("too-many-variables", CONTAINERS);
      if (this.mounts > POD_LIMITS["too-many-mounts"].max) return breach("too-many-mounts", CONTAINERS);
      if (hasLongPath(container)) return breach("path-too-long", CONTAINERS);
    }
    return undefined;
  }

  volumes(volumes: readonly Volume[]): Breach | undefined {
    for (const { projected } of volumes) {
      const sources = projected?.sources;
      if (!sources) continue;
      this.sources += sources.length;
      // Before they are looked into: there may be a million of them.
      if (this.sources > POD_LIMITS["too-many-sources"].max) return breach("too-many-sources", VOLUMES);
      for (const source of sources) {
        const found = this.source(source);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  private source(source: ProjectedSource): Breach | undefined {
    this.sources += itemsIn(source);
    if (this.sources > POD_LIMITS["too-many-sources"].max) return breach("too-many-sources", VOLUMES);
    const token = source.serviceAccountToken;
    if (!token) return undefined;
    if (++this.tokens > POD_LIMITS["too-many-tokens"].max) return breach("too-many-tokens", VOLUMES);
    if (isLongerThan(token.audience ?? "", MAX_AUDIENCE)) return breach("audience-too-long", VOLUMES);
    if ((token.path?.length ?? 0) > MAX_PATH) return breach("path-too-long", VOLUMES);
    return undefined;
  }
}

/** The first bound of `POD_LIMITS` on containers and volumes that `pod` does not keep; undefined where it keeps all. */
export const breachOf = ({ spec }: Pod): Breach | undefined => {
  const { containers, initContainers, volumes } = spec;
  if (containers.length + (initContainers?.length ?? 0) > POD_LIMITS["too-many-containers"].max)
    return breach("too-many-containers", CONTAINERS);
  if ((volumes?.length ?? 0) > POD_LIMITS["too-many-volumes"].max) return breach("too-many-volumes", VOLUMES);
  const measure = new Measure();
  return measure.volumes(volumes ?? []) ?? measure.containers(containers) ?? measure.containers(initContainers ?? []);
};
