/** What a pod gets: the identities of its ServiceAccount, placed container by container, as one JSON Patch. */
import { type ContainerFilter, NO_FILTER, unknownNames } from "../federation/container-filter.ts";
import type { Identity } from "../federation/identity.ts";
import {
  type Container,
  isWindowsPod,
  type Pod,
  placedContainers,
  type ServiceAccountTokenProjection,
} from "../pod/pod.ts";
import type { Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { annotationPatch, ownAnnotations } from "./own-annotations.ts";
import { append, type Patch, type PatchOperation, prepend } from "./patch.ts";
import { type ContainerPlan, type Placed, type PodScope, planContainer } from "./plan-container.ts";
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
  /** Identities that at least one container has, now or before. */
  readonly present: readonly Identity[];
  /** Identities for which the pod gets a volume of ours. */
  readonly withNewVolume: ReadonlySet<Identity>;
  /** The annotations to write, file contents and the list of what was injected. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly reports: readonly PlacementReport[];
  readonly warnings: readonly Warning[];
}

const filterWarnings = ({ list }: PodIdentities, pod: Pod): readonly Warning[] => {
  const filters = new Set<ContainerFilter>();
  for (const one of list) for (const filter of one.filters) if (filter !== NO_FILTER) filters.add(filter);
  if (filters.size === 0) return [];
  const containers = placedContainers(pod).map(({ container }) => container.name);
  return unknownNames([...filters], containers).map((name) => ({
    reason: "unknown-container",
    text: `a container filter names ${quote(name)}, but the pod has no such container`,
  }));
};

/** What the plan of a pod needs to know beside its identities. */
export interface PlanOptions {
  /** The annotation that lists what was injected. */
  readonly injectedKey: string;
  /** The lifetime (seconds) of a token that the pod has, once the policy's clamps are applied. */
  lifetimeOf(token: ServiceAccountTokenProjection): number | undefined;
}

/** Plans each container: a plain one as all others like it, every other by itself. */
const containerPlanner = (
  identities: PodIdentities,
  windows: boolean,
  volumes: PodVolumes,
  options: PlanOptions,
): ((container: Container) => ContainerPlan) => {
  let scope: PodScope | undefined;
  return (container) => {
    const plain = windows ? undefined : identities.plainContainers.planOf(container);
    if (plain !== undefined) return plain;
    scope ??= { identities: identities.list, windows, volumes: volumes.byName(), lifetimeOf: options.lifetimeOf };
    return planContainer(container, scope);
  };
};

/** Plans the injection of `identities` into `pod`. */
export const planInjection = (pod: Pod, identities: PodIdentities, options: PlanOptions): InjectionPlan => {
  const windows = isWindowsPod(pod);
  const volumes = new PodVolumes(pod);
  const planOf = containerPlanner(identities, windows, volumes, options);

  const inContainers: PatchOperation[] = [];
  const reports: PlacementReport[] = [];
  const warnings: Warning[] = [];
  const changed = new Set<string>();
  const held = new Set<string>();
  for (const { list, index, container } of placedContainers(pod)) {
    const plan = planOf(container);
    const mounts = plan.mounts.map(({ wanted, mount }) => {
      const name = volumes.nameOf(wanted);
      return name === mount.name ? mount : { ...mount, name };
    });
    append(inContainers, `/spec/${list}/${index}/volumeMounts`, !!container.volumeMounts, mounts);
    prepend(inContainers, `/spec/${list}/${index}/env`, !!container.env, plan.env);
    for (const placed of plan.placed) {
      const { placement, provider } = placed;
      reports.push({ container: container.name, ...placed });
      if (placement === "injected") changed.add(provider);
      if (placement === "injected" || placement === "complete") held.add(provider);
    }
    for (const { reason, text } of plan.warnings) {
      const field = ["spec", list, String(index)];
      warnings.push({ reason, text: `container ${quote(container.name, 30)}: ${text}`, field });
    }
  }
  warnings.push(...filterWarnings(identities, pod));

  const all = identities.list.map(({ identity }) => identity);
  const added = all.filter((identity) => changed.has(identity.provider.name));
  const present = all.filter((identity) => held.has(identity.provider.name));
  const annotations = ownAnnotations(pod, { all, present, added }, options.injectedKey, windows);
  warnings.push(...annotations.warnings);

  const patch = annotationPatch(pod, annotations.values);
  append(patch, "/spec/volumes", !!pod.spec.volumes, volumes.added);
  for (const operation of inContainers) patch.push(operation);
  return {
    patch,
    added,
    present,
    withNewVolume: volumes.owners,
    annotations: annotations.values,
    reports,
    warnings,
  };
};
