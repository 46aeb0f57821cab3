/** The variables of one container: what the user set, and what identities add in front. */
import type { Identity } from "../federation/identity.ts";
import { expand } from "../pod/expansion.ts";
import { normalisePath } from "../pod/paths.ts";
import type { EnvVar } from "../pod/pod.ts";
import { POD_LIMITS } from "../reasons/limits.ts";
import type { EnvFacts } from "./env-facts.ts";
import type { IdentityEnv, OwnEnv, RenderedIdentity } from "./rendered-identity.ts";

const isSamePath = (a: string, b: string, windows: boolean): boolean => {
  if (a === b) return true;
  if (a.length > POD_LIMITS["path-too-long"].max) return false;
  const isPath = windows ? /^([A-Za-z]:)?[\\/]/ : /^\//;
  return isPath.test(a) && isPath.test(b) && normalisePath(a, windows) === normalisePath(b, windows);
};

/** Is the variable as one of `variables` would be? */
const isWanted = ({ name, value }: EnvVar, variables: readonly IdentityEnv[]): boolean =>
  variables.some(({ variable }) => variable.name === name && variable.value === value);

/** Is it the same to a program that reads it? A switch that is on may be written in many ways. */
const isSameChoice = (theirs: string, ours: string): boolean =>
  theirs.toLowerCase() === ours.toLowerCase() || (ours === "true" && /^[1t]$/i.test(theirs));

/** A variable that the container has set to another value than the identity would. */
export interface Differing {
  readonly name: string;
  readonly theirs: string;
  readonly ours: string;
}

/** The variables of one container, and those that identities add. */
export class ContainerEnv {
  private readonly existing: ReadonlyMap<string, EnvVar>;
  private readonly expanded: EnvFacts["expanded"];
  private readonly brought: ReadonlyMap<string, boolean>;
  private readonly own = new Map<string, { readonly env: OwnEnv; readonly provider: string }>();
  private readonly added: OwnEnv[] = [];

  constructor({ env, expanded, brought }: EnvFacts) {
    this.existing = env;
    this.expanded = expanded;
    this.brought = brought;
  }

  /** Does the container have the variable, in any form, or does its `envFrom` surely bring it? */
  hasOwn(name: string): boolean {
    return this.existing.has(name) || this.isBrought(name);
  }

  /** Has the container set the variable to something? An empty text is nothing to the SDKs. */
  hasValue(name: string): boolean {
    const existing = this.existing.get(name);
    if (existing === undefined) return this.isBrought(name) && this.brought.get(name) === true;
    return existing.valueFrom != null || this.textOf(existing) !== "";
  }

  /** What a process finds in the literal; undefined where that is not known. */
  private textOf({ name, value }: EnvVar): string | undefined {
    return this.expanded.has(name) ? this.expanded.get(name) : (value ?? "");
  }

  /** `env` hides what `envFrom` brings. */
  private isBrought(name: string): boolean {
    return this.brought.has(name) && !this.existing.has(name) && !this.own.has(name);
  }

  /** Has the variable a value, by the container or by an identity? */
  isGiven(name: string): boolean {
    return this.own.has(name) || this.hasValue(name);
  }

  /**
   * The first variable that `counts` for the identity and that the container has set to another value, which is kept;
   * both as a process would find them. Not where one of them depends on what is not known.
   */
  differing(variables: readonly IdentityEnv[], counts: "namesIdentity" | "choosesIdentity"): Differing | undefined {
    for (const { variable, [counts]: isMeant } of variables) {
      const existing = isMeant ? this.existing.get(variable.name) : undefined;
      if (existing === undefined || existing.valueFrom != null || existing.value === variable.value) continue;
      const theirs = this.textOf(existing);
      const ours = expand(variable.value, () => undefined, Number.POSITIVE_INFINITY);
      if (theirs === undefined || ours === undefined || theirs === ours) continue;
      if (counts === "choosesIdentity" && isSameChoice(theirs, ours)) continue;
      return { name: variable.name, theirs, ours };
    }
    return undefined;
  }

