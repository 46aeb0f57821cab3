/**
 * Can an identity of the ServiceAccount `params` be resolved? The rules of `src/federation` in CEL: one whose annotations
 * are wrong has no identity, and so no token that a pod could prove it with.
 */
import { MAX_VALUE_LENGTH } from "../configuration/names.ts";
import type { Parameter, Provider, Settings } from "../configuration/settings.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { accountAnnotation, audienceParameters, isMissing, renderedAudience } from "./account.ts";
import { all, any, isBlank, isGoodValue, isPlain, matches, matchesOneOf, namesIn } from "./cel.ts";
import { providerCounts } from "./implied.ts";

const { max: MAX_KEYS } = ACCOUNT_LIMITS["too-many-keys"];
const { max: MAX_NAMES } = ACCOUNT_LIMITS["too-many-names"];
const { max: MAX_PROVIDERS } = ACCOUNT_LIMITS["too-many-providers"];

/** Keys of anybody that are looked through. Nobody has more; a loop over 60,000, which fit into 256 KiB, takes half a minute. */
const MAX_ANNOTATIONS = 5 * MAX_KEYS;

const FILTERS = ["only-containers", "skip-containers"] as const;

/** `written` is blank, or else fulfils `condition`. */
const unless = (written: string, condition: string): string => `${isBlank(written)} || ${condition}`;

/** A list of so few characters cannot have too many names in it, which is cheap to know. */
const isShortList = (list: string): string =>
  `${list}.size() <= ${2 * MAX_NAMES} || ${namesIn(list, MAX_NAMES + 1)}.size() <= ${MAX_NAMES}`;

const isGood = (written: string, parameter: Parameter): string => unless(written, all(isGoodValue(written, parameter)));

const parameterConditions = (settings: Settings, provider: Provider): readonly string[] =>
  [...provider.parameters.values()].flatMap((parameter) => {
    const { name, required, platformValue, settable } = parameter;
    const isLacking = required && platformValue === undefined ? [`!${isMissing(settings, provider, name)}`] : [];
    // What else may say it was judged when the configuration was read.
    return settable ? [...isLacking, isGood(accountAnnotation(settings, provider, name), parameter)] : isLacking;
  });

/** Can the audience be longer than any may be, although each of its parameters is short enough? */
const mayBeTooLong = ({ audience, parameters }: Provider): boolean => {
  const lengths = audience.map((part) => {
    if (typeof part === "string") return [...part].length;
    const parameter = part.kind === "parameter" ? parameters.get(part.name) : undefined;
    return Math.max(parameter?.settable ? parameter.maxLength : 0, [...(parameter?.platformValue ?? "")].length);
  });
  return lengths.reduce((sum, length) => sum + length, 0) > MAX_VALUE_LENGTH;
};

const audienceConditions = (settings: Settings, provider: Provider): readonly string[] => {
  const written = accountAnnotation(settings, provider, "audience");
  return [
    unless(written, isPlain(written)),
    ...audienceParameters(provider).map((name) => `!${isBlank(written)} || !${isMissing(settings, provider, name)}`),
    ...(mayBeTooLong(provider)
      ? [`!${isBlank(written)} || (${renderedAudience(settings, provider)}).size() <= ${MAX_VALUE_LENGTH}`]
      : []),
  ];
};

/** Has `params`, which is within bounds, an identity at `provider`? */
export const isResolved = (settings: Settings, provider: Provider): string => {
  const seconds = accountAnnotation(settings, provider, "expiration-seconds");
  const { allowedNamespaces } = provider;
  return all([
    ...(allowedNamespaces === undefined ? [] : [matchesOneOf("request.namespace", allowedNamespaces)]),
    ...parameterConditions(settings, provider),
    unless(seconds, matches(seconds, "[0-9]+")),
    ...audienceConditions(settings, provider),
    ...FILTERS.map((name) => isShortList(accountAnnotation(settings, provider, name))),
  ]);
};

/**
 * Are the annotations of `params` within the bounds of `ACCOUNT_LIMITS`? `wanted` is the list of its providers. Of two
 * configurations, by either.
 */
export const isWithinBounds = (settings: Settings, wanted: string): string => {
  const { annotationPrefix: prefix } = settings;
  const annotations = "params.metadata.?annotations.orValue({})";
  const own = `^(?:[^/]*\\\\.)?${prefix.replaceAll(".", "\\\\.")}/`;
  return all([
    any(providerCounts(settings, wanted).map((count) => `${count} <= ${MAX_PROVIDERS}`)),
    `${annotations}.size() <= ${MAX_KEYS} || (${annotations}.size() <= ${MAX_ANNOTATIONS} && ${annotations}.filter(k, k.matches('${own}')).size() <= ${MAX_KEYS})`,
    ...FILTERS.map((name) => isShortList(accountAnnotation(settings, undefined, name))),
  ]);
};
