/**
 * What federates a ServiceAccount beside our own annotation, in CEL: vendors' annotations, and defaults of namespaces. The
 * rules of `src/federation/claims.ts`.
 */
import type { NativeRule, NativeValue } from "../configuration/native.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import type { NativePlace } from "../providers/native-spec.ts";
import { all, annotation, any, isBlank, matchesOneOf, text, texts } from "./cel.ts";
import type { NamedExpression } from "./objects.ts";

/** Whose annotations are read. */
export interface Asked {
  /** The ServiceAccount, as an expression. */
  readonly account: string;
  /** Is `object` its pod? Without one every pod is meant that there may be. */
  readonly hasPod: boolean;
}

const isImplied = ({ native, defaults }: Provider): boolean => native.length + defaults.length > 0;

/** The providers that something else than our own annotation may federate, each with its number. */
const impliedOf = ({ providers, others }: Settings): readonly (readonly [Provider, number])[] =>
  [...providers.values(), ...(others ?? [])]
    .map((provider, index) => [provider, index] as const)
    .filter(([provider]) => isImplied(provider));

const isThere = (object: string, on: NativePlace, key: string, value: string | undefined): string => {
  const member = on === "podLabel" ? "labels" : "annotations";
  return value === undefined
    ? `${text(key)} in ${object}.metadata.?${member}.orValue({})`
    : `${object}.metadata.?${member}[?${text(key)}] == optional.of(${text(value)})`;
};

/** Does the ServiceAccount ask for the provider by the rule? */
const isTriggered = ({ trigger, optOut }: NativeRule, account: string): string =>
  all([
    trigger.value === undefined
      ? `!${isBlank(annotation(account, trigger.key))}`
      : isThere(account, "serviceAccountAnnotation", trigger.key, trigger.value),
    ...optOut
      .filter(({ on }) => on === "serviceAccountAnnotation")
      .map(({ on, key, value }) => `!(${isThere(account, on, key, value)})`),
  ]);

/** Does the pod say nothing against it? */
const podAgrees = ({ podLabel, optOut }: NativeRule): readonly string[] => [
  ...(podLabel === undefined ? [] : [isThere("object", "podLabel", podLabel.key, podLabel.value)]),
  ...optOut
    .filter(({ on }) => on !== "serviceAccountAnnotation")
    .map(({ on, key, value }) => `!(${isThere("object", on, key, value)})`),
];

const isNative = ({ native, allowedNamespaces: allowed }: Provider, { account, hasPod }: Asked): string => {
  const isAsked = any(native.map((rule) => all([isTriggered(rule, account), ...(hasPod ? podAgrees(rule) : [])])));
  return allowed === undefined || native.length === 0
    ? isAsked
    : all([matchesOneOf("request.namespace", allowed), isAsked]);
};

/** For each default in its order `of` it, where it is the one that holds; else `otherwise`. */
const ofDefault = (
  { defaults, allowedNamespaces }: Provider,
  of: (index: number) => string,
  otherwise: string,
): string => {
  const chosen = defaults.reduceRight(
    (rest, { namespaces }, index) => `(${matchesOneOf("request.namespace", namespaces)} ? ${of(index)} : ${rest})`,
    otherwise,
  );
  if (defaults.length === 0 || allowedNamespaces === undefined) return chosen;
  return `(${matchesOneOf("request.namespace", allowedNamespaces)} ? ${chosen} : ${otherwise})`;
};

const isByDefault = (provider: Provider): string =>
  ofDefault(provider, (index) => String(provider.defaults[index]?.federates ?? false), "false");

const accepts = (account: string, domain: string): string => `${annotation(account, `${domain}/inject`)} != 'false'`;

/** Is one of `providers` federated by anything but our own annotation? */
const isImpliedBy = (providers: readonly Provider[], settings: Settings, asked: Asked): string => {
  const { annotationPrefix: prefix } = settings;
  const conditions = providers
    .filter(isImplied)
    .map((provider) =>
      all([
        accepts(asked.account, `${provider.name}.${prefix}`),
        any([isNative(provider, asked), isByDefault(provider)].filter((one) => one !== "false")),
      ]),
    );
  return conditions.length === 0 ? "false" : all([accepts(asked.account, prefix), any(conditions)]);
};

