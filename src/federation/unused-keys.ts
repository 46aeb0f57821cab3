/** A ServiceAccount's annotations that are not heeded: a typo, or a provider that is not configured. */
import { keysRead } from "../configuration/annotation-keys.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { noSuchProvider, whyUnread } from "./annotation-keys.ts";
import type { Origin } from "./claims.ts";
import type { OwnAnnotations } from "./own-annotations.ts";
import { Told } from "./told.ts";

const GLOBAL_KEYS = keysRead("all", "onServiceAccount");
const PROVIDER_KEYS = keysRead("provider", "onServiceAccount");

const unused = (key: string, why: string): Warning => ({
  reason: "unused-key",
  text: `ServiceAccount annotation ${quote(key, 50)} is ignored: ${why}`,
  field: annotationField(key),
});

const settable = ({ parameters }: Provider): readonly string[] =>
  [...parameters.values()].filter((parameter) => parameter.settable).map(({ name }) => name);

/** Why an `inject` on a ServiceAccount declines nothing; it is read where something is federated without `federate`. */
const declinesNothing = (value: string, origin: Origin | undefined): (() => string) | undefined => {
  if (value !== "false") return () => `${quote(value, 15)}; allowed: "false"`;
  return origin === "own" ? () => "`federate` names the provider" : undefined;
};

/** Why nothing reads the key `name` of provider `providerName`; undefined where something does. */
const unusedBecause = (
  providerName: string,
  name: string,
  settings: Settings,
  federated: ReadonlyMap<string, Origin>,
): (() => string) | undefined => {
  const provider = settings.providers.get(providerName);
  if (provider === undefined) return () => noSuchProvider(providerName, settings.providers.keys());
  if (!federated.has(providerName)) return () => `${quote(providerName, 20)} is not federated`;
  if (PROVIDER_KEYS.has(name)) return undefined;
  const parameter = provider.parameters.get(name);
  if (parameter === undefined) return () => whyUnread(name, [...PROVIDER_KEYS, ...settable(provider)]);
  return parameter.settable ? undefined : () => "the platform sets it";
};

/** A warning for each of them, the first ones told and the others counted; `federated` is what is federated, and why. */
export const unusedKeys = (
  own: OwnAnnotations,
  settings: Settings,
  federated: ReadonlyMap<string, Origin>,
): readonly Warning[] => {
  const prefix = settings.annotationPrefix;
  const warnings = new Told<Warning>((reason, count) => ({
    reason,
    text: `${count} more annotations of the ServiceAccount are ignored`,
    field: annotationField(`${prefix}/federate`),
  }));
  const whyUnused = (providerName: string | undefined, name: string, value: string): (() => string) | undefined => {
    if (name === "inject" && settings.hasImplied)
      return declinesNothing(value, providerName === undefined ? undefined : federated.get(providerName));
    if (providerName !== undefined) return unusedBecause(providerName, name, settings, federated);
    return GLOBAL_KEYS.has(name) ? undefined : () => whyUnread(name, GLOBAL_KEYS);
  };
  for (const [providerName, keys] of own) {
    const domain = providerName === undefined ? prefix : `${providerName}.${prefix}`;
    for (const [name, value] of keys) {
      const why = whyUnused(providerName, name, value);
      if (why !== undefined) warnings.add("unused-key", () => unused(`${domain}/${name}`, why()));
    }
  }
  return warnings.all();
};
