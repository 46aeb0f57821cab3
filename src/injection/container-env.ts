/** The variables of one container: what the user set, and what identities add in front. */
import type { Identity } from "../federation/federation.ts";
import { normalisePath } from "../pod/paths.ts";
import type { Container, EnvVar } from "../pod/pod.ts";
import { type IdentityEnv, type OwnEnv, renderedIdentity } from "./rendered-identity.ts";

const isSamePath = (a: string, b: string, windows: boolean): boolean => {
  if (a === b) return true;
  const isPath = windows ? /^([A-Za-z]:)?[\\/]/ : /^\//;
  return isPath.test(a) && isPath.test(b) && normalisePath(a, windows) === normalisePath(b, windows);
};

/** See above. Kubernetes takes the last of several variables with one name. */
export class ContainerEnv {
  private readonly existing = new Map<string, EnvVar>();
  private readonly own = new Map<string, { readonly env: OwnEnv; readonly provider: string }>();

  constructor(container: Container) {
    for (const variable of container.env ?? []) this.existing.set(variable.name, variable);
  }

  /** Does the container have the variable, in any form? */
  has(name: string): boolean {
    return this.existing.has(name);
  }

  /**
   * Would the identity, mounted at `mountPath`, find each of its path variables either unset or pointing there? False:
   * somebody else has set one of them.
   */
  agrees(identity: Identity, mountPath: string, windows: boolean): boolean {
    const isSet = identity.provider.env.some((variable) => variable.holdsPath && this.existing.has(variable.name));
    if (!isSet) return true;
    return renderedIdentity(identity)
      .env(mountPath, windows)
      .every((variable) => {
        const existing = variable.holdsPath ? this.existing.get(variable.name) : undefined;
        if (existing === undefined) return true;
        return existing.valueFrom == null && isSamePath(existing.value ?? "", variable.value, windows);
      });
  }

  /** The first path variable among `variables` that another identity has set to something else, and that identity. */
  takenPathVariable(variables: readonly IdentityEnv[]): { name: string; provider: string } | undefined {
    for (const { name, value, holdsPath } of variables) {
      const taken = holdsPath ? this.own.get(name) : undefined;
      if (taken !== undefined && taken.env.value !== value) return { name, provider: taken.provider };
    }
    return undefined;
  }

  /**
   * Adds the variables of `identity` that nobody has set. Returns the names it added, and those that an earlier identity
   * of the same pod had set.
   */
  add(
    identity: Identity,
    variables: readonly OwnEnv[],
  ): { readonly added: readonly string[]; readonly lost: readonly string[] } {
    const isTaken = (name: string) => this.existing.has(name) || this.own.has(name);
    const held = new Set(identity.provider.envTogether.filter((group) => group.some(isTaken)).flat());
    const added: OwnEnv[] = [];
    const lost: string[] = [];
    for (const { name, value } of variables) {
      if (this.existing.has(name)) continue;
      if (this.own.has(name)) lost.push(name);
      else if (!held.has(name)) added.push({ name, value });
    }
    for (const env of added) this.own.set(env.name, { env, provider: identity.provider.name });
    return { added: added.map((env) => env.name), lost };
  }

  /** What was added, in the order in which it was. */
  additions(): readonly OwnEnv[] {
    return [...this.own.values()].map(({ env }) => env);
  }
}
