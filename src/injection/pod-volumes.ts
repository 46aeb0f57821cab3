/** The volumes of a pod, and those that are added to it: an identity takes one that has its content, or a new one. */
import type { Identity } from "../federation/federation.ts";
import type { Pod, Volume } from "../pod/pod.ts";
import { KUBERNETES_DEFAULT_SECONDS } from "../pod/volumes.ts";
import type { PodIdentity } from "./plan-container.ts";

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

/** `wanted`, with the first number behind it that makes it a name that is not `taken`. */
const freeName = (wanted: string, taken: ReadonlyMap<string, unknown>): string => {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number++;
  return `${wanted}-${number}`;
};

/** See above. */
export class PodVolumes {
  readonly byName = new Map<string, Volume>();
  readonly added: Volume[] = [];
  /** The identities that the added ones are for. */
  readonly owners = new Set<Identity>();
  private readonly names = new Map<PodIdentity, string>();

  constructor(pod: Pod) {
    for (const volume of pod.spec.volumes ?? []) this.byName.set(volume.name, volume);
  }

  /** The name of the volume for `wanted`; asking for it makes it part of the pod. */
  nameOf(wanted: PodIdentity): string {
    let name = this.names.get(wanted);
    if (name !== undefined) return name;
    for (const volume of this.byName.values())
      if (isSameVolume(volume, wanted.volume)) {
        name = volume.name;
        break;
      }
    name ??= this.make(wanted);
    this.names.set(wanted, name);
    return name;
  }

  private make(wanted: PodIdentity): string {
    const name = freeName(wanted.volume.name, this.byName);
    const volume = name === wanted.volume.name ? wanted.volume : { ...wanted.volume, name };
    this.byName.set(name, volume);
    this.added.push(volume);
    this.owners.add(wanted.identity);
    return name;
  }
}
