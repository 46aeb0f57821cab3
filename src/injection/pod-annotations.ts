/** A pod's own annotations under the prefix: what they ask for, and what about them is to be warned of. */
import type { Settings } from "../configuration/settings.ts";
import { readKey, readSeconds } from "../federation/annotation-keys.ts";
import { type ContainerFilter, NO_FILTER, readFilter } from "../federation/container-filter.ts";
import type { Pod } from "../pod/pod.ts";
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
}

const NOTHING: PodAnnotations = {
  isEmpty: true,
  isOptedOut: false,
  filter: NO_FILTER,
  forProvider: () => ({ filter: NO_FILTER, requestedSeconds: undefined }),
  warnings: [],
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

/** Reads the pod's annotations under the prefix of `settings`; its ServiceAccount names the providers `federated`. */
export const readPodAnnotations = (pod: Pod, settings: Settings, federated: readonly string[]): PodAnnotations => {
  const prefix = settings.annotationPrefix;
  const own = new Map<string, string>();
  const warnings: Warning[] = [];
  for (const [key, value] of Object.entries(pod.metadata?.annotations ?? {})) {
    const read = readKey(key, prefix);
    if (read === undefined) continue;
    own.set(key, value);
    const warning =
      read.provider === undefined
        ? globalWarning(read.name, key, value)
        : providerWarning(read.provider, read.name, key, value, { settings, federated });
    if (warning !== undefined) warnings.push(warning);
  }
  if (own.size === 0) return NOTHING;
  const filter = (domain: string) =>
    readFilter(own.get(`${domain}/only-containers`), own.get(`${domain}/skip-containers`)).filter;
  const mayOverride = settings.policy.podOverrides.has("expiration-seconds");
  return {
    isEmpty: false,
    isOptedOut: own.get(`${prefix}/inject`) === "false",
    filter: filter(prefix),
    forProvider: (provider) => {
      const seconds = mayOverride ? own.get(`${provider}.${prefix}/expiration-seconds`) : undefined;
      return {
        filter: filter(`${provider}.${prefix}`),
        requestedSeconds: seconds === undefined ? undefined : readSeconds(seconds),
      };
    },
    warnings,
  };
};
