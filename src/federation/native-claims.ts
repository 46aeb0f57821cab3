/** What a vendor's own annotations on a ServiceAccount say, in the words of our own. */
import type { NativeRule, NativeValue } from "../configuration/native.ts";
import type { Provider } from "../configuration/settings.ts";
import type { NativeCondition } from "../providers/native-spec.ts";
import { isBlank } from "../reasons/characters.ts";
import { readSeconds } from "./annotation-keys.ts";

type Texts = ReadonlyMap<string, string>;

/** A value of a ServiceAccount's, and where it has it from. */
export interface Claim {
  readonly value: string;
  /** An annotation under our prefix, a vendor's, or the default of the namespace. */
  readonly origin: "own" | "native" | "default";
  /** The annotation's key; undefined for a default. */
  readonly key: string | undefined;
}

/** Is there an annotation that fulfils `condition`? A blank one is not set. */
const holds = ({ key, value }: NativeCondition, annotations: Texts): boolean => {
  const written = annotations.get(key);
  return written !== undefined && (value === undefined ? !isBlank(written) : written === value);
};

const isOptedOut = ({ optOut }: NativeRule, annotations: Texts): boolean =>
  optOut.some(
    ({ on, key, value }) =>
      on === "serviceAccountAnnotation" &&
      (value === undefined ? annotations.has(key) : annotations.get(key) === value),
  );

/** The rules of `provider` whose trigger a ServiceAccount with these annotations has, and has not opted out of. */
export const triggered = ({ native }: Provider, annotations: Texts): readonly NativeRule[] =>
  native.filter((rule) => holds(rule.trigger, annotations) && !isOptedOut(rule, annotations));

/**
 * The rules of `provider` whose values count: those that are triggered, and where none is, since something else federates,
 * all. So what is left over of one webhook's keys says nothing where another webhook's are in use.
 */
export const heeded = (provider: Provider, annotations: Texts): readonly NativeRule[] => {
  const asked = triggered(provider, annotations);
  return asked.length === 0 ? provider.native : asked;
};

const read = (key: string | undefined, annotations: Texts): string | undefined => {
  const written = key === undefined ? undefined : annotations.get(key);
  return written === undefined || isBlank(written) ? undefined : written;
};

/** What the parameter gets where `written` is the annotation's; undefined where that sets nothing. */
export const parameterValue = ({ behind, prefix }: NativeValue, written: string): string | undefined => {
  const rest = written.startsWith(behind) ? written.slice(behind.length) : "";
  return isBlank(rest) ? undefined : prefix + rest;
};

/** A number is raised to the vendor's least; one that is none is passed over, or left to be refused. */
export const nativeSeconds = (written: string, { lifetime }: NativeRule): string | undefined => {
  const seconds = readSeconds(written);
  if (seconds === undefined) return lifetime.unreadable === "ignored" ? undefined : written;
  return seconds < lifetime.min ? String(lifetime.min) : written;
};

/** What one rule says, by our own names. */
function* said(rule: NativeRule, annotations: Texts): Generator<readonly [name: string, key: string, value: string]> {
  for (const [name, native] of rule.parameters) {
    const value = parameterValue(native, annotations.get(native.key) ?? "");
    if (value !== undefined) yield [name, native.key, value];
  }
  const audience = read(rule.audienceKey, annotations);
  if (audience !== undefined) yield ["audience", rule.audienceKey ?? "", audience];
  const written = read(rule.lifetime.key, annotations);
  const seconds = written === undefined ? undefined : nativeSeconds(written, rule);
  if (seconds !== undefined) yield ["expiration-seconds", rule.lifetime.key ?? "", seconds];
}

/** The vendor's own values where the trigger federates and nothing says another. */
function* vendorsOwn(rule: NativeRule): Generator<readonly [name: string, key: string, value: string]> {
  const { defaultAudience, lifetime, trigger } = rule;
  if (defaultAudience !== undefined) yield ["audience", trigger.key, defaultAudience];
  if (lifetime.default !== undefined) yield ["expiration-seconds", trigger.key, String(lifetime.default)];
}

/** Adds to `claims` what vendors' annotations say and nothing before them does; `rules`: those that federate. */
export const addNativeClaims = (
  claims: Map<string, Claim>,
  provider: Provider,
  annotations: Texts,
  rules: readonly NativeRule[],
): void => {
  const add = ([name, key, value]: readonly [string, string, string]) => {
    if (!claims.has(name)) claims.set(name, { value, origin: "native", key });
  };
  for (const rule of heeded(provider, annotations)) for (const one of said(rule, annotations)) add(one);
  for (const rule of rules) for (const one of vendorsOwn(rule)) add(one);
};
