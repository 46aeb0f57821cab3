/** A ServiceAccount's annotations, resolved with a configuration: which identities its pods get, and what is wrong. */
import { isPlainValue } from "../configuration/compile-provider.ts";
import { matchesAny } from "../configuration/patterns.ts";
import type { FileTemplate, Parameter, Provider, Settings } from "../configuration/settings.ts";
import { type Lookup, renderTemplate } from "../providers/template.ts";
import type { Problem, Warning } from "../reasons/reasons.ts";
import { list, quote } from "../reasons/text.ts";
import { readKey, readList, readSeconds } from "./annotation-keys.ts";
import { type ContainerFilter, readFilter } from "./container-filter.ts";
import type { ServiceAccount } from "./service-account.ts";

/** One provider's identity of one ServiceAccount: every parameter known, only paths open. */
export interface Identity {
  readonly provider: Provider;
  readonly audience: string;
  /** The `audience` annotation gave it; it is judged like a hand-written one. */
  readonly audienceIsAnnotated: boolean;
  /** What the ServiceAccount asks for, in seconds; undefined where it leaves it to the provider. */
  readonly requestedSeconds: number | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  /** The provider's files that this ServiceAccount's parameters call for. */
  readonly files: readonly FileTemplate[];
  /** Does a variable or a file tell the application where the token is? */
  readonly hasPathVariable: boolean;
  readonly filter: ContainerFilter;
}

