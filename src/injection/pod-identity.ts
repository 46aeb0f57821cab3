/** One identity of one pod. */
import type { ContainerFilter } from "../federation/container-filter.ts";
import type { Identity } from "../federation/identity.ts";
import type { Volume } from "../pod/pod.ts";
import type { RenderedIdentity } from "./rendered-identity.ts";

/** An identity as one pod wants it. */
export interface PodIdentity {
  readonly identity: Identity;
  /** The ServiceAccount's and the pod's container filters, global ones and the provider's. */
  readonly filters: readonly ContainerFilter[];
  readonly rendered: RenderedIdentity;
  /** The volume that it would get if the pod had none for it. */
  readonly volume: Volume;
}
