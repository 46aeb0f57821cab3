/** A pod's annotations under the prefix that are ignored, and why. */
import { keysRead } from "../configuration/annotation-keys.ts";
import type { Settings } from "../configuration/settings.ts";
import { noSuchProvider, type OwnKey, readSeconds, whyUnread } from "../federation/annotation-keys.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";

const ignored = (reason: Warning["reason"], key: string, why: string): Warning => ({
  reason,
  text: `pod annotation ${quote(key, 50)} is ignored: ${why}`,
  field: annotationField(key),
});

const GLOBAL_KEYS = keysRead("all", "onPod");
const PROVIDER_KEYS = keysRead("provider", "onPod");
const FILTERS: ReadonlySet<string> = new Set(["skip-containers", "only-containers"]);
const OF_SERVICE_ACCOUNTS = {
  all: keysRead("all", "onServiceAccount"),
  provider: keysRead("provider", "onServiceAccount"),
};
const SERVICE_ACCOUNT_ONLY = "it is read on ServiceAccounts only";

const NONE: Iterable<string> = [];

const globalWarning = (name: string, key: string, value: string, isFull: boolean): Warning | undefined => {
  if (name === "inject")
    return value === "false" ? undefined : ignored("bad-value", key, `${quote(value, 15)}; allowed: "false"`);
  if (GLOBAL_KEYS.has(name)) return undefined;
  if (OF_SERVICE_ACCOUNTS.all.has(name)) return ignored("key-not-for-pods", key, SERVICE_ACCOUNT_ONLY);
  return ignored("unused-key", key, whyUnread(name, isFull ? NONE : GLOBAL_KEYS));
};

/** What the keys of a pod are read with. */
export interface KeyContext {
  readonly settings: Settings;
  /** The providers that the pod's ServiceAccount names. */
  readonly federated: readonly string[];
  /** Are enough told already? There may be a thousand, and what was meant by each takes its time to find. */
  readonly isFull: boolean;
}

const providerWarning = (
  providerName: string,
  name: string,
  key: string,
  value: string,
  { settings, federated, isFull }: KeyContext,
): Warning | undefined => {
  const provider = settings.providers.get(providerName);
  if (provider === undefined)
    return ignored("unused-key", key, noSuchProvider(providerName, isFull ? NONE : settings.providers.keys()));
  if (!federated.includes(providerName)) return ignored("unused-key", key, "the ServiceAccount does not federate it");
  if (name === "expiration-seconds" && settings.policy.podOverrides.has(name))
    return readSeconds(value) === undefined
      ? ignored("bad-value", key, `${quote(value, 15)}; allowed: digits`)
      : undefined;
  if (OF_SERVICE_ACCOUNTS.provider.has(name) && !FILTERS.has(name))
    return ignored("key-not-for-pods", key, SERVICE_ACCOUNT_ONLY);
  if (provider.parameters.has(name)) return ignored("key-not-for-pods", key, SERVICE_ACCOUNT_ONLY);
  if (FILTERS.has(name) || provider.files.some((file) => file.name === name)) return undefined;
  return ignored("unused-key", key, whyUnread(name, isFull ? NONE : PROVIDER_KEYS));
};

/** Why the key `read`, written as `key`, is ignored with this value; undefined where it is not. */
export const ignoredKey = (read: OwnKey, key: string, value: string, context: KeyContext): Warning | undefined =>
  read.provider === undefined
    ? globalWarning(read.name, key, value, context.isFull)
    : providerWarning(read.provider, read.name, key, value, context);
