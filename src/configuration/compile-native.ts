/** The keys of vendors' webhooks for one provider: merged data in, compiled rules out. */
import type { NativeParameter, NativeSpec } from "../providers/native-spec.ts";
import type { ProviderSpec } from "../providers/provider-spec.ts";
import { quote } from "../reasons/text.ts";
import { clamp } from "./lifetime.ts";
import type { MergedProvider } from "./merge.ts";
import type { NativeRule, NativeValue } from "./native.ts";
import { type ConfigurationProblem, noParameter, type Path } from "./problem.ts";
import type { Findings } from "./provider-findings.ts";
import { KUBERNETES_LIFETIME } from "./schema-parts.ts";
import type { Bounds, Parameter, Provider } from "./settings.ts";

/** What the keys of a provider are compiled with. */
interface NativeContext {
  /** The configuration's own part. */
  readonly written: ProviderSpec;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Gets what is wrong. */
  readonly findings: Findings;
}

/** What stands in front; undefined where the platform has no value that it could be made of. */
const prefixOf = (
  prefix: NativeParameter["prefix"],
  parameters: ReadonlyMap<string, Parameter>,
): string | undefined => {
  if (prefix === undefined) return "";
  const value = parameters.get(prefix.parameter)?.platformValue;
  const end = value?.indexOf(prefix.upTo) ?? -1;
  return value === undefined || end < 0 ? undefined : value.slice(0, end) + prefix.followedBy;
};

const compileValue = (spec: NativeParameter, { parameters }: NativeContext): NativeValue | undefined => {
  const prefix = prefixOf(spec.prefix, parameters);
  return prefix === undefined ? undefined : { key: spec.key, behind: spec.behind ?? "", prefix };
};

const checkParameters = (path: Path, names: readonly string[], { parameters, findings }: NativeContext): void => {
  for (const name of new Set(names))
    if (!parameters.has(name)) findings.lack(path, noParameter(name, parameters), "parameters");
};

/** The rules' parameters that a ServiceAccount may set, and the keys of the others. */
const compileParameters = (
  spec: NativeSpec,
  index: number,
  context: NativeContext,
): Pick<NativeRule, "parameters" | "kept"> => {
  const { parameters } = context;
  const values = new Map<string, NativeValue>();
  const kept: string[] = [];
  for (const [name, written] of Object.entries(spec.parameters ?? {})) {
    const own = typeof written === "string" ? { key: written } : written;
    checkParameters(["native", index, "parameters", name], [name, own.prefix?.parameter ?? name], context);
    const value = compileValue(own, context);
    if (parameters.get(name)?.settable !== true) kept.push(own.key);
    else if (value !== undefined) values.set(name, value);
  }
  return { parameters: values, kept };
};

const compileRule = (spec: NativeSpec, index: number, context: NativeContext): NativeRule => {
  const { written } = context;
  const lifetime = spec.expirationSeconds;
  return {
    trigger: spec.trigger,
    podLabel: spec.podLabel,
    optOut: spec.optOut ?? [],
    ...compileParameters(spec, index, context),
    audienceKey: spec.audience?.key,
    // What the platform writes, it means.
    defaultAudience: written.token?.audience === undefined ? spec.audience?.default : undefined,
    lifetime: {
      key: lifetime?.key,
      podKey: lifetime?.podKey,
      default: written.token?.expirationSeconds?.default === undefined ? lifetime?.default : undefined,
      min: lifetime?.min ?? KUBERNETES_LIFETIME.min,
      unreadable: lifetime?.unreadable ?? "refused",
    },
    skipContainers: spec.skipContainers,
    onlyContainers: spec.onlyContainers,
    unsupported: spec.unsupported ?? [],
    writes: spec.writes ?? [],
  };
};

/** Compiles the keys of `merged`. */
export const compileNative = (merged: MergedProvider, context: NativeContext): readonly NativeRule[] =>
  merged.native.map((spec, index) => compileRule(spec, index, context));

/** Brings the vendors' own lifetimes inside the provider's bounds and those of the platform, which has the last word. */
export const fitNative = (provider: Provider, bounds: Bounds | undefined): readonly NativeRule[] =>
  provider.native.map((rule) => {
    const { default: seconds } = rule.lifetime;
    if (seconds === undefined) return rule;
    const inside = clamp(seconds, provider.lifetime);
    return { ...rule, lifetime: { ...rule.lifetime, default: bounds === undefined ? inside : clamp(inside, bounds) } };
  });

/** Which providers read vendors' keys. */
export type ReadsNative = (name: string) => boolean;

/** See {@link ReadsNative}. */
export const readsNative = (written: boolean | readonly string[] | undefined): ReadsNative =>
  typeof written === "object" ? (name) => written.includes(name) : () => written === true;

/** What is wrong with triggers that two providers have: a sentence for each two. */
const sharedTriggers = (providers: readonly Provider[]): readonly string[] => {
  const owners = new Map<string, string>();
  return providers.flatMap((provider) => {
    const shared = new Map<string, string[]>();
    for (const { trigger } of provider.native) {
      const id = JSON.stringify([trigger.key, trigger.value]);
      const owner = owners.get(id) ?? provider.name;
      owners.set(id, owner);
      if (owner !== provider.name) shared.set(owner, [...(shared.get(owner) ?? []), trigger.key]);
    }
    return [...shared].map(
      ([owner, keys]) =>
        `providers ${quote(owner)} and ${quote(provider.name)} both read ${keys.join(" and ")}; allowed: a list with one of them`,
    );
  });
};

/**
 * What `nativeAnnotations` names that has no keys, and triggers that two providers have. `able` are the providers that have
 * keys, whether they read them or not.
 */
export const checkNative = (
  written: boolean | readonly string[] | undefined,
  providers: ReadonlyMap<string, Provider>,
  able: readonly string[],
): readonly ConfigurationProblem[] => {
  const path = ["nativeAnnotations"];
  const allowed =
    able.length > 0
      ? `allowed: ${able.join(", ")}`
      : "none of the providers here has any: add one, or leave nativeAnnotations out";
  const named = typeof written === "object" ? written : [];
  const problems = named.flatMap((name, index) => {
    const provider = providers.get(name);
    if (provider === undefined)
      return [
        {
          path: [...path, index],
          message: `there is no provider ${quote(name)} with vendors' annotations; ${allowed}`,
        },
      ];
    if (provider.native.length > 0) return [];
    const message = `provider ${quote(name)} has no vendor's annotations (\`native\`); ${allowed}`;
    return [{ path: [...path, index], message }];
  });
  return [...problems, ...sharedTriggers([...providers.values()]).map((message) => ({ path, message }))];
};
