/** Hand-written tokens that `inject` would put back: taken out only where a decision over the pod without them says so. */
import type { Identity } from "../federation/identity.ts";
import { withAdditions } from "../manifests/add-value.ts";
import { type DecidedObject, type DecideTemplate, readTemplate } from "../manifests/decide-template.ts";
import type { ManifestObject } from "../manifests/objects.ts";
import type { ValuePath } from "../manifests/remove-value.ts";
import { type Pod, placedContainers } from "../pod/pod.ts";
import { changedObject } from "./document-changes.ts";
import { type Difference, difference, loneToken } from "./effective-pod.ts";
import type { Told } from "./told.ts";

/** A pod template of an object. */
export interface Template {
  readonly object: ManifestObject;
  readonly path: ValuePath;
}

/** What of a template goes, and what is said of what stays. */
export interface HandWritten {
  /** From the object's top. */
  readonly removals: readonly ValuePath[];
  readonly told: readonly Told[];
}

/** The pod of a template as it is written. */
export const podAt = ({ object, path }: Template): Pod | undefined => {
  const read = readTemplate(object, path);
  return "problem" in read ? undefined : read.pod;
};

/** The pod that comes of `template` after `decided`; undefined where it is refused or cannot be read. */
export const injectedPod = (template: Template, decided: DecidedObject): Pod | undefined => {
  if (decided.decision.outcome === "denied") return undefined;
  const { object, path } = template;
  const additions = decided.additions.map((one) => ({ ...one, path: one.path.slice(object.path.length) }));
  const value = withAdditions(object.value, additions);
  return podAt({ object: { ...object, value: value as ManifestObject["value"] }, path });
};

interface CandidateEnv {
  readonly path: ValuePath;
  readonly container: number;
  readonly name: string;
  readonly value: string;
}

/** The hand-written parts of one identity, with paths from the pod's top. */
interface Candidate {
  readonly identity: Identity;
  readonly volumes: readonly ValuePath[];
  readonly env: readonly CandidateEnv[];
}

/** The volumes with nothing but the identity's token: their places, and their names. */
const volumesOf = (pod: Pod, { audience }: Identity): ReadonlyMap<string, ValuePath> =>
  new Map(
    [...(pod.spec.volumes ?? []).entries()]
      .filter(([, volume]) => loneToken(volume)?.audience === audience)
      .map(([index, { name }]) => [name, ["spec", "volumes", String(index)]]),
  );

const candidateOf = (pod: Pod, identity: Identity): Candidate | undefined => {
  const named = volumesOf(pod, identity);
  if (named.size === 0) return undefined;
  const volumes = [...named.values()];
  const own = new Set(identity.provider.env.map(({ name }) => name));
  const env: CandidateEnv[] = [];
  for (const [position, { list, index, container }] of placedContainers(pod).entries()) {
    const place = ["spec", list, String(index)];
    const mounts = [...(container.volumeMounts ?? []).entries()].filter(([, { name }]) => named.has(name));
    if (mounts.length === 0) continue;
    for (const [at] of mounts) volumes.push([...place, "volumeMounts", String(at)]);
    for (const [at, { name, value, valueFrom }] of (container.env ?? []).entries())
      if (own.has(name) && value !== undefined && valueFrom == null)
        env.push({ path: [...place, "env", String(at)], container: position, name, value });
  }
  return { identity, volumes, env };
};

/** One template. */
class HandWrittenRemover {
  readonly told: Told[] = [];
  removed: readonly ValuePath[] = [];
  private readonly template: Template;
  private readonly decide: DecideTemplate;
  private readonly prefix: string;

  constructor(template: Template, decide: DecideTemplate, prefix: string) {
    this.template = template;
    this.decide = decide;
    this.prefix = prefix;
  }

  remove(candidate: Candidate, base: Pod): void {
    const all = [...this.removed, ...candidate.volumes];
    const bare = this.without([...all, ...candidate.env.map(({ path }) => path)]);
    const containers = bare === undefined ? [] : placedContainers(bare);
    // What inject would set otherwise, or not at all, is the user's own.
    const same = candidate.env.filter(({ container, name, value }) =>
      containers[container]?.container.env?.some((one) => one.name === name && one.value === value),
    );
    const paths = [...all, ...same.map(({ path }) => path)];
    const then = this.without(paths);
    const found = then === undefined ? { text: "without it the pod would be refused" } : difference(base, then);
    if (found === undefined) this.removed = paths;
    else this.stays(candidate, found);
  }

  /** The pod that comes of the template without `paths`. */
  private without(paths: readonly ValuePath[]): Pod | undefined {
    const { object, path } = this.template;
    const removals = paths.map((one) => [...path, ...one]);
    const template = { object: changedObject(object, { keys: [], removals }), path };
    const decided = this.decide(template.object, path, true);
    return "problem" in decided ? undefined : injectedPod(template, decided);
  }

  private stays({ identity: { provider } }: Candidate, { text, seconds }: Difference): void {
    const todo =
      seconds === undefined
        ? ""
        : `; where that is meant, write ${provider.name}.${this.prefix}/expiration-seconds: "${seconds}" on the ServiceAccount`;
    this.told.push({ severity: "warning", text: `the hand-written token for ${provider.name} stays: ${text}${todo}` });
  }
}

/** What of `template` Podpass would put back; `identities` are those of its ServiceAccount. */
export const findHandWritten = (
  template: Template,
  identities: readonly Identity[],
  { decide, prefix }: { readonly decide: DecideTemplate; readonly prefix: string },
): HandWritten => {
  const pod = podAt(template);
  const candidates = pod === undefined ? [] : identities.flatMap((one) => candidateOf(pod, one) ?? []);
  if (candidates.length === 0) return { removals: [], told: [] };
  const decided = decide(template.object, template.path, true);
  const base = "problem" in decided ? undefined : injectedPod(template, decided);
  if (base === undefined) {
    const text = "its hand-written token stays, since the pod is refused as it is; podpass inject says why";
    return { removals: [], told: [{ severity: "warning", text }] };
  }
  const remover = new HandWrittenRemover(template, decide, prefix);
  for (const candidate of candidates) remover.remove(candidate, base);
  return { removals: remover.removed.map((path) => [...template.path, ...path]), told: remover.told };
};
