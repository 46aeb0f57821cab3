/** What one container gets. */
import type { Identity } from "../federation/identity.ts";
import { fileIn } from "../pod/paths.ts";
import type { ServiceAccountTokenProjection, VolumeMount } from "../pod/pod.ts";
import type { Warning } from "../reasons/reasons.ts";
import { ContainerEnv } from "./container-env.ts";
import type { ContainerFacts } from "./container-facts.ts";
import { ContainerFindings, leftOut } from "./container-findings.ts";
import { ContainerMounts, type Place } from "./container-mounts.ts";
import type { ContainerWarning } from "./container-warnings.ts";
import type { PodIdentity } from "./pod-identity.ts";
import type { OwnEnv } from "./rendered-identity.ts";

/** What was decided for one identity in one container. */
export type Placement =
  | "injected"
  | "already-present"
  | "identity-differs"
  | "filtered"
  | "manages-itself"
  | "no-path-free"
  | "variable-conflict";

/** What was decided for one identity in one container, and what it finds there. */
export interface Placed {
  readonly provider: string;
  readonly placement: Placement;
  /** The token's file, where there is one. */
  readonly tokenFile: string | undefined;
  /** The variables that are added. */
  readonly env: readonly string[];
  /** Those of it that another provider has set. */
  readonly lost: readonly string[];
  readonly isReused: boolean;
}

type SetVariables = ReturnType<ContainerEnv["add"]>;

const NOTHING_SET: SetVariables = { added: [], lost: [] };

/** A mount to be added. */
export interface PlannedMount {
  /** Whose volume it is. */
  readonly wanted: PodIdentity;
  /** With the volume's name as long as it is free. */
  readonly mount: VolumeMount;
}

/** What one container gets, and what was decided for each identity. Nothing in it names the container. */
export interface ContainerPlan {
  readonly mounts: readonly PlannedMount[];
  readonly env: readonly OwnEnv[];
  readonly placed: readonly Placed[];
  readonly warnings: readonly ContainerWarning[];
}

/** What the plan of a container needs beside its facts. */
export interface PlanScope {
  readonly identities: readonly PodIdentity[];
  /** Does a container filter let the identity at `index` into this container? */
  isSelected(index: number): boolean;
  readonly windows: boolean;
  /** The lifetime (seconds) of a token that the pod has, once the policy's clamps are applied. */
  lifetimeOf(token: ServiceAccountTokenProjection): number | undefined;
}

interface Choice {
  readonly wanted: PodIdentity;
  readonly place: Place;
}

/** Plans one container with a given set of identities; each step adds to what is placed and to the findings. */
class ContainerPlanner {
  private readonly facts: ContainerFacts;
  private readonly scope: PlanScope;
  private readonly mounts: ContainerMounts;
  private readonly env: ContainerEnv;
  private readonly findings: ContainerFindings;
  private readonly placed = new Map<Identity, Placed>();

  constructor(facts: ContainerFacts, scope: PlanScope) {
    this.facts = facts;
    this.scope = scope;
    this.mounts = new ContainerMounts(facts.mounts);
    this.env = new ContainerEnv(facts);
    this.findings = new ContainerFindings(this.env);
  }

  /** The plan without `dropped`; or, when another identity has to be dropped too, that one. */
  plan(dropped: ReadonlySet<PodIdentity>): ContainerPlan | { readonly drop: PodIdentity; readonly warning: Warning } {
    const selected = this.scope.identities.filter((wanted, index) => {
      const isSelected = this.scope.isSelected(index);
      if (!isSelected) this.report(wanted.identity, "filtered");
      else if (dropped.has(wanted)) this.report(wanted.identity, "variable-conflict");
      return isSelected && !dropped.has(wanted);
    });
    const places = this.choosePlaces(selected);
    const choices: Choice[] = [];
    for (const wanted of selected) {
      const place = places.get(wanted);
      if (place === undefined) continue;
      const warning = this.setEnv(wanted, place);
      if (warning !== undefined) return { drop: wanted, warning };
      choices.push({ wanted, place });
    }
    const chosen = choices.map(({ wanted }) => wanted.identity);
    this.findings.missing(chosen, this.facts.envFrom);
    this.findings.conflicts(chosen);
    this.findings.hidesEnvFrom(this.facts.envFrom);
    const placed = [...this.placed.values()];
    return { mounts: this.newMounts(choices), env: this.env.additions(), placed, warnings: this.findings.warnings };
  }

