/** Where in an object its pods are described: at the known path of a built-in workload, else by their shape. */
import { isMapping, type Mapping } from "../yaml/values.ts";
import { member, textMember } from "./kubernetes-yaml.ts";
import { groupOf, isOfGroup, type ManifestObject } from "./objects.ts";

type Path = readonly string[];

/** Kind, API group (empty: the core's), and where the pod or its template is. */
const PODS: ReadonlyMap<string, { readonly groups: readonly string[]; readonly path: Path }> = new Map([
  ["Pod", { groups: [""], path: [] }],
  ["PodTemplate", { groups: [""], path: ["template"] }],
  ["ReplicationController", { groups: [""], path: ["spec", "template"] }],
  ["Deployment", { groups: ["apps", "extensions"], path: ["spec", "template"] }],
  ["StatefulSet", { groups: ["apps"], path: ["spec", "template"] }],
  ["DaemonSet", { groups: ["apps", "extensions"], path: ["spec", "template"] }],
  ["ReplicaSet", { groups: ["apps", "extensions"], path: ["spec", "template"] }],
  ["Job", { groups: ["batch"], path: ["spec", "template"] }],
  ["CronJob", { groups: ["batch"], path: ["spec", "jobTemplate", "spec", "template"] }],
]);

/** What has the shape of a pod in these groups is a schema, or a pattern that pods are compared with. */
const PATTERN_GROUPS =
  /^(apiextensions\.k8s\.io|admissionregistration\.k8s\.io|(.+\.)?kyverno\.io|.+\.gatekeeper\.sh)$/;

/** Does Knative run it? It names a container that has no name. */
export const isKnative = (object: ManifestObject): boolean => groupOf(object) === "serving.knative.dev";

const builtInPath = (object: ManifestObject): Path | undefined => {
  const found = PODS.get(object.kind);
  return found?.groups.some((group) => isOfGroup(object, group)) ? found.path : undefined;
};

/** Pods that the object describes in a form of its own, which nothing can be added to. */
export interface UnreachablePod {
  readonly path: Path;
  /** Their ServiceAccount; undefined where none is named. */
  readonly account: string | undefined;
  /** Containers are described, and not only a ServiceAccount named. */
  readonly hasContainers: boolean;
}

/** Labels of an object or a template in it, or its annotations. */
export interface Marks {
  readonly marks: Mapping;
  /** Where they are in the object. */
  path(): Path;
}

/** What concerns pods in an object. */
export interface PodPlaces {
  /** Is it a workload of Kubernetes' own? */
  readonly isBuiltIn: boolean;
  /** Where a pod or a pod template is. */
  readonly templates: readonly Path[];
  /** One for each ServiceAccount. */
  readonly unreachable: readonly UnreachablePod[];
  /** Annotations that are neither a pod's nor a ServiceAccount's. */
  readonly otherAnnotations: readonly Marks[];
  /** Everybody's. */
  readonly labels: readonly Marks[];
}

/** Below these keys operators describe the ServiceAccount that they make; none of what is there is lost. */
const ACCOUNT_TEMPLATES: ReadonlySet<string> = new Set(["serviceAccountTemplate", "serviceAccount"]);

/** No real object has its pods deeper than a dozen lists and mappings. */
const MAX_POD_DEPTH = 32;

/** A value on the way through an object. */
interface Spot {
  readonly value: unknown;
  readonly step: string;
  readonly above: Spot | undefined;
  readonly depth: number;
  /** The ServiceAccount that is named around it. */
  readonly account: string | undefined;
}

const pathOf = (spot: Spot): string[] => {
  const path: string[] = [];
  for (let at = spot; at.above !== undefined; at = at.above) path.push(at.step);
  return path.reverse();
};

const isContainer = (value: unknown): boolean =>
  textMember(value, "name") !== undefined || textMember(value, "image") !== undefined;

const hasContainers = (spec: unknown): boolean => {
  const containers = member(spec, "containers");
  return Array.isArray(containers) && containers.length > 0 && containers.every(isContainer);
};

const hasImage = (value: unknown): boolean => textMember(value, "image") !== undefined;

/** Containers in a form of their own: Argo's templates, Tekton's steps. */
const hasOtherContainers = (value: Mapping): boolean => {
  const steps = member(value, "steps");
  return (
    hasImage(member(value, "container")) ||
    hasImage(member(value, "script")) ||
    (Array.isArray(steps) && steps.some(hasImage))
  );
};