  /**
   * Would the identity, mounted at `mountPath`, find each of its path variables either unset or pointing there? False:
   * somebody else has set one of them, or another variable without which it is not set either.
   */
  agrees(rendered: RenderedIdentity, mountPath: string, windows: boolean): boolean {
    const { identity } = rendered;
    if (!this.touches(identity)) return true;
    const variables = rendered.env(mountPath, windows);
    return variables.every(({ variable, holdsPath }) => {
      if (!holdsPath) return true;
      const existing = this.existing.get(variable.name);
      if (existing === undefined)
        return !this.isHeld(identity, variable.name, (name) => this.isForeign(name, variables));
      return existing.valueFrom == null && isSamePath(existing.value ?? "", variable.value, windows);
    });
  }

  /** What the container says in the path variables of the identity; undefined where one of them is no literal. */
  pathsOf({ provider }: Identity): readonly string[] | undefined {
    const paths: string[] = [];
    for (const { name, holdsPath } of provider.env) {
      const existing = holdsPath ? this.existing.get(name) : undefined;
      if (existing === undefined) continue;
      if (existing.valueFrom != null) return undefined;
      paths.push(existing.value ?? "");
    }
    return paths;
  }

  /** Has the container a path variable of the identity, or one that goes together with others? */
  private touches({ provider }: Identity): boolean {
    if (this.existing.size === 0) return false;
    return (
      provider.env.some((variable) => variable.holdsPath && this.existing.has(variable.name)) ||
      provider.envTogether.some((group) => group.some((name) => this.existing.has(name)))
    );
  }

  /** Is `name` in a group of which another variable `isTaken`? */
  private isHeld({ provider }: Identity, name: string, isTaken: (other: string) => boolean): boolean {
    return provider.envTogether.some((group) => group.includes(name) && group.some(isTaken));
  }

  /** Has the container set the variable to anything but what the identity would set? */
  private isForeign(name: string, variables: readonly IdentityEnv[]): boolean {
    const existing = this.existing.get(name);
    return existing !== undefined && (existing.valueFrom != null || !isWanted(existing, variables));
  }

  /** Has an identity before this one set the variable to anything but what this one would set? */
  private isAnothers(name: string, variables: readonly IdentityEnv[]): boolean {
    const own = this.own.get(name);
    return own !== undefined && !isWanted(own.env, variables);
  }

  /** Is the variable by which a program chooses the identity, if there is one, as the identity sets it? */
  isChosen(variables: readonly IdentityEnv[]): boolean {
    return variables.every(({ variable, choosesIdentity }) => {
      const existing = choosesIdentity ? this.existing.get(variable.name) : undefined;
      if (existing === undefined) return true;
      const theirs = existing.valueFrom == null ? this.textOf(existing) : undefined;
      return theirs !== undefined && isSameChoice(theirs, variable.value);
    });
  }

  /** The first path variable of `identity` that another one has set to something else, or holds back; and its provider. */
  takenPathVariable(
    identity: Identity,
    variables: readonly IdentityEnv[],
  ): { readonly name: string; readonly provider: string } | undefined {
    if (this.own.size === 0) return undefined;
    for (const { variable, holdsPath } of variables) {
      const { name, value } = variable;
      if (!holdsPath || this.existing.has(name)) continue;
      const taken = this.own.get(name);
      if (taken !== undefined && taken.env.value !== value) return { name, provider: taken.provider };
      if (taken === undefined && this.isHeld(identity, name, (other) => this.isAnothers(other, variables)))
        return { name, provider: "another provider" };
    }
    return undefined;
  }

  /**
   * Adds the variables of `identity` that nobody has set. Returns the names it added, and those that an earlier identity
   * of the same pod had set to something else.
   */
  add(
    identity: Identity,
    variables: readonly IdentityEnv[],
  ): { readonly added: readonly string[]; readonly lost: readonly string[] } {
    const isTaken = (name: string) => this.isAnothers(name, variables) || this.isForeign(name, variables);
    const held = identity.provider.envTogether.filter((group) => group.some(isTaken));
    const added: string[] = [];
    const lost: string[] = [];
    for (const { variable } of variables) {
      const { name } = variable;
      if (this.existing.has(name)) continue;
      if (this.isAnothers(name, variables)) lost.push(name);
      else if (!this.own.has(name) && !held.some((group) => group.includes(name))) {
        this.own.set(name, { env: variable, provider: identity.provider.name });
        this.added.push(variable);
        added.push(name);
      }
    }
    return { added, lost };
  }

  /** What was added, in the order in which it was. */
  additions(): readonly OwnEnv[] {
    return this.added;
  }
}
