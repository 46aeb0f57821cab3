/** A ServiceAccount's annotations under the prefix that nothing reads: a typo, or a provider that is not configured. */
import { keysRead } from "../configuration/annotation-keys.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { noSuchProvider, whyUnread } from "./annotation-keys.ts";
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

/** Why nothing reads the key `name` of provider `providerName`; undefined where something does. */
const unusedBecause = (
  providerName: string,
  name: string,
  settings: Settings,
  federate: ReadonlySet<string>,
): (() => string) | undefined => {
  const provider = settings.providers.get(providerName);
  if (provider === undefined) return () => noSuchProvider(providerName, settings.providers.keys());
  if (!federate.has(providerName)) return () => `${quote(providerName, 20)} is not federated`;
  if (PROVIDER_KEYS.has(name)) return undefined;
  const parameter = provider.parameters.get(name);
  if (parameter === undefined) return () => whyUnread(name, [...PROVIDER_KEYS, ...settable(provider)]);
  return parameter.settable ? undefined : () => "the platform sets it";
};

/** A warning for each of them, the first ones told and the others counted; `federate` is what is federated. */
export const unusedKeys = (
  own: OwnAnnotations,
  settings: Settings,
  federate: ReadonlySet<string>,
): readonly Warning[] => {
  const prefix = settings.annotationPrefix;
  const warnings = new Told<Warning>((reason, count) => ({
    reason,
    text: `${count} more annotations of the ServiceAccount are ignored`,
    field: annotationField(`${prefix}/federate`),
  }));
  for (const [providerName, keys] of own) {
    for (const name of keys.keys()) {
      if (providerName === undefined) {
        if (!GLOBAL_KEYS.has(name))
          warnings.add("unused-key", () => unused(`${prefix}/${name}`, whyUnread(name, GLOBAL_KEYS)));
        continue;
      }
      const why = unusedBecause(providerName, name, settings, federate);
      if (why !== undefined) warnings.add("unused-key", () => unused(`${providerName}.${prefix}/${name}`, why()));
    }
  }
  return warnings.all();
};
