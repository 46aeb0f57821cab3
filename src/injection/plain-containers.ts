/**
 * Plain containers: those that have nothing where an identity's token or its variables go. Nearly all are, and all of
 * them get the same, so that is planned once for the pods of a ServiceAccount instead of container by container.
 */
import { NO_FILTER } from "../federation/container-filter.ts";
import { isNormalPath } from "../pod/paths.ts";
import type { Container } from "../pod/pod.ts";
import type { CandidatePath } from "./footprint.ts";
import { type ContainerPlan, type PodIdentity, planContainer } from "./plan-container.ts";

const plainContainer = (envFrom: readonly unknown[]): Container => ({ name: "", envFrom });

/** False only where `mountPath` is surely neither at, above nor below one of `paths`. */
const mayMeet = (mountPath: string, paths: readonly CandidatePath[]): boolean => {
  if (!isNormalPath(mountPath)) return true;
  for (const { normal } of paths) if (normal.startsWith(mountPath) || mountPath.startsWith(normal)) return true;
  return false;
};

/** See above. */
export class PlainContainers {
  private readonly identities: readonly PodIdentity[];
  /** Filters go by the container's name, so with one of them no two containers are alike. */
  private readonly isFiltered: boolean;
  private plain: ContainerPlan | undefined;
  private withEnvFrom: ContainerPlan | undefined;

  constructor(identities: readonly PodIdentity[]) {
    this.identities = identities;
    this.isFiltered = identities.some(({ filters }) => filters.some((filter) => filter !== NO_FILTER));
  }

  /** The plan for `container` in a pod that is not for Windows, or undefined where it is not plain. */
  planOf(container: Container): ContainerPlan | undefined {
    if (!this.isPlain(container)) return undefined;
    if (!container.envFrom?.length) {
      this.plain ??= this.make([]);
      return this.plain;
    }
    this.withEnvFrom ??= this.make([{}]);
    return this.withEnvFrom;
  }

  private make(envFrom: readonly unknown[]): ContainerPlan {
    return planContainer(plainContainer(envFrom), {
      identities: this.identities,
      windows: false,
      volumes: new Map(),
      lifetimeOf: (token) => token.expirationSeconds,
    });
  }

  private isPlain(container: Container): boolean {
    if (this.isFiltered || container.volumeDevices?.length) return false;
    for (const { rendered } of this.identities) {
      for (const { name } of container.env ?? []) if (rendered.touches(name)) return false;
      const paths = rendered.paths(false);
      for (const { mountPath } of container.volumeMounts ?? []) if (mayMeet(mountPath, paths)) return false;
    }
    return true;
  }
}