/** What a ServiceAccount's annotations amount to. */
export interface Federation {
  /** Does it carry the federation annotation, with at least one name in it? */
  readonly isFederated: boolean;
  /** What the federation annotation names, also what cannot be resolved. */
  readonly providers: readonly string[];
  /** In the order of the federation annotation; those that could be resolved. */
  readonly identities: readonly Identity[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
  readonly filter: ContainerFilter;
}

/** A ServiceAccount's keys under the prefix, by provider; `undefined` for those of all providers. */
type OwnAnnotations = ReadonlyMap<string | undefined, ReadonlyMap<string, string>>;

const ownAnnotations = (annotations: ReadonlyMap<string, string>, prefix: string): OwnAnnotations => {
  const own = new Map<string | undefined, Map<string, string>>();
  for (const [key, value] of annotations) {
    const read = readKey(key, prefix);
    if (read === undefined) continue;
    const group = own.get(read.provider);
    if (group === undefined) own.set(read.provider, new Map([[read.name, value]]));
    else group.set(read.name, value);
  }
  return own;
};

const GLOBAL_KEYS: ReadonlySet<string> = new Set(["federate", "skip-containers", "only-containers"]);
const PROVIDER_KEYS: ReadonlySet<string> = new Set([
  "skip-containers",
  "only-containers",
  "expiration-seconds",
  "audience",
]);

const unused = (key: string, why: string): Warning => ({
  reason: "unused-key",
  text: `ServiceAccount annotation ${quote(key, 50)} is ignored: ${why}`,
});

/** Why nothing reads the key `name` of provider `providerName`; undefined where something does. */
const unusedBecause = (
  providerName: string,
  name: string,
  settings: Settings,
  federate: readonly string[],
): string | undefined => {
  const provider = settings.providers.get(providerName);
  if (provider === undefined) return "no such provider";
  if (!federate.includes(providerName)) return `${quote(providerName, 20)} is not federated`;
  if (PROVIDER_KEYS.has(name)) return undefined;
  const parameter = provider.parameters.get(name);
  if (parameter === undefined) return "nothing reads it";
  return parameter.settable ? undefined : "the platform sets it";
};

const unusedKeys = (own: OwnAnnotations, settings: Settings, federate: readonly string[]): readonly Warning[] => {
  const prefix = settings.annotationPrefix;
  return [...own].flatMap(([providerName, keys]) =>
    [...keys.keys()].flatMap((name) => {
      if (providerName === undefined)
        return GLOBAL_KEYS.has(name) ? [] : [unused(`${prefix}/${name}`, "nothing reads it")];
      const why = unusedBecause(providerName, name, settings, federate);
      return why === undefined ? [] : [unused(`${providerName}.${prefix}/${name}`, why)];
    }),
  );
};

const missing = (parameter: Parameter, key: string): Problem => {
  const what = parameter.description === "" ? "" : ` (${parameter.description})`;
  return {
    reason: "missing-parameter",
    text: parameter.settable
      ? `annotation ${quote(key, 100)} is missing${what}`
      : `${quote(key, 100)} is set by the platform only, and the configuration has no value for it`,
  };
};

const parameterValue = (
  parameter: Parameter,
  annotations: ReadonlyMap<string, string>,
  key: string,
  problems: Problem[],
): string | undefined => {
  const written = parameter.settable ? annotations.get(parameter.name) : undefined;
  const isEmpty = written === "" && parameter.required && parameter.pattern === undefined;
  const annotated = isEmpty ? undefined : written;
  if (annotated === undefined) {
    if (parameter.platformValue === undefined && parameter.required) problems.push(missing(parameter, key));
    return parameter.platformValue;
  }
  const { pattern, patternText } = parameter;
  const isPlain = isPlainValue(annotated);
  if (isPlain && (pattern === undefined || pattern.test(annotated))) return annotated;
  const allowed =
    isPlain && patternText !== undefined ? patternText : "at most 1024 characters and no control characters";
  problems.push({
    reason: "bad-parameter",
    text: `annotation ${quote(key, 100)} is ${quote(annotated, 100)}; allowed: ${allowed}`,
  });
  return undefined;
};

const readAudience = (
  provider: Provider,
  annotated: string | undefined,
  lookup: Lookup,
  key: string,
  problems: Problem[],
): string | undefined => {
  if (annotated !== undefined) {
    if (annotated !== "" && isPlainValue(annotated)) return annotated;
    problems.push({
      reason: "bad-audience",
      text: `annotation ${quote(key, 100)} is ${quote(annotated, 60)}; allowed: 1 to 1024 characters, no control characters`,
    });
    return undefined;
  }
  return renderTemplate(provider.audience, lookup);
};

/** Parameters as a template's lookup; only `${parameter.…}` has values here. */
export const parameterLookup =
  (parameters: ReadonlyMap<string, string>): Lookup =>
  (reference) =>
    reference.kind === "parameter" ? parameters.get(reference.name) : undefined;

const resolveIdentity = (
  provider: Provider,
  annotations: ReadonlyMap<string, string>,
  namespace: string,
  prefix: string,
): { readonly identity?: Identity; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = [];
  const key = (name: string) => `${provider.name}.${prefix}/${name}`;
  if (provider.allowedNamespaces !== undefined && !matchesAny(provider.allowedNamespaces, namespace))
    problems.push({
      reason: "namespace-not-allowed",
      text: `provider ${quote(provider.name)} is not for namespace ${quote(namespace, 63)}; allowed: ${list(provider.allowedNamespaces, 20)}`,
    });

  const parameters = new Map<string, string>();
  for (const parameter of provider.parameters.values()) {
    const value = parameterValue(parameter, annotations, key(parameter.name), problems);
    if (value !== undefined) parameters.set(parameter.name, value);
  }

  const requested = annotations.get("expiration-seconds");
  const requestedSeconds = requested === undefined ? undefined : readSeconds(requested);
  if (requested !== undefined && requestedSeconds === undefined)
    problems.push({
      reason: "bad-number",
      text: `annotation ${quote(key("expiration-seconds"), 100)} is ${quote(requested)}; allowed: decimal digits only`,
    });

  const annotated = annotations.get("audience");
  const audience = readAudience(provider, annotated, parameterLookup(parameters), key("audience"), problems);
  if (audience === undefined && problems.length === 0)
    problems.push({
      reason: "missing-parameter",
      text: `the audience of provider ${quote(provider.name)} needs a parameter that is not set`,
    });
  if (problems.length > 0 || audience === undefined) return { problems };

  const files = provider.files.filter((file) =>
    [...file.when].every(([parameter, value]) => parameters.get(parameter) === value),
  );
  const identity: Identity = {
    provider,
    audience,
    audienceIsAnnotated: annotated !== undefined,
    requestedSeconds,
    parameters,
    files,
    hasPathVariable: provider.env.some((env) => env.holdsPath) || files.some((file) => file.namesToken),
    filter: readFilter(annotations.get("only-containers"), annotations.get("skip-containers")),
  };
  return { identity, problems };
};

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** Resolves `account` with `settings`. Pure; the answer changes only with one of them. */
export const resolveFederation = (account: ServiceAccount, settings: Settings): Federation => {
  const prefix = settings.annotationPrefix;
  const own = ownAnnotations(account.annotations, prefix);
  const global = own.get(undefined) ?? NO_ANNOTATIONS;
  const federate = readList(global.get("federate") ?? "");
  const identities: Identity[] = [];
  const problems: Problem[] = [];
  for (const name of federate) {
    const provider = settings.providers.get(name);
    if (provider === undefined) {
      problems.push({
        reason: "unknown-provider",
        text: `annotation ${quote(`${prefix}/federate`, 100)} names ${quote(name)}; allowed: ${list([...settings.providers.keys()], 20)}`,
      });
      continue;
    }
    const resolved = resolveIdentity(provider, own.get(name) ?? NO_ANNOTATIONS, account.namespace, prefix);
    problems.push(...resolved.problems);
    if (resolved.identity !== undefined) identities.push(resolved.identity);
  }
  return {
    isFederated: federate.length > 0,
    providers: federate,
    identities,
    problems,
    warnings: unusedKeys(own, settings, federate),
    filter: readFilter(global.get("only-containers"), global.get("skip-containers")),
  };
};
