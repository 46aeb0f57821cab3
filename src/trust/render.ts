/** The templates of a preset's trust description, filled in. */
import type { JsonTemplate } from "../providers/provider-spec.ts";
import type { KeySet } from "./jwks.ts";
import { placeholder } from "./known-identity.ts";

/** What `${…}` stands for. */
export interface Values {
  /** References other than parameters by what is between the braces. */
  readonly named: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly keySet: KeySet | undefined;
  /** Are the keys handed over, rather than fetched? */
  readonly isUpload: boolean;
  /** Is it a pattern of ServiceAccounts that is trusted? */
  readonly isPattern: boolean;
}

const REFERENCE = /\$\{([^}]*)\}/g;

/** One reference's value; undefined where it has none. Throws for one that no description may have. */
const resolve = (reference: string, values: Values): string | undefined => {
  if (reference.startsWith("parameter.")) return values.parameters.get(reference.slice("parameter.".length));
  const value = values.named.get(reference);
  if (value !== undefined) return value;
  if (/^(value\..+|jwks|jwks\.uri|jwks\.upload)$/.test(reference)) return undefined;
  throw new Error(`a trust description has the unknown reference \${${reference}}`);
};

const nameOf = (reference: string): string => reference.replace(/^(parameter|value)\./, "").replace(".", "-");

/** The template's text, with `escapeValue` of each value; a reference without one becomes a placeholder. */
export const renderEscaped = (
  template: string,
  values: Values,
  escapeValue: (value: string, reference: string) => string,
): string =>
  template.replace(REFERENCE, (_, reference: string) => {
    const value = resolve(reference, values);
    return value === undefined ? placeholder(nameOf(reference)) : escapeValue(value, reference);
  });

/** The template's text; a reference without a value becomes a placeholder. `onValue` sees every value as it goes in. */
export const renderText = (template: string, values: Values, onValue?: (value: string) => void): string =>
  renderEscaped(template, values, (value, reference) => {
    // Made here, of nothing but the characters of names.
    if (reference !== "subject.regex") onValue?.(value);
    return value;
  });

/** Has a template that is one reference and nothing else no value? */
export const isUnset = (template: string, values: Values): boolean => {
  const whole = /^\$\{([^}]*)\}$/.exec(template)?.[1];
  return whole !== undefined && resolve(whole, values) === undefined;
};

const embedded = (leaf: string, { keySet }: Values): unknown => {
  if (leaf !== "${json.jwks}" && leaf !== "${json.jwks.keys}") return undefined;
  if (keySet === undefined) return placeholder("jwks");
  return leaf === "${json.jwks}" ? keySet : keySet.keys;
};

const isList = (value: JsonTemplate): value is readonly JsonTemplate[] => Array.isArray(value);

/**
 * The JSON of a template. A member `${jwks.upload}` is left out where the provider fetches the keys. `onValue` sees every
 * value as it goes into a text.
 */
export const renderJson = (template: JsonTemplate, values: Values, onValue?: (value: string) => void): unknown => {
  if (typeof template === "string") return embedded(template, values) ?? renderText(template, values, onValue);
  if (template === null || typeof template !== "object") return template;
  if (isList(template)) return template.map((item) => renderJson(item, values, onValue));
  return Object.fromEntries(
    Object.entries(template)
      .filter(([, item]) => values.isUpload || item !== "${jwks.upload}")
      .map(([key, item]) => [renderText(key, values, onValue), renderJson(item, values, onValue)]),
  );
};
