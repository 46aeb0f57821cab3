/** What a pod gets: the identities of its ServiceAccount, placed container by container, as one JSON Patch. */
import { type ContainerFilter, NO_FILTER, unknownNames } from "../federation/container-filter.ts";
import type { Identity } from "../federation/identity.ts";
import {
  type Container,
  type ContainerList,
  type Pod,
  placedContainers,
  type ServiceAccountTokenProjection,
} from "../pod/pod.ts";
import { isWindowsPod } from "../pod/windows.ts";
import { MAX_TOLD } from "../reasons/limits.ts";
import type { Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { factsOf } from "./container-facts.ts";
import { ContainerWarnings } from "./container-warnings.ts";
import type { KeysOf } from "./env-facts.ts";
import { annotationPatch, ownAnnotations } from "./own-annotations.ts";
import { append, GrowingPatch, isTooLarge, type Patch, prepend } from "./patch.ts";
import type { ContainerPlan, Placed, Placement } from "./plan-container.ts";
import type { PodIdentities } from "./pod-identities.ts";
import { PodVolumes } from "./pod-volumes.ts";

/** One line of the explanation. */
export interface PlacementReport extends Placed {
  readonly container: string;
}

/** A plan. */
export interface InjectionPlan {
  readonly patch: Patch;
  /** Identities for which something is added now. */
  readonly added: readonly Identity[];
  /** What containers had already: everything, or one of them another identity than the ServiceAccount's. */
  readonly present: "already-present" | "identity-differs" | "none";
  /** Identities for which the pod gets a volume of ours. */
  readonly withNewVolume: ReadonlySet<Identity>;
  /** The annotations to write, file contents and the list of what was injected. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly reports: readonly PlacementReport[];
  readonly warnings: readonly Warning[];
}

/** There would be more to add than etcd stores. */
export const TOO_LARGE = "too-large";

const filterWarnings = ({ list }: PodIdentities, pod: Pod): readonly Warning[] => {
  const filters = new Set<ContainerFilter>();
  for (const one of list) for (const filter of one.filters) if (filter !== NO_FILTER) filters.add(filter);
  if (filters.size === 0) return [];
  const containers = placedContainers(pod).map(({ container }) => container.name);
  const unknown = unknownNames([...filters], containers);
  const more = unknown.length > MAX_TOLD ? ` (and ${unknown.length - MAX_TOLD} more)` : "";
  return unknown.slice(0, MAX_TOLD).map((name, index) => ({
    reason: "unknown-container",
    text: `a container filter names ${quote(name)}${index === MAX_TOLD - 1 ? more : ""}, but the pod has no such container`,
  }));
};

/** What the plan of a pod needs to know beside its identities. */
export interface PlanOptions {
  /** The annotation that lists what was injected. */
  readonly injectedKey: string;
  /** The lifetime (seconds) of a token that the pod has, once the policy's clamps are applied. */
  lifetimeOf(token: ServiceAccountTokenProjection): number | undefined;
  readonly keysOf: KeysOf | undefined;
}

/** With them, a container has the identity's token. */
const HELD: ReadonlySet<Placement> = new Set(["injected", "already-present", "identity-differs"]);

/** What the plans of a pod's containers come to. */
class PodDraft {
  readonly patch = new GrowingPatch();
  readonly reports: PlacementReport[] = [];
  readonly warnings = new ContainerWarnings();
  /** Providers for which something is added in a container, and those that a container has now or had before. */
  readonly changed = new Set<string>();
  readonly held = new Set<string>();
  private readonly placements = new Set<Placement>();
  private readonly volumes: PodVolumes;

  constructor(volumes: PodVolumes) {
    this.volumes = volumes;
  }

  get present(): InjectionPlan["present"] {
    if (this.placements.has("identity-differs")) return "identity-differs";
    return this.placements.has("already-present") ? "already-present" : "none";
  }

  add(plan: ContainerPlan, container: Container, list: ContainerList, index: number): void {
    const mounts = plan.mounts.map(({ wanted, mount }) => {
      const name = this.volumes.nameOf(wanted);
      return name === mount.name ? mount : { ...mount, name };
    });
    append(this.patch.operations, `/spec/${list}/${index}/volumeMounts`, !!container.volumeMounts, mounts);
    prepend(this.patch.operations, `/spec/${list}/${index}/env`, !!container.env, plan.env);
    for (const placed of plan.placed) {
      const { placement, provider } = placed;
      this.reports.push({ container: container.name, ...placed });
      if (placement === "injected") this.changed.add(provider);
      if (HELD.has(placement)) this.held.add(provider);
      this.placements.add(placement);
    }
    this.warnings.add(plan.warnings, container.name, ["spec", list, String(index)]);
  }
}

/** Plans the injection of `identities` into `pod`; stops where there would be too much to add. */
export const planInjection = (
  pod: Pod,
  identities: PodIdentities,
  options: PlanOptions,
): InjectionPlan | typeof TOO_LARGE => {
  const windows = isWindowsPod(pod);
  const volumes = new PodVolumes(pod);
  const volume = (name: string) => volumes.factsOf(name);
  const context = { reach: identities.reach, windows, volume, keysOf: options.keysOf };
  const planner = identities.planner(windows, options.lifetimeOf);
  const draft = new PodDraft(volumes);
  for (const { list, index, container } of placedContainers(pod)) {
    draft.add(planner.planOf(factsOf(container, context), container.name), container, list, index);
    if (draft.patch.isTooLarge()) return TOO_LARGE;
  }

  const all = identities.list;
  const added = all.filter(({ identity }) => draft.changed.has(identity.provider.name));
  const present = all.filter(({ identity }) => draft.held.has(identity.provider.name));
  const annotations = ownAnnotations(pod, { all, present, added }, options.injectedKey, windows);

  const patch = annotationPatch(pod, annotations.values);
  append(patch, "/spec/volumes", !!pod.spec.volumes, volumes.added);
  for (const operation of draft.patch.operations) patch.push(operation);
  if (isTooLarge(patch)) return TOO_LARGE;
  return {
    patch,
    added: added.map(({ identity }) => identity),
    present: draft.present,
    withNewVolume: volumes.owners,
    annotations: annotations.values,
    reports: draft.reports,
    warnings: [...draft.warnings.list(), ...filterWarnings(identities, pod), ...annotations.warnings],
  };
};
