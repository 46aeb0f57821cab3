/** What a ServiceAccount says of one provider, as variables of the policy `inject`. */
import type { Parameter, Provider, Settings } from "../configuration/settings.ts";
import type { ParameterCondition } from "../providers/provider-spec.ts";
import { all, isGoodValue, matchesOneOf, text, texts } from "./cel.ts";
import { claimVariable, nativeAudiences } from "./implied.ts";
import { both, not, symbol } from "./inject-symbols.ts";
import type { NamedExpression } from "./objects.ts";

/** A provider's parameters in CEL. */
export interface ProviderValues {
  readonly variables: readonly NamedExpression[];
  /** Of every parameter that may have a value: what it is, or the symbol for it. */
  readonly values: ReadonlyMap<string, string>;
  /** The parameters that a ServiceAccount may set, as expressions. */
  readonly expressions: ReadonlyMap<string, string>;
  /** Has the parameter a value? */
  isSet(name: string): string;
  /** Is it what a condition asks for? */
  meets(name: string, condition: ParameterCondition): string;
  /** The token's lifetime in seconds. */
  readonly seconds: string;
  /** An audience of the vendor's own, empty where it is not that; undefined where no vendor has one. */
  readonly audience: string | undefined;
  /** Can the ServiceAccount be resolved, and does it ask for nothing but the plain case? */
  readonly isPlain: string;
}

const written = (settings: Settings, provider: Provider, name: string): string => {
  const claim = claimVariable(settings, provider, name);
  if (claim !== undefined) return `variables.${claim}`;
  return `variables.own[?${text(`${provider.name}.${settings.annotationPrefix}/${name}`)}].orValue('')`;
};

const goodValue = (value: string, parameter: Parameter): string => {
  const { required, platformValue } = parameter;
  const good = isGoodValue(value, parameter);
  if (platformValue !== undefined) return `${value} == ${text(platformValue)} || (${all(good)})`;
  return required ? all([`${value} != ''`, ...good]) : `${value} == '' || (${all(good)})`;
};

/** Inside the provider's bounds and the platform's: what would be clamped is left to the webhook. */
const lifetime = (value: string, { lifetime: own }: Provider, { policy }: Settings) => {
  const min = Math.max(own.min, policy.lifetime?.min ?? own.min);
  const max = Math.min(own.max, policy.lifetime?.max ?? own.max);
  return {
    isPlain: `${value} == '' || (${value}.matches('^[0-9]{1,10}$') && int(${value}) >= ${min} && int(${value}) <= ${max})`,
    seconds: `(${value} == '' ? ${own.default} : int(${value}))`,
  };
};

/** Reads what accounts say of `provider`, the one with this `index`. */
export const providerValues = (settings: Settings, provider: Provider, index: number): ProviderValues => {
  const variables: NamedExpression[] = [];
  const values = new Map<string, string>();
  const expressions = new Map<string, string>();
  const good: string[] = [];
  const variable = (name: string, otherwise: string): string => {
    const raw = written(settings, provider, name);
    const own = `p${index}_${name.replaceAll("-", "_")}`;
    // What is blank is not set.
    variables.push({ name: own, expression: `${raw}.trim() != '' ? ${raw} : ${text(otherwise)}` });
    return `variables.${own}`;
  };
  for (const parameter of provider.parameters.values()) {
    const { name, settable, platformValue } = parameter;
    if (settable || claimVariable(settings, provider, name) !== undefined) {
      const value = variable(name, platformValue ?? "");
      expressions.set(name, value);
      values.set(name, symbol(value));
      good.push(goodValue(value, parameter));
    } else if (platformValue !== undefined) values.set(name, platformValue);
  }
  const { isPlain, seconds } = lifetime(variable("expiration-seconds", ""), provider, settings);
  const { allowedNamespaces } = provider;
  const vendors = nativeAudiences(provider);
  const audience = written(settings, provider, "audience");
  const isUsual = `${audience}.trim() == ''`;
  const isSet = (name: string): string => {
    if (provider.parameters.get(name)?.platformValue !== undefined) return "true";
    const value = expressions.get(name);
    return value === undefined ? "false" : `${value} != ''`;
  };
  return {
    audience: vendors.length === 0 ? undefined : audience,
    variables,
    values,
    expressions,
    isSet,
    meets: (name, condition) => {
      if (typeof condition !== "string") return condition.set ? isSet(name) : not(isSet(name));
      const expression = expressions.get(name);
      if (expression === undefined) return String(values.get(name) === condition);
      // An empty text is a value only where it is the platform's.
      const isNone = condition === "" && provider.parameters.get(name)?.platformValue === undefined;
      return isNone ? "false" : `${expression} == ${text(condition)}`;
    },
    seconds,
    isPlain: both(
      allowedNamespaces === undefined ? "true" : matchesOneOf("request.namespace", allowedNamespaces),
      vendors.length === 0 ? isUsual : `${isUsual} || ${audience} in ${texts(vendors)}`,
      ...["only-containers", "skip-containers"].map((name) => `${written(settings, provider, name)}.trim() == ''`),
      isPlain,
      ...good,
    ),
  };
};
