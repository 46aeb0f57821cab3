/** What one container gets. */
import type { Identity } from "../federation/identity.ts";
import { fileIn } from "../pod/paths.ts";
import type { ServiceAccountTokenProjection, VolumeMount } from "../pod/pod.ts";
import type { Warning } from "../reasons/reasons.ts";
import { list, quote, quoteBoth } from "../reasons/text.ts";
import { ContainerEnv, type Differing } from "./container-env.ts";
import type { ContainerFacts } from "./container-facts.ts";
import { ContainerMounts, type Place } from "./container-mounts.ts";
import type { ContainerWarning } from "./container-warnings.ts";
import type { CandidatePath } from "./footprint.ts";
import type { PodIdentity } from "./pod-identity.ts";
import type { IdentityEnv, OwnEnv } from "./rendered-identity.ts";

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

const conflict = (one: Identity, other: Identity): boolean => {
  const names = (a: Identity, b: Identity) =>
    a.provider.conflictsWith.has(b.provider.name) ||
    (b.provider.preset !== undefined && a.provider.conflictsWith.has(b.provider.preset));
  return names(one, other) || names(other, one);
};

/** Plans one container with a given set of identities; each step adds to what is placed and to the warnings. */
class ContainerPlanner {
  private readonly facts: ContainerFacts;
  private readonly scope: PlanScope;
  private readonly mounts: ContainerMounts;
  private readonly env: ContainerEnv;
  private readonly placed = new Map<Identity, Placed>();
  private readonly warnings: ContainerWarning[] = [];

  constructor(facts: ContainerFacts, scope: PlanScope) {
    this.facts = facts;
    this.scope = scope;
    this.mounts = new ContainerMounts(facts.mounts);
    this.env = new ContainerEnv(facts);
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
    this.warnOfMissing(choices);
    this.warnOfConflicts(choices);
    this.warnOfEnvFrom();
    const placed = [...this.placed.values()];
    return { mounts: this.newMounts(choices), env: this.env.additions(), placed, warnings: this.warnings };
  }

