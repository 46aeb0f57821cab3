/**
 * Plain containers: those that have nothing where an identity's token or its variables go. Nearly all are, and all of
 * them get the same, so that is planned once for the pods of a ServiceAccount instead of container by container.
 */
import { NO_FILTER } from "../federation/container-filter.ts";
import { isNormalPath } from "../pod/paths.ts";
import type { Container } from "../pod/pod.ts";
import { type ContainerPlan, type PodIdentity, planContainer } from "./plan-container.ts";

const plainContainer = (envFrom: readonly unknown[]): Container => ({ name: "", envFrom });

/** See above. */
export class PlainContainers {
  private readonly identities: readonly PodIdentity[];
  /** Filters go by the container's name, so with one of them no two containers are alike. */
  private readonly isFiltered: boolean;
  private readonly paths: readonly string[];
  private readonly variables: ReadonlySet<string>;
  private plain: ContainerPlan | undefined;
  private withEnvFrom: ContainerPlan | undefined;

  constructor(identities: readonly PodIdentity[]) {
    this.identities = identities;
    this.isFiltered = identities.some(({ filters }) => filters.some((filter) => filter !== NO_FILTER));
    this.paths = identities.flatMap(({ rendered }) => rendered.paths(false).map(({ normal }) => normal));
    this.variables = new Set(
      identities.flatMap(({ identity: { provider } }) => [
        ...provider.env.map(({ name }) => name),
        ...provider.envTogether.flat(),
        ...provider.shadowedBy,
      ]),
    );
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
    for (const { name } of container.env ?? []) if (this.variables.has(name)) return false;
    for (const { mountPath } of container.volumeMounts ?? []) if (this.mayMeet(mountPath)) return false;
    return true;
  }

  /** False only where `mountPath` is surely neither at, above nor below a path at which an identity may be mounted. */
  private mayMeet(mountPath: string): boolean {
    if (!isNormalPath(mountPath)) return true;
    for (const path of this.paths) if (path.startsWith(mountPath) || mountPath.startsWith(path)) return true;
    return false;
  }
}