const accountIn = (value: unknown): string | undefined =>
  textMember(value, "serviceAccountName") ?? textMember(value, "serviceAccount");

const marksIn = (spot: Spot, value: Mapping, field: "labels" | "annotations"): readonly Marks[] => {
  const marks = member(member(value, "metadata"), field);
  return isMapping(marks) ? [{ marks, path: () => [...pathOf(spot), "metadata", field] }] : [];
};

/** Goes through one object; each value is looked at once, however deep it is. */
class Walk {
  readonly templates: Path[] = [];
  readonly unreachable = new Map<string | undefined, UnreachablePod>();
  readonly otherAnnotations: Marks[] = [];
  readonly labels: Marks[] = [];
  private readonly isTemplate: (spot: Spot) => boolean;
  private readonly looksForPods: boolean;
  private readonly left: Spot[] = [];

  constructor(isTemplate: (spot: Spot) => boolean, looksForPods: boolean) {
    this.isTemplate = isTemplate;
    this.looksForPods = looksForPods;
  }

  through(root: Mapping): void {
    this.left.push({ value: root, step: "", above: undefined, depth: 0, account: undefined });
    for (let spot = this.left.pop(); spot !== undefined; spot = this.left.pop()) {
      if (isMapping(spot.value)) this.mapping(spot, spot.value);
      else if (Array.isArray(spot.value)) this.goInto(spot, [...spot.value.entries()], spot.account);
    }
  }

  private mapping(spot: Spot, value: Mapping): void {
    this.labels.push(...marksIn(spot, value, "labels"));
    if (this.isTemplate(spot)) {
      this.templates.push(pathOf(spot));
      return;
    }
    // One inside another object, such as a template's, is a ServiceAccount later.
    if (member(value, "kind") === "ServiceAccount" || ACCOUNT_TEMPLATES.has(spot.step)) return;
    this.otherAnnotations.push(...marksIn(spot, value, "annotations"));
    const own = accountIn(value);
    const account = own ?? spot.account;
    const isPod = hasContainers(value) || hasOtherContainers(value);
    if (this.looksForPods && (isPod || own !== undefined)) this.found(spot, account, isPod);
    this.goInto(spot, [...value], account);
  }

  private found(spot: Spot, account: string | undefined, isPod: boolean): void {
    const known = this.unreachable.get(account);
    if (known === undefined || (isPod && !known.hasContainers))
      this.unreachable.set(account, { path: pathOf(spot), account, hasContainers: isPod });
  }

  /** The first is to be taken first. */
  private goInto(above: Spot, items: readonly (readonly [unknown, unknown])[], account: string | undefined): void {
    const depth = above.depth + 1;
    if (depth > MAX_POD_DEPTH) return;
    for (const [step, value] of items.toReversed())
      if (typeof value === "object" && value !== null)
        this.left.push({ value, step: String(step), above, depth, account });
  }
}

/**
 * Is it a pod template? One that leaves its ServiceAccount to what is around it is none: that is another one than this
 * code would find.
 */
const hasTemplateShape = ({ value, above, account }: Spot): boolean => {
  const spec = member(value, "spec");
  return above !== undefined && hasContainers(spec) && (account === undefined || accountIn(spec) !== undefined);
};

const isAt =
  (path: Path) =>
  (spot: Spot): boolean => {
    let at: Spot | undefined = spot;
    for (const step of path.toReversed()) {
      if (at?.above === undefined || at.step !== step) return false;
      at = at.above;
    }
    return at?.above === undefined;
  };

/** Finds everything that concerns pods in `object`, in time that is linear in its size. */
export const podPlaces = (object: ManifestObject): PodPlaces => {
  const builtIn = builtInPath(object);
  const isSearched = builtIn === undefined && object.kind !== "" && !PATTERN_GROUPS.test(groupOf(object) ?? "");
  const walk = new Walk(
    builtIn === undefined ? (spot) => isSearched && hasTemplateShape(spot) : isAt(builtIn),
    isSearched,
  );
  walk.through(object.value);
  return {
    isBuiltIn: builtIn !== undefined,
    templates: builtIn === undefined ? walk.templates : [builtIn],
    unreachable: [...walk.unreachable.values()],
    otherAnnotations: walk.otherAnnotations,
    labels: walk.labels,
  };
};
