/** What the plan of a container depends on of its variables. */
import { expandEnv } from "../pod/expansion.ts";
import type { Container, EnvFromSource, EnvVar } from "../pod/pod.ts";

/** The facts. */
export interface EnvFacts {
  /** Its variables that identities set or look for, as Kubernetes takes them: the last of several with one name. */
  readonly env: ReadonlyMap<string, EnvVar>;
  /** Of those with a `$` what a process finds in them; undefined where that is not known. */
  readonly expanded: ReadonlyMap<string, string | undefined>;
  /** Those that may come from its `envFrom`. */
  readonly envFrom: ReadonlySet<string>;
  /** Those of them that surely do, each with whether it has a value. Only where ConfigMaps and Secrets are at hand. */
  readonly brought: ReadonlyMap<string, boolean>;
}

/**
 * The keys of the ConfigMap or Secret `name` of the pod's namespace, each with whether its value is more than empty;
 * undefined where that is not at hand.
 */
export type KeysOf = (kind: "ConfigMap" | "Secret", name: string) => ReadonlyMap<string, boolean> | undefined;

const NO_ENV: ReadonlyMap<string, EnvVar> = new Map();
const NO_EXPANDED: EnvFacts["expanded"] = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();
const NO_KEYS: ReadonlyMap<string, boolean> = new Map();
const NOTHING_FROM = { envFrom: NO_NAMES, brought: NO_KEYS } as const;

/** Are these the facts of a container that has none? An `envFrom` may still bring any. */
export const hasNoVariables = ({ env, envFrom, brought }: EnvFacts, variables: ReadonlySet<string>): boolean =>
  env === NO_ENV && brought === NO_KEYS && (envFrom === NO_NAMES || envFrom === variables);

const keysIn = (source: EnvFromSource, keysOf: KeysOf | undefined): ReturnType<KeysOf> => {
  const { configMapRef, secretRef } = source;
  if (configMapRef?.name) return keysOf?.("ConfigMap", configMapRef.name);
  return secretRef?.name ? keysOf?.("Secret", secretRef.name) : undefined;
};

/** Of many prefixes those count that are no longer than the name. */
const hasPrefix = (name: string, prefixes: ReadonlySet<string>): boolean => {
  if (prefixes.size === 0) return false;
  for (let end = 1; end <= name.length; end++) if (prefixes.has(name.slice(0, end))) return true;
  return false;
};

/** Of what is `known`, what the identities look for; what another source may fill is not known to be empty. */
const readBrought = (
  known: ReadonlyMap<string, boolean>,
  prefixes: ReadonlySet<string>,
  variables: ReadonlySet<string>,
): ReadonlyMap<string, boolean> => {
  if (known.size === 0) return NO_KEYS;
  const mayBeFilled = (name: string) => prefixes.has("") || hasPrefix(name, prefixes);
  const brought = new Map<string, boolean>();
  for (const name of variables) {
    const hasValue = known.get(name);
    if (hasValue !== undefined && (hasValue || !mayBeFilled(name))) brought.set(name, hasValue);
  }
  return brought.size === 0 ? NO_KEYS : brought;
};

const readEnvFrom = (
  container: Container,
  variables: ReadonlySet<string>,
  keysOf: KeysOf | undefined,
): Pick<EnvFacts, "envFrom" | "brought"> => {
  if (!container.envFrom?.length) return NOTHING_FROM;
  const known = new Map<string, boolean>();
  const prefixes = new Set<string>();
  for (const source of container.envFrom) {
    const prefix = source.prefix ?? "";
    const keys = keysIn(source, keysOf);
    if (keys === undefined) prefixes.add(prefix);
    else for (const [key, hasValue] of keys) known.set(prefix + key, hasValue);
  }
  const brought = readBrought(known, prefixes, variables);
  if (prefixes.has("")) return { envFrom: variables, brought };
  const names = new Set([...variables].filter((name) => known.has(name) || hasPrefix(name, prefixes)));
  return { envFrom: names.size === 0 ? NO_NAMES : names, brought };
};

const readEnv = (container: Container, variables: ReadonlySet<string>): ReadonlyMap<string, EnvVar> => {
  let env: Map<string, EnvVar> | undefined;
  for (const variable of container.env ?? []) {
    if (!variables.has(variable.name)) continue;
    env ??= new Map();
    env.set(variable.name, variable);
  }
  return env ?? NO_ENV;
};

/** A variable that a Service of the namespace may bring. */
const OF_SERVICE = /_(SERVICE|PORT)/;

const readExpanded = (
  container: Container,
  env: ReadonlyMap<string, EnvVar>,
  variables: ReadonlySet<string>,
): EnvFacts["expanded"] => {
  const names: string[] = [];
  for (const { name, value } of env.values()) if (value?.includes("$")) names.push(name);
  if (names.length === 0) return NO_EXPANDED;
  const all = container.env ?? [];
  const own = new Set(all.map(({ name }) => name));
  const hasSources = !!container.envFrom?.length;
  const mayBeSet = (name: string) => hasSources || OF_SERVICE.test(name) || (variables.has(name) && !own.has(name));
  const values = expandEnv(all, mayBeSet);
  return new Map(names.map((name) => [name, values.get(name)]));
};

/** Reads the facts of `container`, as far as they are about `variables`. */
export const readEnvFacts = (
  container: Container,
  variables: ReadonlySet<string>,
  keysOf: KeysOf | undefined,
): EnvFacts => {
  const env = readEnv(container, variables);
  const expanded = readExpanded(container, env, variables);
  return { env, expanded, ...readEnvFrom(container, variables, keysOf) };
};