  private warn(reason: Warning["reason"], text: string): void {
    this.warnings.push({ reason, text });
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
      this.warnOfLifetime(identity, place);
      return place;
    }
    const free = paths.find((path) => agrees(path.mountPath) && this.mounts.isFree(path));
    if (free !== undefined) {
      this.warnOfPath(identity, free, paths[0] ?? free);
      return this.mounts.plan(free, wanted.volume);
    }
    const { name } = identity.provider;
    if (paths.every((path) => agrees(path.mountPath))) {
      this.report(identity, "no-path-free");
      this.warn("no-path-free", `${quote(paths[0]?.mountPath ?? "", 55)} is taken; it gets no ${name} identity`);
    } else if (this.isVendors(wanted)) this.report(identity, "already-present");
    else {
      this.report(identity, "manages-itself");
      this.warn("manages-itself", `has its own settings for ${name}; nothing is added`);
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

  private warnOfLifetime(identity: Identity, { reused }: Place): void {
    const { name, lifetime } = identity.provider;
    const seconds = reused && this.scope.lifetimeOf(reused);
    if (seconds !== undefined && seconds > lifetime.max)
      this.warn("lifetime-above-maximum", `its ${name} token lives ${seconds} s; allowed: ${lifetime.max}`);
  }

  private warnOfPath(identity: Identity, chosen: CandidatePath, preferred: CandidatePath): void {
    if (chosen === preferred || this.mounts.isFree(preferred)) return;
    const { name } = identity.provider;
    const taken = `${quote(preferred.mountPath, 55)} is taken;`;
    if (identity.hasPathVariable) this.warn("path-taken", `${taken} ${name} is elsewhere`);
    else this.warn("hard-coded-path-taken", `${taken} no variable says where ${name} is`);
  }

  /** Sets the variables, unless an identity before it has the one that says where the token is. */
  private setEnv({ identity, rendered }: PodIdentity, place: Place): Warning | undefined {
    const variables = rendered.env(place.mountPath, this.scope.windows);
    const { name } = identity.provider;
    const taken = this.env.takenPathVariable(identity, variables);
    if (taken !== undefined)
      return { reason: "variable-conflict", text: `${taken.provider} sets ${quote(taken.name)}; ${name} is left out` };
    const set = this.env.add(identity, variables);
    const { added, lost } = set;
    if (lost.length > 0) this.warn("variable-conflict", `${list(lost, 1)} of ${name} is set by another provider`);
    const another = this.env.differing(variables, "namesIdentity");
    const choice = this.env.differing(variables, "choosesIdentity");
    const isChanged = added.length > 0 || place.reused === undefined;
    const unchanged = (another ?? choice) === undefined ? "already-present" : "identity-differs";
    this.report(identity, isChanged ? "injected" : unchanged, place, set);
    if (another !== undefined) this.warnOfDiffering(another, ", not the ServiceAccount's ", "");
    if (choice !== undefined) this.warnOfDiffering(choice, ", not ", `: the ${name} identity may be unused`);
    this.warnOfOthers(identity, variables, isChanged);
    return undefined;
  }

  /** The user's variables that get in the identity's way, or the other way round; none that the identity sets itself. */
  private warnOfOthers(
    { provider: { name, shadowedBy, shadowedEvenEmpty, displaces } }: Identity,
    variables: readonly IdentityEnv[],
    isChanged: boolean,
  ): void {
    const isOther = (key: string) => this.env.hasOwn(key) && !variables.some(({ variable }) => variable.name === key);
    const keys = shadowedBy.filter((key) => isOther(key) && (this.env.hasValue(key) || shadowedEvenEmpty.has(key)));
    if (keys.length > 0) this.warn("static-key", `${list(keys, 1)} is used instead of the ${name} identity`);
    const isUsed = isChanged && this.env.isChosen(variables);
    const displaced = isUsed ? displaces.filter((key) => isOther(key) && this.env.hasValue(key)) : [];
    if (displaced.length > 0)
      this.warn("identity-displaced", `${list(displaced, 1)} is not used any more beside the ${name} identity`);
  }

  private warnOfDiffering({ name, theirs, ours }: Differing, not: string, end: string): void {
    const [own, other] = quoteBoth(theirs, ours, 20);
    const text = `${quote(name, 30)} is ${own}${not}${other}${end}`;
    this.warnings.push({ reason: "identity-differs", text, value: theirs });
  }

  /** What the program needs may come from anybody, so it is asked for once all identities have set their variables. */
  private warnOfMissing(choices: readonly Choice[]): void {
    for (const { wanted } of choices) {
      const { name, expectsOneOf } = wanted.identity.provider;
      for (const group of expectsOneOf) {
        if (group.some((variable) => this.isGiven(variable))) continue;
        this.warn("variable-missing", `${name} needs ${group.slice(0, 3).join(" or ")}, which nobody sets`);
      }
    }
  }

  /** Has the variable a value, or may it get one from where nobody can look? */
  private isGiven(variable: string): boolean {
    return this.env.isGiven(variable) || (this.facts.envFrom.has(variable) && !this.env.hasOwn(variable));
  }

  private newMounts(choices: readonly Choice[]): readonly PlannedMount[] {
    return choices.flatMap(({ wanted, place }) => (place.reused === undefined ? [{ wanted, mount: place.mount }] : []));
  }

  private warnOfConflicts(choices: readonly Choice[]): void {
    choices.forEach(({ wanted: { identity: one } }, index) => {
      for (const { wanted } of choices.slice(index + 1))
        if (conflict(one, wanted.identity))
          this.warn(
            "provider-conflict",
            `${one.provider.name} and ${wanted.identity.provider.name} get in each other's way`,
          );
    });
  }

  private warnOfEnvFrom(): void {
    if (this.facts.envFrom.size === 0) return;
    const names = this.env.additions().flatMap(({ name }) => (this.facts.envFrom.has(name) ? [name] : []));
    if (names.length > 0) this.warn("hides-env-from", `of its envFrom these would be hidden: ${list(names, 2)}`);
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
