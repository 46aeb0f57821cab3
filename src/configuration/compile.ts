/** The whole configuration: from what was written to {@link Settings}, with everything that spans providers. */
import { presets } from "../providers/catalog.generated.ts";
import type { Preset, ProviderSpec } from "../providers/provider-spec.ts";
import { didYouMean } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";
import { checkAudienceCost } from "./audience-cost.ts";
import { compileDefaults } from "./compile-defaults.ts";
import { checkNative, fitNative, readsNative } from "./compile-native.ts";
import { type CompiledProvider, compileProvider } from "./compile-provider.ts";
import { clamp } from "./lifetime.ts";
import { allowedNames, type ConfigurationProblem, type Notice, showPath } from "./problem.ts";
import { samePresetNotices } from "./same-preset.ts";
import type { ConfigurationFile } from "./schema.ts";
import { KUBERNETES_LIFETIME } from "./schema-parts.ts";
import type { Policy, Provider, Settings } from "./settings.ts";

/** The prefix of the annotation keys where the configuration names none. */
const DEFAULT_ANNOTATION_PREFIX = "podpass.dev";

const EXEMPT_BY_DEFAULT = ["kube-system", "kube-node-lease"];

const presetsByName: ReadonlyMap<string, Preset> = new Map(presets.map((preset) => [preset.name, preset]));

/** The names of all presets, sorted. */
export const presetNames: readonly string[] = [...presetsByName.keys()];

/** The preset called `name`, if there is one. */
export const findPreset = (name: string): Preset | undefined => presetsByName.get(name);

const compilePolicy = (file: Partial<ConfigurationFile>, ownNamespace: string | undefined): Policy => {
  const written = file.policy;
  const lifetime = written?.tokens?.expirationSeconds;
  const audiences = written?.tokens?.audiences;
  const exempt = written?.exemptNamespaces ?? EXEMPT_BY_DEFAULT;
  return {
    enforcement: written?.enforcement ?? "Enforce",
    exemptNamespaces: ownNamespace === undefined ? exempt : [...exempt, ownNamespace],
    lifetime: lifetime && {
      min: lifetime.min ?? KUBERNETES_LIFETIME.min,
      max: lifetime.max ?? KUBERNETES_LIFETIME.max,
      violation: lifetime.violation ?? "Clamp",
    },
    audiences: audiences && { allow: audiences.allow ?? [], violation: audiences.violation ?? "Deny" },
    apiServerAudiences: written?.tokens?.apiServerAudiences,
    tokenRequests: written?.tokens?.requests ?? "Off",
    legacySecrets: written?.tokens?.legacySecrets ?? "Off",
    invalidServiceAccount: written?.invalidServiceAccount ?? "Deny",
    podOverrides: new Set(written?.podOverrides ?? []),
  };
};

const checkPolicy = (policy: Policy): readonly ConfigurationProblem[] =>
  policy.lifetime !== undefined && policy.lifetime.min > policy.lifetime.max
    ? [
        {
          path: ["policy", "tokens", "expirationSeconds"],
          message: `min ${policy.lifetime.min} is above max ${policy.lifetime.max}; allowed: min up to max`,
        },
      ]
    : [];

/** What is written in `policy.tokens` and does nothing. */
const policyNotices = ({ lifetime, audiences, apiServerAudiences, tokenRequests }: Policy): readonly Notice[] => {
  const notices: Notice[] = [];
  const notice = (field: string, why: string): void => {
    const path = ["policy", "tokens", field];
    notices.push({ path, text: `${showPath(path)} is without effect: ${why}` });
  };
  if (tokenRequests !== "Off" && lifetime === undefined && audiences === undefined)
    notice("requests", "there are neither policy.tokens.expirationSeconds nor policy.tokens.audiences");
  if (apiServerAudiences !== undefined && (tokenRequests === "Off" || audiences === undefined))
    notice("apiServerAudiences", "it is for policy.tokens.requests together with policy.tokens.audiences");
  return notices;
};