  private report(identity: Identity, placement: Placement, place?: Place, { added, lost } = NOTHING_SET): void {
    this.placed.set(identity, {
      provider: identity.provider.name,
      placement,
      tokenFile: place && fileIn(place.mountPath, identity.provider.fileName, this.scope.windows),
      env: added,
      lost,
      isReused: place?.reused !== undefined,
    });
  }

  /** Identities whose path is hard-coded in the application choose first, the others after them in their order. */
  private choosePlaces(selected: readonly PodIdentity[]): ReadonlyMap<PodIdentity, Place> {
    const places = new Map<PodIdentity, Place>();
    const last = (wanted: PodIdentity) => (wanted.identity.hasPathVariable ? 1 : 0);
    const inOrder = selected.length < 2 ? selected : selected.toSorted((a, b) => last(a) - last(b));
    for (const wanted of inOrder) {
      const place = this.choosePlace(wanted);
      if (place !== undefined) places.set(wanted, place);
    }
    return places;
  }

  private choosePlace(wanted: PodIdentity): Place | undefined {
    const { identity, rendered } = wanted;
    const { windows } = this.scope;
    const paths = rendered.paths(windows);
    const agrees = (mountPath: string) => this.env.agrees(rendered, mountPath, windows);
    // A mount that has the token already, before a path that is free; both only where the path variables agree.
    for (const path of paths) {
      const place = this.mounts.reuse(path, rendered);
      if (place === undefined || !agrees(place.mountPath)) continue;
      this.findings.reusedLifetime(identity, this.scope.lifetimeOf(place.reused));
      return place;
    }
    const free = paths.find((path) => agrees(path.mountPath) && this.mounts.isFree(path));
    if (free !== undefined) {
      const preferred = paths[0] ?? free;
      if (free !== preferred && !this.mounts.isFree(preferred)) this.findings.pathTaken(identity, preferred.mountPath);
      return this.mounts.plan(free, wanted.volume);
    }
    if (paths.every((path) => agrees(path.mountPath))) {
      this.report(identity, "no-path-free");
      this.findings.noPathFree(identity, paths[0]?.mountPath ?? "");
    } else if (this.isVendors(wanted)) this.report(identity, "already-present");
    else {
      this.report(identity, "manages-itself");
      this.findings.managesItself(identity);
    }
    return undefined;
  }

  /** Has the vendor's own webhook been here? Known by what its variables name: the same token, or a file that it writes. */
  private isVendors({ identity, rendered }: PodIdentity): boolean {
    const { native } = identity.provider;
    const paths = native.length === 0 ? undefined : this.env.pathsOf(identity);
    if (paths === undefined || paths.length === 0) return false;
    return paths.every(
      (path) => native.some(({ writes }) => writes.includes(path)) || this.mounts.holdsToken(path, rendered),
    );
  }

  /** Sets the variables, unless an identity before it has the one that says where the token is. */
  private setEnv({ identity, rendered }: PodIdentity, place: Place): Warning | undefined {
    const variables = rendered.env(place.mountPath, this.scope.windows);
    const taken = this.env.takenPathVariable(identity, variables);
    if (taken !== undefined) return leftOut(identity, taken);
    const set = this.env.add(identity, variables);
    this.findings.lost(identity, set.lost);
    const another = this.env.differing(variables, "namesIdentity");
    const choice = this.env.differing(variables, "choosesIdentity");
    const isChanged = set.added.length > 0 || place.reused === undefined;
    const unchanged = (another ?? choice) === undefined ? "already-present" : "identity-differs";
    this.report(identity, isChanged ? "injected" : unchanged, place, set);
    this.findings.anotherIdentity(another);
    this.findings.anotherChoice(identity, choice);
    this.findings.others(identity, variables, isChanged);
    return undefined;
  }

  private newMounts(choices: readonly Choice[]): readonly PlannedMount[] {
    return choices.flatMap(({ wanted, place }) => (place.reused === undefined ? [{ wanted, mount: place.mount }] : []));
  }
}

/**
 * Plans a container with these facts. An identity that has to be dropped late is left out from the start of another try,
 * so that what it would have taken is free for the others.
 */
export const planContainer = (facts: ContainerFacts, scope: PlanScope): ContainerPlan => {
  const dropped = new Set<PodIdentity>();
  const warnings: ContainerWarning[] = [];
  for (;;) {
    const plan = new ContainerPlanner(facts, scope).plan(dropped);
    if (!("drop" in plan)) return { ...plan, warnings: [...warnings, ...plan.warnings] };
    dropped.add(plan.drop);
    warnings.push(plan.warning);
  }
};
