/** The identities that the pods of a ServiceAccount get, as they look in a pod, and the plans that its pods share. */
import { type ContainerFilter, NO_FILTER, selects } from "../federation/container-filter.ts";
import type { ServiceAccountTokenProjection } from "../pod/pod.ts";
import { type ContainerFacts, factsKey, isPlain } from "./container-facts.ts";
import { type Reach, reachOf } from "./footprint.ts";
import { type ContainerPlan, planContainer } from "./plan-container.ts";
import type { PodIdentity } from "./pod-identity.ts";
import type { RenderedIdentity } from "./rendered-identity.ts";

/** An identity with what a pod makes of it. */
export interface WantedIdentity {
  readonly rendered: RenderedIdentity;
  /** The token's lifetime, in seconds, where a new volume is needed. */
  readonly seconds: number;
  /** The ServiceAccount's and the pod's container filters, global ones and the provider's. */
  readonly filters: readonly ContainerFilter[];
}

/** Filters make plans differ by the container's name, of which pod authors may invent any number. */
const MAX_KEPT_PLANS = 32;

/** The answer of every identity's filters for one container: a bit for each identity that is selected. */
type Selection = number;

/** Of one pod: how its containers are planned. */
export interface PodPlanner {
  planOf(facts: ContainerFacts, containerName: string): ContainerPlan;
}

/** Identities, made once for all pods that ask for nothing of their own. */
export class PodIdentities {
  readonly list: readonly PodIdentity[];
  readonly reach: Reach;
  private readonly isFiltered: boolean;
  /** Of plain containers, whose plans depend on nothing of the pod. */
  private readonly kept = new Map<string, ContainerPlan>();

  constructor(wanted: readonly WantedIdentity[]) {
    this.list = wanted.map(({ rendered, seconds, filters }) => ({
      identity: rendered.identity,
      rendered,
      filters,
      volume: rendered.volume(seconds),
    }));
    this.reach = reachOf(wanted.map(({ rendered }) => rendered.footprint));
    this.isFiltered = wanted.some(({ filters }) => filters.some((filter) => filter !== NO_FILTER));
  }

  /** A planner for the containers of one pod; `lifetimeOf` is the lifetime (seconds) of a token that it has. */
  planner(windows: boolean, lifetimeOf: (token: ServiceAccountTokenProjection) => number | undefined): PodPlanner {
    const ofPod = new Map<string, ContainerPlan>();
    return {
      planOf: (facts, containerName) => {
        const selection = this.selectionFor(containerName);
        const plain = isPlain(facts, this.reach);
        const key = `${selection} ${windows} ${plain ? facts.envFrom.size > 0 : factsKey(facts)}`;
        const known = (plain ? this.kept : ofPod).get(key);
        if (known !== undefined) return known;
        const isSelected = (index: number) => (selection & (1 << index)) !== 0;
        const plan = planContainer(facts, { identities: this.list, isSelected, windows, lifetimeOf });
        if (!plain) ofPod.set(key, plan);
        else if (this.kept.size < MAX_KEPT_PLANS) this.kept.set(key, plan);
        return plan;
      },
    };
  }

  private selectionFor(containerName: string): Selection {
    if (!this.isFiltered) return -1;
    let selection = 0;
    this.list.forEach(({ filters }, index) => {
      if (selects(filters, containerName)) selection |= 1 << index;
    });
    return selection;
  }
}