const checkConflicts = (
  providers: ReadonlyMap<string, Provider>,
  writtenNames: readonly string[],
): readonly ConfigurationProblem[] => {
  const known = new Set([...presetNames, ...providers.keys(), ...writtenNames]);
  return [...providers.values()].flatMap((provider) =>
    [...provider.conflictsWith]
      .filter((other) => !known.has(other))
      .map((other) => ({
        path: ["providers", provider.name, "conflictsWith"],
        message: `there is no provider or preset ${quote(other)};${didYouMean(other, known)} allowed: ${allowedNames(known)}`,
      })),
  );
};

/** Brings a provider's default lifetime inside the platform's bounds, which have the last word. */
const fitDefault = (provider: Provider, policy: Policy): { provider: Provider; notices: readonly Notice[] } => {
  const bounds = policy.lifetime;
  const native = fitNative(provider, bounds);
  if (bounds === undefined) return { provider: { ...provider, native }, notices: [] };
  const { lifetime, name } = provider;
  const fitted = clamp(lifetime.default, bounds);
  const notices: Notice[] = [];
  const notice = (text: string): void => {
    notices.push({ path: ["providers", name], text: `providers.${name}: ${text}` });
  };
  if (fitted !== lifetime.default)
    notice(
      `the default lifetime of ${lifetime.default} s is outside policy.tokens.expirationSeconds (${bounds.min} to ${bounds.max}) and becomes ${fitted} s`,
    );
  if (fitted < lifetime.min || fitted > lifetime.max)
    notice(
      `no lifetime is both inside the policy (${bounds.min} to ${bounds.max}) and the provider's own bounds (${lifetime.min} to ${lifetime.max}); the policy wins, and the provider may refuse its tokens`,
    );
  return { provider: { ...provider, native, lifetime: { ...lifetime, default: fitted } }, notices };
};

/** What a configuration amounts to: settings, or all that is wrong with it. */
export type Compiled =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] };

const written = (
  file: Partial<ConfigurationFile>,
): readonly (readonly [string, ProviderSpec & { preset?: string }])[] =>
  file.providers === undefined
    ? presets.map((preset) => [preset.name, { preset: preset.name }] as const)
    : Object.entries(file.providers).map(
        ([name, entry]) => [name, entry as ProviderSpec & { preset?: string }] as const,
      );

/** What was written of a configuration beside what is compiled, where that is not all of it. */
export interface Remainder {
  /** Of all providers. */
  readonly names: readonly string[];
  /** By provider, the fields of which a part is left out; what follows from a lack of it is no problem. */
  readonly lost: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Compiles a configuration of which every part has the schema's shape. `ownNamespace` is Podpass' own, always exempt.
 */
export const compileConfiguration = (
  file: Partial<ConfigurationFile>,
  ownNamespace?: string,
  remainder: Remainder = { names: [], lost: new Map() },
): Compiled => {
  const annotationPrefix = file.annotationPrefix ?? DEFAULT_ANNOTATION_PREFIX;
  const isNative = readsNative(file.nativeAnnotations);
  const compiled: readonly CompiledProvider[] = written(file).map(([name, entry]) =>
    compileProvider(name, entry, {
      preset: entry.preset === undefined ? undefined : findPreset(entry.preset),
      annotationPrefix,
      readsNative: isNative(name),
      lostFields: remainder.lost.get(name) ?? new Set(),
    }),
  );
  const policy = compilePolicy(file, ownNamespace);
  const fitted = compiled.map(({ provider }) => fitDefault(provider, policy));
  const alone = new Map(fitted.map(({ provider }) => [provider.name, provider]));
  const defaults = compileDefaults(file.defaults, alone);
  const { providers } = defaults;
  const able = compiled.filter(({ hasNative }) => hasNative).map(({ provider }) => provider.name);
  const problems = [
    ...compiled.flatMap((result) => result.problems),
    ...checkNative(file.nativeAnnotations, providers, able),
    ...defaults.problems,
    ...checkConflicts(providers, remainder.names),
    ...checkPolicy(policy),
    ...checkAudienceCost({ policy, providers }),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const notices = [...compiled, ...fitted, defaults].flatMap((result) => result.notices);
  notices.push(...samePresetNotices(providers.values()), ...policyNotices(policy));
  const hasImplied = [...providers.values()].some(({ native, defaults: own }) => native.length + own.length > 0);
  return { ok: true, settings: { annotationPrefix, providers, policy, hasImplied, notices } };
};