/** Is the ServiceAccount federated by anything but our own annotation? Of two configurations, by both. */
export const isFederatedByOthers = (settings: Settings, asked: Asked): string => {
  const groups = settings.alternatives ?? [[...settings.providers.values()]];
  const conditions = groups.map((providers) => isImpliedBy(providers, settings, asked));
  return conditions.includes("false") ? "false" : all(conditions);
};

/** The same of any pod that there may be; of two configurations, by either. */
export const mayBeFederatedByOthers = (settings: Settings, account: string): string =>
  isImpliedBy([...settings.providers.values(), ...(settings.others ?? [])], settings, { account, hasPod: false });

/** The variable for what the ServiceAccount says of `name`; undefined where only our own annotation can say it. */
export const claimVariable = (settings: Settings, provider: Provider, name: string): string | undefined => {
  if (!settings.hasImplied) return undefined;
  const found = impliedOf(settings).find(([one]) => one === provider);
  return found !== undefined && claimedNames(provider).includes(name) ? `claim${found[1]}_${cased(name)}` : undefined;
};

const cased = (name: string): string => name.replaceAll("-", "_");

/** What something else than our own annotation may say of the provider. */
const claimedNames = ({ native, defaults }: Provider): readonly string[] => [
  ...new Set([
    ...native.flatMap(({ parameters, audienceKey, defaultAudience, lifetime }) => [
      ...parameters.keys(),
      ...(audienceKey === undefined && defaultAudience === undefined ? [] : ["audience"]),
      ...(lifetime.key === undefined && lifetime.default === undefined ? [] : ["expiration-seconds"]),
    ]),
    ...defaults.flatMap(({ parameters }) => [...parameters.keys()]),
  ]),
];

/** The first of `values` that is not blank. */
const firstSet = (values: readonly string[]): string =>
  values.reduceRight((rest, value) => `(${isBlank(value)} ? ${rest} : ${value})`, "''");

/** The vendor's number as it counts: raised to its least, and nothing where it is none and is passed over. */
const secondsOf = (written: string, { lifetime }: NativeRule): string => {
  const raised = `(${written}.size() <= 10 && int(${written}) < ${lifetime.min} ? '${lifetime.min}' : ${written})`;
  const otherwise = lifetime.unreadable === "ignored" ? "''" : written;
  return `(${written}.matches('^[0-9]+$') ? ${raised} : ${otherwise})`;
};

/** What a vendor's annotation says of a parameter. */
const parameterOf = ({ key, behind, prefix }: NativeValue): string => {
  const written = annotation("params", key);
  const rest =
    behind === ""
      ? written
      : `(${written}.startsWith(${text(behind)}) ? ${written}.substring(${[...behind].length}) : '')`;
  return prefix === "" ? rest : `(${isBlank(rest)} ? '' : ${text(prefix)} + ${rest})`;
};

/** What a vendor's annotation says of `name`; undefined where none does. */
const nativeValue = (rule: NativeRule, name: string): string | undefined => {
  const parameter = rule.parameters.get(name);
  if (parameter !== undefined) return parameterOf(parameter);
  if (name === "audience" && rule.audienceKey !== undefined) return annotation("params", rule.audienceKey);
  if (name !== "expiration-seconds" || rule.lifetime.key === undefined) return undefined;
  return secondsOf(annotation("params", rule.lifetime.key), rule);
};

/** Do the values of the rule count: is it triggered, or none of the provider? */
const isHeeded = (rule: NativeRule, { native }: Provider): string =>
  any([isTriggered(rule, "params"), `!(${any(native.map((one) => isTriggered(one, "params")))})`]);

const nativeValues = (provider: Provider, name: string): readonly string[] =>
  provider.native.flatMap((rule) => {
    const value = nativeValue(rule, name);
    if (value === undefined || provider.native.length === 1) return value ?? [];
    return `(${isHeeded(rule, provider)} ? ${value} : '')`;
  });

