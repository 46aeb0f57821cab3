/** Which annotations of ServiceAccounts a configuration reads, and whose ServiceAccounts it federates without any. */

import type { NativeRule } from "../configuration/native.ts";
import { defaultFor } from "../configuration/native.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { readKey } from "./annotation-keys.ts";

/** What is read. */
export interface AccountKeys {
  /** Every key under it. */
  readonly prefix: string;
  /** Keys of vendors. */
  readonly native: ReadonlySet<string>;
  /** Providers with defaults of namespaces, whose ServiceAccounts may be federated without any annotation. */
  readonly defaults: readonly Provider[];
}

/** Those under `prefix` alone. */
export const keysUnder = (prefix: string): AccountKeys => ({ prefix, native: new Set(), defaults: [] });

const keysOfRule = (rule: NativeRule): readonly (string | undefined)[] => [
  rule.trigger.key,
  ...[...rule.parameters.values()].map(({ key }) => key),
  ...rule.kept,
  rule.audienceKey,
  rule.lifetime.key,
  ...[...rule.optOut, ...rule.unsupported].map(({ on, key }) => (on === "serviceAccountAnnotation" ? key : undefined)),
];

const known = new WeakMap<Settings, AccountKeys>();

/** What `settings` read; the same object for the same settings. */
export const accountKeys = (settings: Settings): AccountKeys => {
  const before = known.get(settings);
  if (before !== undefined) return before;
  const providers = [...settings.providers.values()];
  const native = providers.flatMap((provider) => provider.native.flatMap(keysOfRule));
  const keys = {
    prefix: settings.annotationPrefix,
    native: new Set(native.filter((key) => key !== undefined)),
    defaults: providers.filter(({ defaults }) => defaults.some(({ federates }) => federates)),
  };
  known.set(settings, keys);
  return keys;
};

/** Is the annotation `key` read? */
export const isAccountKey = (key: string, { prefix, native }: AccountKeys): boolean =>
  readKey(key, prefix) !== undefined || native.has(key);

/** Is a ServiceAccount in `namespace` federated that has no annotation at all? */
export const federatesBare = ({ defaults }: AccountKeys, namespace: string): boolean =>
  defaults.some((provider) => defaultFor(provider, namespace)?.federates === true);

/** Are the same annotations read, and the same ServiceAccounts federated without any? */
export const isSameKeys = (one: AccountKeys, other: AccountKeys): boolean => {
  const described = ({ prefix, native, defaults }: AccountKeys) =>
    JSON.stringify([
      prefix,
      [...native].sort(),
      defaults.map(({ allowedNamespaces, defaults: own }) => [
        allowedNamespaces ?? null,
        own.map(({ namespaces, federates }) => [namespaces, federates]),
      ]),
    ]);
  return one === other || described(one) === described(other);
};
