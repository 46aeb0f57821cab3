/** Vendors' annotations on a ServiceAccount that ask for something that is not done. */
import type { NativeRule } from "../configuration/native.ts";
import type { Provider } from "../configuration/settings.ts";
import { isBlank } from "../reasons/characters.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote, quoteEnd } from "../reasons/text.ts";
import type { PassedOver } from "./claims.ts";
import { nativeSeconds, triggered } from "./native-claims.ts";
import type { Told } from "./told.ts";

type Texts = ReadonlyMap<string, string>;

const ofAccount = (key: string, why: string, reason: Warning["reason"]): Warning => ({
  reason,
  text: `ServiceAccount annotation ${quoteEnd(key, 40)}: ${why}`,
  field: annotationField(key),
});

const isAsked = (
  { key, values, absent }: NativeRule["unsupported"][number],
  annotations: Texts,
  isTriggered: boolean,
): boolean => {
  const written = annotations.get(key);
  if (written === undefined) return absent === true && isTriggered;
  return !isBlank(written) && (values === undefined || values.includes(written));
};

const warnOfRule = (rule: NativeRule, annotations: Texts, isTriggered: boolean, told: Told<Warning>): void => {
  for (const one of rule.unsupported) {
    if (one.on !== "serviceAccountAnnotation" || !isAsked(one, annotations, isTriggered)) continue;
    const { key, warning } = one;
    const shown = annotations.has(key) ? key : rule.trigger.key;
    told.add("native-unsupported", () => ofAccount(shown, warning, "native-unsupported"));
  }
  const { key: lifetimeKey } = rule.lifetime;
  const seconds = lifetimeKey === undefined || !isTriggered ? undefined : annotations.get(lifetimeKey);
  if (
    seconds !== undefined &&
    lifetimeKey !== undefined &&
    !isBlank(seconds) &&
    nativeSeconds(seconds, rule) === undefined
  )
    told.add("bad-value", () =>
      ofAccount(lifetimeKey, `is ignored: ${quote(seconds, 15)}; allowed: digits`, "bad-value"),
    );
  for (const key of rule.kept)
    if (!isBlank(annotations.get(key) ?? ""))
      told.add("unused-key", () => ofAccount(key, "is ignored: the platform sets it", "unused-key"));
};

/** Says to `told` what the annotations ask of `provider`, which is federated, that it does not do. */
export const warnOfNative = (
  provider: Provider,
  annotations: Texts,
  isTriggered: boolean,
  told: Told<Warning>,
): void => {
  const rules = isTriggered ? triggered(provider, annotations) : [];
  for (const rule of provider.native) warnOfRule(rule, annotations, rules.includes(rule), told);
};

/** Says to `told` that an annotation of a vendor's federates nothing here. */
export const warnOfPassedOver = ({ provider, key }: PassedOver, told: Told<Warning>): void => {
  const why = `provider ${quote(provider, 20)} is not for this namespace`;
  told.add("native-not-allowed", () => ofAccount(key, why, "native-not-allowed"));
};
