/** What people are told of the identities of one container. Nothing is decided here: see `plan-container.ts`. */
import type { Identity } from "../federation/identity.ts";
import type { WarningReason } from "../reasons/reasons.ts";
import { list, quote, quoteBoth } from "../reasons/text.ts";
import type { ContainerEnv, Differing } from "./container-env.ts";
import type { ContainerFacts } from "./container-facts.ts";
import type { ContainerWarning } from "./container-warnings.ts";
import type { IdentityEnv } from "./rendered-identity.ts";

const quotePath = (mountPath: string): string => quote(mountPath, 55);

const isConflict = (one: Identity, other: Identity): boolean => {
  const names = (a: Identity, b: Identity) =>
    a.provider.conflictsWith.has(b.provider.name) ||
    (b.provider.preset !== undefined && a.provider.conflictsWith.has(b.provider.preset));
  return names(one, other) || names(other, one);
};

/** Says that an identity is not in the container at all, since another provider has the variable `name` that it needs. */
export const leftOut = (
  { provider }: Identity,
  taken: { readonly name: string; readonly provider: string },
): ContainerWarning => ({
  reason: "variable-conflict",
  text: `${taken.provider} sets ${quote(taken.name)}; ${provider.name} is left out`,
});

/** Collects what is found in one container, in the order in which it is. */
export class ContainerFindings {
  readonly warnings: ContainerWarning[] = [];
  private readonly env: ContainerEnv;

  /** `env`: the container's variables, and what identities have added so far. */
  constructor(env: ContainerEnv) {
    this.env = env;
  }

  private tell(reason: WarningReason, text: string, value?: string): void {
    this.warnings.push(value === undefined ? { reason, text } : { reason, text, value });
  }

  /** Every path is taken, of which `preferred` is the best. */
  noPathFree({ provider: { name } }: Identity, preferred: string): void {
    this.tell("no-path-free", `${quotePath(preferred)} is taken; it gets no ${name} identity`);
  }

  /** The container's path variables point elsewhere. */
  managesItself({ provider: { name } }: Identity): void {
    this.tell("manages-itself", `has its own settings for ${name}; nothing is added`);
  }

  /** A token that is there already lives for `seconds`; undefined where that is not known. */
  reusedLifetime({ provider: { name, lifetime } }: Identity, seconds: number | undefined): void {
    if (seconds !== undefined && seconds > lifetime.max)
      this.tell("lifetime-above-maximum", `its ${name} token lives ${seconds} s; allowed: ${lifetime.max}`);
  }

  /** It is mounted elsewhere, since `preferred` is taken. */
  pathTaken({ provider: { name }, hasPathVariable }: Identity, preferred: string): void {
    const taken = `${quotePath(preferred)} is taken;`;
    if (hasPathVariable) this.tell("path-taken", `${taken} ${name} is elsewhere`);
    else this.tell("hard-coded-path-taken", `${taken} no variable says where ${name} is`);
  }

  /** Another provider has set the variables `names` to something else. */
  lost({ provider: { name } }: Identity, names: readonly string[]): void {
    if (names.length > 0) this.tell("variable-conflict", `${list(names, 1)} of ${name} is set by another provider`);
  }

  /** The container names an identity by itself, and it is another one. */
  anotherIdentity(differing: Differing | undefined): void {
    if (differing !== undefined) this.differs(differing, ", not the ServiceAccount's ", "");
  }

  /** The container has its program choose another way to log in. */
  anotherChoice({ provider: { name } }: Identity, differing: Differing | undefined): void {
    if (differing !== undefined) this.differs(differing, ", not ", `: the ${name} identity may be unused`);
  }

  private differs({ name, theirs, ours }: Differing, not: string, end: string): void {
    const [own, other] = quoteBoth(theirs, ours, 20);
    this.tell("identity-differs", `${quote(name, 30)} is ${own}${not}${other}${end}`, theirs);
  }

  /**
   * The user's variables that get in the identity's way, or the other way round; none of `variables`, which are its own.
   * `isAdded`: is it new in the container?
   */
  others({ provider }: Identity, variables: readonly IdentityEnv[], isAdded: boolean): void {
    const { name, shadowedBy, shadowedEvenEmpty, displaces } = provider;
    const isOther = (key: string) => this.env.hasOwn(key) && !variables.some(({ variable }) => variable.name === key);
    const keys = shadowedBy.filter((key) => isOther(key) && (this.env.hasValue(key) || shadowedEvenEmpty.has(key)));
    if (keys.length > 0) this.tell("static-key", `${list(keys, 1)} is used instead of the ${name} identity`);
    const isUsed = isAdded && this.env.isChosen(variables);
    const displaced = isUsed ? displaces.filter((key) => isOther(key) && this.env.hasValue(key)) : [];
    if (displaced.length > 0)
      this.tell("identity-displaced", `${list(displaced, 1)} is not used any more beside the ${name} identity`);
  }

  /** What the programs of `identities` need and nobody sets; to be asked once all of them have set their variables. */
  missing(identities: readonly Identity[], envFrom: ContainerFacts["envFrom"]): void {
    const mayBeGiven = (name: string) => this.env.isGiven(name) || (envFrom.has(name) && !this.env.hasOwn(name));
    for (const { provider } of identities) {
      for (const group of provider.expectsOneOf) {
        if (group.some(mayBeGiven)) continue;
        const names = group.slice(0, 3).join(" or ");
        this.tell("variable-missing", `${provider.name} needs ${names}, which nobody sets`);
      }
    }
  }

  /** Pairs that get in each other's way. */
  conflicts(identities: readonly Identity[]): void {
    identities.forEach((one, index) => {
      for (const other of identities.slice(index + 1))
        if (isConflict(one, other))
          this.tell("provider-conflict", `${one.provider.name} and ${other.provider.name} get in each other's way`);
    });
  }

  /** What was added and would hide what `envFrom` may bring. */
  hidesEnvFrom(envFrom: ContainerFacts["envFrom"]): void {
    if (envFrom.size === 0) return;
    const names = this.env.additions().flatMap(({ name }) => (envFrom.has(name) ? [name] : []));
    if (names.length > 0) this.tell("hides-env-from", `of its envFrom these would be hidden: ${list(names, 2)}`);
  }
}
