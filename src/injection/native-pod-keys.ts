/** Vendors' own keys on a pod: what they ask for, in the words of our own, and what of it is not done. */
import type { NativeRule } from "../configuration/native.ts";
import type { Settings } from "../configuration/settings.ts";
import { readSeconds } from "../federation/annotation-keys.ts";
import { nativeSeconds } from "../federation/native-claims.ts";
import type { Pod } from "../pod/pod.ts";
import { isBlank } from "../reasons/characters.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote, quoteEnd } from "../reasons/text.ts";

type Texts = { readonly [key: string]: string };

/** What a pod's vendors' keys say for one provider; lists as our own are written. */
interface NativeAsked {
  readonly "only-containers": string | undefined;
  readonly "skip-containers": string | undefined;
  readonly "expiration-seconds": string | undefined;
}

/** The same for all providers of its ServiceAccount. */
export interface NativePodKeys {
  /** By provider; only those for which something is said. */
  readonly asked: ReadonlyMap<string, NativeAsked>;
  readonly warnings: readonly Warning[];
}

/** Of a pod that has none. */
const NO_NATIVE_KEYS: NativePodKeys = { asked: new Map(), warnings: [] };

const read = (values: Texts, key: string | undefined): string | undefined => {
  if (key === undefined || !Object.hasOwn(values, key)) return undefined;
  const value = values[key] ?? "";
  return isBlank(value) ? undefined : value;
};

/** Vendors separate names with commas or semicolons. */
const listOf = (written: string | undefined): string | undefined => written?.replaceAll(";", ",");

const find = (values: Texts, key: string): string | undefined => {
  if (!key.endsWith("*")) return Object.hasOwn(values, key) ? key : undefined;
  const prefix = key.slice(0, -1);
  for (const one in values) if (one.startsWith(prefix)) return one;
  return undefined;
};

const warn = (reason: Warning["reason"], what: "annotation" | "label", key: string, why: string): Warning => ({
  reason,
  text: `pod ${what} ${quoteEnd(key, 40)}: ${why}`,
  field: what === "annotation" ? annotationField(key) : ["metadata", "labels", key],
});

/** One rule over one pod. */
class RuleReader {
  readonly warnings: Warning[] = [];
  private readonly annotations: Texts;
  private readonly labels: Texts;
  private readonly mayOverride: boolean;

  constructor({ metadata }: Pod, { policy }: Settings) {
    this.annotations = metadata?.annotations ?? {};
    this.labels = metadata?.labels ?? {};
    this.mayOverride = policy.podOverrides.has("expiration-seconds");
  }

  asked(rule: NativeRule): NativeAsked | undefined {
    this.warnOfUnsupported(rule);
    const only = listOf(read(this.annotations, rule.onlyContainers));
    const skip = listOf(read(this.annotations, rule.skipContainers));
    const seconds = this.seconds(rule);
    if (only === undefined && skip === undefined && seconds === undefined) return undefined;
    return { "only-containers": only, "skip-containers": skip, "expiration-seconds": seconds };
  }

  private seconds(rule: NativeRule): string | undefined {
    const { podKey } = rule.lifetime;
    const written = read(this.annotations, podKey);
    if (podKey === undefined || written === undefined) return undefined;
    if (!this.mayOverride) {
      this.warnings.push(warn("key-not-for-pods", "annotation", podKey, "is ignored: the policy has no podOverrides"));
      return undefined;
    }
    if (readSeconds(written) === undefined) {
      const why = `is ignored: ${quote(written, 15)}; allowed: digits`;
      this.warnings.push(warn("bad-value", "annotation", podKey, why));
      return undefined;
    }
    return nativeSeconds(written, rule);
  }

  private warnOfUnsupported({ unsupported }: NativeRule): void {
    for (const { on, key, values, warning } of unsupported) {
      if (on === "serviceAccountAnnotation") continue;
      const where = on === "podLabel" ? this.labels : this.annotations;
      const found = find(where, key);
      if (found === undefined || (values !== undefined && !values.includes(where[found] ?? ""))) continue;
      this.warnings.push(warn("native-unsupported", on === "podLabel" ? "label" : "annotation", found, warning));
    }
  }
}

const joined = (one: NativeAsked | undefined, other: NativeAsked): NativeAsked => ({
  "only-containers": one?.["only-containers"] ?? other["only-containers"],
  "skip-containers": one?.["skip-containers"] ?? other["skip-containers"],
  "expiration-seconds": one?.["expiration-seconds"] ?? other["expiration-seconds"],
});

/** Reads the keys of vendors for the providers `federated` of the pod's ServiceAccount. */
export const readNativePodKeys = (pod: Pod, settings: Settings, federated: readonly string[]): NativePodKeys => {
  if (!settings.hasImplied || federated.length === 0) return NO_NATIVE_KEYS;
  const reader = new RuleReader(pod, settings);
  const asked = new Map<string, NativeAsked>();
  for (const name of federated)
    for (const rule of settings.providers.get(name)?.native ?? []) {
      const found = reader.asked(rule);
      if (found !== undefined) asked.set(name, joined(asked.get(name), found));
    }
  return asked.size === 0 && reader.warnings.length === 0 ? NO_NATIVE_KEYS : { asked, warnings: reader.warnings };
};
