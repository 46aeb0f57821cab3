/** The volumes of a pod, and those that are added to it: an identity takes one that has its content, or a new one. */
import type { Identity } from "../federation/identity.ts";
import type { Pod, Volume } from "../pod/pod.ts";
import { KUBERNETES_DEFAULT_SECONDS, VolumeFacts } from "../pod/volumes.ts";
import type { PodIdentity } from "./pod-identity.ts";

// What Kubernetes writes into a volume that asks for no mode.
const KUBERNETES_DEFAULT_MODE = 0o644;

const items = (of: Volume): readonly string[] =>
  of.projected?.sources?.flatMap((source) =>
    (source.downwardAPI?.items ?? []).map((item) => `${item.path} ${item.fieldRef?.fieldPath}`),
  ) ?? [];

const sameItems = (one: Volume, other: Volume): boolean => {
  const [a, b] = [items(one), items(other)];
  return a.length === b.length && a.every((item, index) => item === b[index]);
};

/** Is `volume` what `wanted` would be, whatever their names and whatever the API server has filled in since? */
const isSameVolume = (volume: Volume, wanted: Volume): boolean => {
  const have = volume.projected?.sources;
  const want = wanted.projected?.sources;
  if (!have || !want || have.length !== want.length) return false;
  const a = have[0]?.serviceAccountToken;
  const b = want[0]?.serviceAccountToken;
  if (!a || !b) return false;
  return (
    a.audience === b.audience &&
    a.path === b.path &&
    (a.expirationSeconds ?? KUBERNETES_DEFAULT_SECONDS) === b.expirationSeconds &&
    (volume.projected?.defaultMode ?? KUBERNETES_DEFAULT_MODE) ===
      (wanted.projected?.defaultMode ?? KUBERNETES_DEFAULT_MODE) &&
    sameItems(volume, wanted)
  );
};

/** A pod's own volumes, and those that are added to it. */
export class PodVolumes {
  readonly added: Volume[] = [];
  /** The identities that the added ones are for. */
  readonly owners = new Set<Identity>();
  private readonly existing: readonly Volume[];
  private readonly names = new Map<PodIdentity, string>();
  private facts: ReadonlyMap<string, VolumeFacts> | undefined;

  constructor(pod: Pod) {
    this.existing = pod.spec.volumes ?? [];
  }

  /** What is known of the pod's own volume `name`; undefined where it has none of this name. */
  factsOf(name: string): VolumeFacts | undefined {
    this.facts ??= new Map(this.existing.map((volume) => [volume.name, new VolumeFacts(volume)]));
    return this.facts.get(name);
  }

  /** The name of the volume for `wanted`; asking for it makes it part of the pod. */
  nameOf(wanted: PodIdentity): string {
    let name = this.names.get(wanted);
    if (name !== undefined) return name;
    const isSame = (volume: Volume) => isSameVolume(volume, wanted.volume);
    name = (this.existing.find(isSame) ?? this.added.find(isSame) ?? this.make(wanted)).name;
    this.names.set(wanted, name);
    return name;
  }

  private make({ volume, identity }: PodIdentity): Volume {
    const name = this.freeName(volume.name);
    const made = name === volume.name ? volume : { ...volume, name };
    this.added.push(made);
    this.owners.add(identity);
    return made;
  }

  /** `name`, with the first number behind it that makes it one that no volume has. */
  private freeName(name: string): string {
    const hasName = (volume: Volume) => volume.name === name;
    if (!this.existing.some(hasName) && !this.added.some(hasName)) return name;
    const taken = new Set([...this.existing, ...this.added].map((volume) => volume.name));
    let number = 2;
    while (taken.has(`${name}-${number}`)) number++;
    return `${name}-${number}`;
  }
}
