/** A pod's own annotations under the prefix: what they ask for, and what about them is to be warned of. */
import type { Settings } from "../configuration/settings.ts";
import { readKey, readSeconds } from "../federation/annotation-keys.ts";
import { type ContainerFilter, NO_FILTER, readFilter } from "../federation/container-filter.ts";
import type { Pod } from "../pod/pod.ts";
import type { Breach } from "../pod/size.ts";
import { isBlank } from "../reasons/characters.ts";
import { MAX_TOLD, POD_LIMITS } from "../reasons/limits.ts";
import type { Warning } from "../reasons/reasons.ts";
import { type NativePodKeys, readNativePodKeys } from "./native-pod-keys.ts";
import { ignoredKey, type KeyContext } from "./pod-keys.ts";

/** What a pod's annotations ask for. */
export interface PodAnnotations {
  /** Does the pod have none that says anything? */
  readonly isEmpty: boolean;
  readonly isOptedOut: boolean;
  readonly filter: ContainerFilter;
  /** Filter and lifetime (seconds) for a provider. */
  forProvider(provider: string): { readonly filter: ContainerFilter; readonly requestedSeconds: number | undefined };
  readonly warnings: readonly Warning[];
  /** A bound that they do not keep; then they ask for nothing. */
  readonly breach: Breach | undefined;
}

/** Of a pod that has none. */
export const NO_ANNOTATIONS: PodAnnotations = {
  isEmpty: true,
  isOptedOut: false,
  filter: NO_FILTER,
  forProvider: () => ({ filter: NO_FILTER, requestedSeconds: undefined }),
  warnings: [],
  breach: undefined,
};

type Filters = ReadonlyMap<string, ContainerFilter>;

/** The filters in `own`, by what stands before the slash of their keys; undefined where a list is too long. */
const readFilters = (
  own: ReadonlyMap<string, string>,
  { asked: native }: NativePodKeys,
  { annotationPrefix, providers }: Settings,
): Filters | undefined => {
  const filters = new Map<string, ContainerFilter>();
  for (const name of [undefined, ...providers.keys()]) {
    const domain = name === undefined ? annotationPrefix : `${name}.${annotationPrefix}`;
    const vendors = name === undefined ? undefined : native.get(name);
    const of = (key: "only-containers" | "skip-containers") => own.get(`${domain}/${key}`) ?? vendors?.[key];
    const { filter, exceeded } = readFilter(of("only-containers"), of("skip-containers"));
    if (exceeded !== undefined) return undefined;
    filters.set(domain, filter);
  }
  return filters;
};

interface Own {
  readonly settings: Settings;
  readonly filters: Filters;
  readonly native: NativePodKeys;
  readonly warnings: readonly Warning[];
}

/** What the annotations `own` ask for. */
const asked = (own: ReadonlyMap<string, string>, { settings, filters, native, warnings }: Own): PodAnnotations => {
  const prefix = settings.annotationPrefix;
  const mayOverride = settings.policy.podOverrides.has("expiration-seconds");
  return {
    isEmpty: false,
    isOptedOut: own.get(`${prefix}/inject`) === "false",
    filter: filters.get(prefix) ?? NO_FILTER,
    forProvider: (provider) => {
      const ours = mayOverride ? own.get(`${provider}.${prefix}/expiration-seconds`) : undefined;
      const seconds = ours ?? native.asked.get(provider)?.["expiration-seconds"];
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
  ...NO_ANNOTATIONS,
  isEmpty: false,
  breach: { limit, field: ["metadata", "annotations"] },
});

interface Found {
  readonly own: ReadonlyMap<string, string>;
  readonly warnings: readonly Warning[];
}

/** The pod's annotations under the prefix that say something; undefined where there are too many of them. */
const findOwn = ({ metadata }: Pod, context: Omit<KeyContext, "isFull">): Found | undefined => {
  const { annotationPrefix: prefix } = context.settings;
  const annotations = metadata?.annotations ?? {};
  const own = new Map<string, string>();
  const warnings: Warning[] = [];
  let count = 0;
  for (const key in annotations) {
    const read = readKey(key, prefix);
    if (read === undefined) continue;
    if (++count > POD_LIMITS["too-many-keys"].max) return undefined;
    const value = annotations[key] ?? "";
    if (isBlank(value)) continue;
    own.set(key, value);
    const warning = ignoredKey(read, key, value, { ...context, isFull: warnings.length >= MAX_TOLD });
    if (warning !== undefined) warnings.push(warning);
  }
  return { own, warnings };
};

/** Reads the pod's annotations under the prefix of `settings`, and vendors'; its ServiceAccount names the providers `federated`. */
export const readPodAnnotations = (pod: Pod, settings: Settings, federated: readonly string[]): PodAnnotations => {
  const found = findOwn(pod, { settings, federated });
  if (found === undefined) return brokenBy("too-many-keys");
  const { own } = found;
  const native = readNativePodKeys(pod, settings, federated);
  const warnings = native.warnings.length === 0 ? found.warnings : [...found.warnings, ...native.warnings];
  if (own.size === 0 && native.asked.size === 0)
    return warnings.length === 0 ? NO_ANNOTATIONS : { ...NO_ANNOTATIONS, warnings };
  const filters = readFilters(own, native, settings);
  return filters === undefined ? brokenBy("too-many-names") : asked(own, { settings, filters, native, warnings });
};
