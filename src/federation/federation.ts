/** A ServiceAccount's annotations, resolved with a configuration: which identities its pods get, and what is wrong. */
import type { Settings } from "../configuration/settings.ts";
import { annotationField, type Problem, type Warning } from "../reasons/reasons.ts";
import { list, quote } from "../reasons/text.ts";
import { readKey, readList } from "./annotation-keys.ts";
import { type ContainerFilter, readFilter } from "./container-filter.ts";
import { type Identity, resolveIdentity } from "./identity.ts";
import type { ServiceAccount } from "./service-account.ts";

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
  field: annotationField(key),
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

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** Resolves `account` with `settings`. Pure; the answer changes only with one of them. */
export const resolveFederation = (account: ServiceAccount, settings: Settings): Federation => {
  const prefix = settings.annotationPrefix;
  const federateKey = `${prefix}/federate`;
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
        text: `annotation ${quote(federateKey, 100)} names ${quote(name)}; allowed: ${list([...settings.providers.keys()], 20)}`,
        field: annotationField(federateKey),
      });
      continue;
    }
    const annotations = own.get(name) ?? NO_ANNOTATIONS;
    const resolved = resolveIdentity({ provider, annotations, namespace: account.namespace, prefix });
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
