/** What a pod gets: the identities of its ServiceAccount, placed container by container, as one JSON Patch. */
import { type ContainerFilter, NO_FILTER, unknownNames } from "../federation/container-filter.ts";
import type { Identity } from "../federation/federation.ts";
import { isWindowsPod, type Pod, placedContainers, type ServiceAccountTokenProjection } from "../pod/pod.ts";
import type { Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { annotationPatch, ownAnnotations } from "./own-annotations.ts";
import { append, type Patch, type PatchOperation, prepend } from "./patch.ts";
import { type PlacementReport, type PodIdentity, planContainer } from "./plan-container.ts";
import { PodVolumes } from "./pod-volumes.ts";
import { renderedIdentity } from "./rendered-identity.ts";

/** An identity with what this pod makes of it. */
export interface WantedIdentity {
  readonly identity: Identity;
  /** The token's lifetime, in seconds, where a new volume is needed. */
  readonly seconds: number;
  /** The ServiceAccount's and the pod's container filters, global ones and the provider's. */
  readonly filters: readonly ContainerFilter[];
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

const filterWarnings = (wanted: readonly WantedIdentity[], pod: Pod): readonly Warning[] => {
  const filters = new Set<ContainerFilter>();
  for (const one of wanted) for (const filter of one.filters) if (filter !== NO_FILTER) filters.add(filter);
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

/** Plans the injection of `wanted` into `pod`. */
export const planInjection = (pod: Pod, wanted: readonly WantedIdentity[], options: PlanOptions): InjectionPlan => {
  const windows = isWindowsPod(pod);
  const volumes = new PodVolumes(pod);
  const identities = wanted.map(({ identity, seconds, filters }): PodIdentity => {
    const rendered = renderedIdentity(identity);
    return { identity, rendered, filters, volume: rendered.volume(seconds) };
  });
  const scope = {
    identities,
    windows,
    volumes: volumes.byName,
    lifetimeOf: options.lifetimeOf,
    nameOfVolume: (one: PodIdentity) => volumes.nameOf(one),
  };

  const inContainers: PatchOperation[] = [];
  const reports: PlacementReport[] = [];
  const warnings: Warning[] = [];
  const changed = new Set<string>();
  const held = new Set<string>();
  for (const { list, index, container } of placedContainers(pod)) {
    const plan = planContainer(container, scope);
    append(inContainers, `/spec/${list}/${index}/volumeMounts`, !!container.volumeMounts, plan.mounts);
    prepend(inContainers, `/spec/${list}/${index}/env`, !!container.env, plan.env);
    for (const report of plan.reports) {
      reports.push(report);
      if (report.placement === "injected") changed.add(report.provider);
      if (report.placement === "injected" || report.placement === "complete") held.add(report.provider);
    }
    warnings.push(...plan.warnings);
  }
  warnings.push(...filterWarnings(wanted, pod));

  const all = wanted.map(({ identity }) => identity);
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
