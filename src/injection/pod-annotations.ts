/** A pod's own annotations under the prefix: what they ask for, and what about them is to be warned of. */
import type { Settings } from "../configuration/settings.ts";
import { readKey, readSeconds } from "../federation/annotation-keys.ts";
import { type ContainerFilter, NO_FILTER, readFilter } from "../federation/container-filter.ts";
import type { Pod } from "../pod/pod.ts";
import type { Breach } from "../pod/size.ts";
import { POD_LIMITS } from "../reasons/limits.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";

/** What a pod's annotations ask for. */
export interface PodAnnotations {
  /** Does the pod have none under the prefix? */
  readonly isEmpty: boolean;
  readonly isOptedOut: boolean;
  readonly filter: ContainerFilter;
  /** Filter and lifetime (seconds) for a provider. */
  forProvider(provider: string): { readonly filter: ContainerFilter; readonly requestedSeconds: number | undefined };
  readonly warnings: readonly Warning[];
  /** A bound that they do not keep; then they ask for nothing. */
  readonly breach: Breach | undefined;
}

const NOTHING: PodAnnotations = {
  isEmpty: true,
  isOptedOut: false,
  filter: NO_FILTER,
  forProvider: () => ({ filter: NO_FILTER, requestedSeconds: undefined }),
  warnings: [],
  breach: undefined,
};

const ignored = (reason: Warning["reason"], key: string, why: string): Warning => ({
  reason,
  text: `pod annotation ${quote(key, 50)} is ignored: ${why}`,
  field: annotationField(key),
});

const FILTERS: ReadonlySet<string> = new Set(["skip-containers", "only-containers"]);
const SERVICE_ACCOUNT_ONLY = "it is read on ServiceAccounts only";

const globalWarning = (name: string, key: string, value: string): Warning | undefined => {
  if (name === "inject")
    return value === "false" ? undefined : ignored("bad-value", key, `${quote(value, 15)}; allowed: "false"`);
  if (name === "injected" || FILTERS.has(name)) return undefined;
  if (name === "federate") return ignored("key-not-for-pods", key, SERVICE_ACCOUNT_ONLY);
  return ignored("unused-key", key, "nothing reads it");
};

interface Context {
  readonly settings: Settings;
  /** The providers that the pod's ServiceAccount names. */
  readonly federated: readonly string[];
}

const providerWarning = (
  providerName: string,
  name: string,
  key: string,
  value: string,
  { settings, federated }: Context,
): Warning | undefined => {
  const provider = settings.providers.get(providerName);
  if (provider === undefined) return ignored("unused-key", key, "no such provider");
  if (!federated.includes(providerName)) return ignored("unused-key", key, "the ServiceAccount does not federate it");
  if (FILTERS.has(name) || provider.files.some((file) => file.name === name)) return undefined;
  if (name === "expiration-seconds") {
    if (!settings.policy.podOverrides.has("expiration-seconds"))
      return ignored("key-not-for-pods", key, SERVICE_ACCOUNT_ONLY);
    return readSeconds(value) === undefined
      ? ignored("bad-value", key, `${quote(value, 15)}; allowed: digits`)
      : undefined;
  }
  if (name === "audience" || provider.parameters.has(name))
    return ignored("key-not-for-pods", key, SERVICE_ACCOUNT_ONLY);
  return ignored("unused-key", key, "nothing reads it");
};

type Filters = ReadonlyMap<string, ContainerFilter>;

/** The filters in `own`, by what stands before the slash of their keys; undefined where a list is too long. */
const readFilters = (
  own: ReadonlyMap<string, string>,
  { annotationPrefix, providers }: Settings,
): Filters | undefined => {
  const filters = new Map<string, ContainerFilter>();
  const domains = [annotationPrefix, ...[...providers.keys()].map((name) => `${name}.${annotationPrefix}`)];
  for (const domain of domains) {
    const { filter, exceeded } = readFilter(own.get(`${domain}/only-containers`), own.get(`${domain}/skip-containers`));
    if (exceeded !== undefined) return undefined;
    filters.set(domain, filter);
  }
  return filters;
};

interface Own {
  readonly settings: Settings;
  readonly filters: Filters;
  readonly warnings: readonly Warning[];
}

/** What the annotations `own` ask for. */
const asked = (own: ReadonlyMap<string, string>, { settings, filters, warnings }: Own): PodAnnotations => {
  const prefix = settings.annotationPrefix;
  const mayOverride = settings.policy.podOverrides.has("expiration-seconds");
  return {
    isEmpty: false,
    isOptedOut: own.get(`${prefix}/inject`) === "false",
    filter: filters.get(prefix) ?? NO_FILTER,
    forProvider: (provider) => {
      const seconds = mayOverride ? own.get(`${provider}.${prefix}/expiration-seconds`) : undefined;
      return {
        filter: filters.get(`${provider}.${prefix}`) ?? NO_FILTER,
        requestedSeconds: seconds === undefined ? undefined : readSeconds(seconds),
      };
    },
    warnings,
    breach: undefined,
  };
};

const brokenBy = (limit: Breach["limit"]): PodAnnotations => ({
  ...NOTHING,
  isEmpty: false,
  breach: { limit, field: ["metadata", "annotations"] },
});

/** Reads the pod's annotations under the prefix of `settings`; its ServiceAccount names the providers `federated`. */
export const readPodAnnotations = (pod: Pod, settings: Settings, federated: readonly string[]): PodAnnotations => {
  const prefix = settings.annotationPrefix;
  const annotations = pod.metadata?.annotations ?? {};
  const own = new Map<string, string>();
  const warnings: Warning[] = [];
  for (const key in annotations) {
    const read = readKey(key, prefix);
    if (read === undefined) continue;
    const value = annotations[key] ?? "";
    own.set(key, value);
    if (own.size > POD_LIMITS["too-many-keys"].max) return brokenBy("too-many-keys");
    const warning =
      read.provider === undefined
        ? globalWarning(read.name, key, value)
        : providerWarning(read.provider, read.name, key, value, { settings, federated });
    if (warning !== undefined) warnings.push(warning);
  }
  if (own.size === 0) return NOTHING;
  const filters = readFilters(own, settings);
  return filters === undefined ? brokenBy("too-many-names") : asked(own, { settings, filters, warnings });
};
