/** The identities that the pods of a ServiceAccount get, as they look in a pod. */
import type { ContainerFilter } from "../federation/container-filter.ts";
import type { Identity } from "../federation/identity.ts";
import { PlainContainers } from "./plain-containers.ts";
import type { PodIdentity } from "./plan-container.ts";
import { renderedIdentity } from "./rendered-identity.ts";

/** An identity with what a pod makes of it. */
export interface WantedIdentity {
  readonly identity: Identity;
  /** The token's lifetime, in seconds, where a new volume is needed. */
  readonly seconds: number;
  /** The ServiceAccount's and the pod's container filters, global ones and the provider's. */
  readonly filters: readonly ContainerFilter[];
}

/** See above. Made once for all pods that ask for nothing of their own. */
export class PodIdentities {
  readonly list: readonly PodIdentity[];
  readonly plainContainers: PlainContainers;

  constructor(wanted: readonly WantedIdentity[]) {
    this.list = wanted.map(({ identity, seconds, filters }) => {
      const rendered = renderedIdentity(identity);
      return { identity, rendered, filters, volume: rendered.volume(seconds) };
    });
    this.plainContainers = new PlainContainers(this.list);
  }
}