/** The vendor's own value, where the provider is federated by the vendor's annotation. */
const vendorsOwn = ({ native }: Provider, index: number, name: string): readonly string[] =>
  native.flatMap((rule) => {
    const value = name === "audience" ? rule.defaultAudience : rule.lifetime.default;
    if (value === undefined || (name !== "audience" && name !== "expiration-seconds")) return [];
    return [`(variables.native${index} && ${isTriggered(rule, "params")} ? ${text(String(value))} : '')`];
  });

const ofNamespace = (provider: Provider, index: number, name: string): readonly string[] => {
  const values = provider.defaults.map(({ parameters }) => parameters.get(name) ?? "");
  return values.every((value) => value === "")
    ? []
    : [`(variables.default${index} < 0 ? '' : ${texts(values)}[variables.default${index}])`];
};

const ofProvider = (
  settings: Settings,
  provider: Provider,
  index: number,
  hasPod: boolean,
): readonly NamedExpression[] => {
  const { annotationPrefix: prefix } = settings;
  const domain = `${provider.name}.${prefix}`;
  const named = `${text(provider.name)} in variables.federate`;
  const mayBe = [`!(${named})`, accepts("params", prefix), accepts("params", domain)];
  const claim = (name: string): NamedExpression => {
    const own = provider.parameters.get(name)?.settable === false ? [] : [annotation("params", `${domain}/${name}`)];
    return {
      name: `claim${index}_${cased(name)}`,
      expression: firstSet([
        ...own,
        ...nativeValues(provider, name),
        ...vendorsOwn(provider, index, name),
        ...ofNamespace(provider, index, name),
      ]),
    };
  };
  return [
    { name: `default${index}`, expression: ofDefault(provider, String, "-1") },
    { name: `native${index}`, expression: all([...mayBe, isNative(provider, { account: "params", hasPod })]) },
    {
      name: `bare${index}`,
      expression: all([...mayBe, `!variables.native${index}`, isByDefault(provider)]),
    },
    ...claimedNames(provider).map(claim),
  ];
};

/**
 * What the ServiceAccount `params` comes to, as variables; `named`: the providers that our own annotation names. Empty
 * where nothing else federates.
 */
export const claimVariables = (settings: Settings, named: string, hasPod: boolean): readonly NamedExpression[] =>
  settings.hasImplied
    ? [
        { name: "federate", expression: named },
        ...impliedOf(settings).flatMap(([provider, index]) => ofProvider(settings, provider, index, hasPod)),
      ]
    : [];

/** The list of all providers of `params` in order, over {@link claimVariables}: those that are named, and the others. */
export const withImplied = (settings: Settings, named: string): string => {
  if (!settings.hasImplied) return named;
  const implied = impliedOf(settings);
  const listOf = (variable: string) =>
    implied.map(([provider, index]) => `(variables.${variable}${index} ? [${text(provider.name)}] : [])`);
  return ["variables.federate", ...listOf("native"), ...listOf("bare")].join(" + ");
};

/**
 * How many providers `params` has, over {@link claimVariables}, of which `names` is the list. Of two configurations, by each
 * of them: what both imply is there twice in the list, and what only one of them implies, the other does not count.
 */
export const providerCounts = (settings: Settings, names: string): readonly string[] => {
  const { alternatives, hasImplied } = settings;
  if (alternatives === undefined || !hasImplied) return [`${names}.size()`];
  const implied = impliedOf(settings);
  return alternatives.map((providers) =>
    [
      "variables.federate.size()",
      ...implied
        .filter(([provider]) => providers.includes(provider))
        .map(([, index]) => `(variables.native${index} || variables.bare${index} ? 1 : 0)`),
    ].join(" + "),
  );
};

/** The audiences that vendors' webhooks ask for where nothing says another. */
export const nativeAudiences = ({ native }: Provider): readonly string[] =>
  native.flatMap(({ defaultAudience }) => defaultAudience ?? []);

/** The keys of pods that ask for anything but the plain case. */
export const nativePodKeys = ({ providers }: Settings): readonly string[] => {
  const keys = [...providers.values()].flatMap(({ native }) =>
    native.flatMap(({ skipContainers, onlyContainers, lifetime }) => [skipContainers, onlyContainers, lifetime.podKey]),
  );
  return [...new Set(keys.filter((key) => key !== undefined))];
};
