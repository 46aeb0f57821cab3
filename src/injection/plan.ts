/** What a pod gets: the identities of its ServiceAccount, placed container by container, as one JSON Patch. */

import { ownMountPath } from "../configuration/compile-provider.ts";
import type { ContainerFilter } from "../federation/container-filter.ts";
import { unknownNames } from "../federation/container-filter.ts";
import type { Identity } from "../federation/federation.ts";
import { isWindowsPod, type Pod, placedContainers, type Volume } from "../pod/pod.ts";
import { renderFile } from "../providers/file-template.ts";
import type { Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { identityLookup } from "./container-env.ts";
import { freeVolumeName, identityVolume, isSameVolume } from "./identity-volume.ts";
import { add, append, type Patch, type PatchOperation, pointer, prepend } from "./patch.ts";
import { type ContainerPlan, type PlacementReport, type PodIdentity, planContainer } from "./plan-container.ts";

/** An identity with what this pod makes of it. */
export interface WantedIdentity {
  readonly identity: Identity;
  /** The token's lifetime, in seconds, where a new volume is needed. */
  readonly seconds: number;
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

/** Where an identity may be mounted: the provider's path, Podpass' own, and one for where even that is not to be had. */
const mountPaths = ({ provider, files }: Identity): readonly string[] => {
  const own = ownMountPath(provider.name);
  // A file names one path, so an identity with files cannot be somewhere else in one container.
  if (files.length > 0) return [own];
  return [...new Set([provider.mountPath, own, `/podpass.dev/${provider.name}`])];
};

/** The volumes of a pod by name, and those that are added to it. */
class PodVolumes {
  readonly byName: Map<string, Volume>;
  readonly added: Volume[] = [];
  readonly owners = new Set<Identity>();
  private readonly names = new Map<PodIdentity, string>();

  constructor(pod: Pod) {
    this.byName = new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, volume]));
  }

  /** The name of the volume for `wanted`: one of the same content, or a new one. */
  nameOf(wanted: PodIdentity): string {
    const known = this.names.get(wanted);
    if (known !== undefined) return known;
    let name: string | undefined;
    for (const volume of this.byName.values()) if (isSameVolume(volume, wanted.volume)) name ??= volume.name;
    if (name === undefined) {
      name = freeVolumeName(wanted.identity.provider.name, new Set(this.byName.keys()));
      const volume = { ...wanted.volume, name };
      this.byName.set(name, volume);
      this.added.push(volume);
      this.owners.add(wanted.identity);
    }
    this.names.set(wanted, name);
    return name;
  }
}

const fileAnnotations = (
  identity: Identity,
  existing: ReadonlyMap<string, string>,
  isPresent: boolean,
  windows: boolean,
): {
  readonly contents: readonly (readonly [key: string, content: string])[];
  readonly warnings: readonly Warning[];
} => {
  const lookup = identityLookup(identity, ownMountPath(identity.provider.name), windows);
  const contents: (readonly [string, string])[] = [];
  const warnings: Warning[] = [];
  for (const file of identity.files) {
    const written = existing.get(file.annotation);
    if (!isPresent && written === undefined) continue;
    const content = renderFile(file.body, lookup);
    if (written === content) continue;
    contents.push([file.annotation, content]);
    if (written !== undefined)
      warnings.push({
        reason: "annotation-overwritten",
        text: `pod annotation ${quote(file.annotation, 60)} is Podpass' own and was overwritten`,
      });
  }
  return { contents, warnings };
};

const filterWarnings = (wanted: readonly WantedIdentity[], containers: readonly string[]): readonly Warning[] => {
  const filters = [...new Set(wanted.flatMap((one) => one.filters))];
  return unknownNames(filters, containers).map((name) => ({
    reason: "unknown-container",
    text: `a container filter names ${quote(name)}, but the pod has no such container`,
  }));
};

const containerPatch = (
  base: string,
  plan: ContainerPlan,
  has: { env: boolean; mounts: boolean },
): PatchOperation[] => [
  ...append(`${base}/volumeMounts`, has.mounts, plan.mounts),
  ...prepend(`${base}/env`, has.env, plan.env),
];

/** The operations that write `annotations` into `pod`. */
export const annotationPatch = (pod: Pod, annotations: ReadonlyMap<string, string>): PatchOperation[] => {
  if (annotations.size === 0) return [];
  const parents: PatchOperation[] = [];
  if (!pod.metadata) parents.push(add("/metadata", {}));
  if (!pod.metadata?.annotations) parents.push(add("/metadata/annotations", {}));
  return [...parents, ...[...annotations].map(([key, value]) => add(pointer("metadata", "annotations", key), value))];
};

/**
 * Plans the injection of `wanted` into `pod`. `injectedKey` is the annotation that lists what was injected; it is
 * written on every pod that is planned for, with an empty list where nothing had to be added.
 */
export const planInjection = (pod: Pod, wanted: readonly WantedIdentity[], injectedKey: string): InjectionPlan => {
  const windows = isWindowsPod(pod);
  const volumes = new PodVolumes(pod);
  const identities = wanted.map(
    ({ identity, seconds, filters }): PodIdentity => ({
      identity,
      filters,
      paths: mountPaths(identity),
      volume: identityVolume("", identity, seconds),
    }),
  );
  const scope = {
    identities,
    windows,
    volumes: volumes.byName,
    nameOfVolume: (one: PodIdentity) => volumes.nameOf(one),
  };

  const containers = placedContainers(pod);
  const patch: PatchOperation[] = [];
  const reports: PlacementReport[] = [];
  const warnings: Warning[] = [];
  for (const { list, index, container } of containers) {
    const plan = planContainer(container, scope);
    const has = { env: !!container.env, mounts: !!container.volumeMounts };
    patch.push(...containerPatch(pointer("spec", list, index), plan, has));
    reports.push(...plan.reports);
    warnings.push(...plan.warnings);
  }
  warnings.push(
    ...filterWarnings(
      wanted,
      containers.map(({ container }) => container.name),
    ),
  );

  const withPlacement = (...placements: readonly string[]) => {
    const names = new Set(reports.filter((row) => placements.includes(row.placement)).map((row) => row.provider));
    return wanted.map(({ identity }) => identity).filter((identity) => names.has(identity.provider.name));
  };
  const added = withPlacement("injected");
  const present = withPlacement("injected", "complete");

  const existing = new Map(Object.entries(pod.metadata?.annotations ?? {}));
  const annotations = new Map<string, string>();
  for (const { identity } of wanted) {
    const files = fileAnnotations(identity, existing, present.includes(identity), windows);
    for (const [key, content] of files.contents) annotations.set(key, content);
    warnings.push(...files.warnings);
  }
  // What an earlier round added is not added again, yet stays on the list, as long as the pod really has it.
  const before = new Set((existing.get(injectedKey) ?? "").split(","));
  const listed = present.filter((identity) => added.includes(identity) || before.has(identity.provider.name));
  const injected = listed.map((identity) => identity.provider.name).join(",");
  if (existing.get(injectedKey) !== injected) annotations.set(injectedKey, injected);

  return {
    patch: [
      ...annotationPatch(pod, annotations),
      ...append("/spec/volumes", !!pod.spec.volumes, volumes.added),
      ...patch,
    ],
    added,
    present,
    withNewVolume: volumes.owners,
    annotations,
    reports,
    warnings,
  };
};
