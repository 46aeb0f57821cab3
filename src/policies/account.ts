/** A pod's ServiceAccount in CEL: `params`, of which every ServiceAccount of the pod's namespace is one. */
import type { Provider, Settings } from "../configuration/settings.ts";
import { references } from "../providers/template.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { annotation, any, isBlank, joined, namesIn, OF_A_NAME, text } from "./cel.ts";
import { type Asked, claimVariable, isFederatedByOthers, mayBeFederatedByOthers } from "./implied.ts";
import { federatedLabel, type PolicyInput } from "./installation.ts";
import type { AccountSelector, NamedExpression } from "./objects.ts";

/** For policies that need the ServiceAccount. */
export const ACCOUNT_KIND = { apiVersion: "v1", kind: "ServiceAccount" } as const;

/** The ServiceAccounts that a policy is given. */
export const accountSelector = ({ settings, installation }: PolicyInput): AccountSelector =>
  installation.mode === "label" ? { matchLabels: { [federatedLabel(settings)]: "true" } } : {};

/** Of all ServiceAccounts of the namespace the pod's own; first of all conditions, since every other one ends here. */
export const OWN_ACCOUNT: NamedExpression = {
  name: "own-account",
  expression: "params.metadata.name == object.spec.?serviceAccountName.orValue('')",
};

const federate = (account: string, { annotationPrefix }: Settings): string =>
  annotation(account, `${annotationPrefix}/federate`);

/**
 * The providers that the annotation of `account` names, in order; repeated ones are repeated. Of a list that has too many no more are read
 * than show it.
 */
export const federatedNames = (account: string, settings: Settings): string =>
  namesIn(federate(account, settings), ACCOUNT_LIMITS["too-many-providers"].max + 1);

/** Is the account federated by our own annotation, or by `others`? */
const isFederatedBy = (others: string, account: string, settings: Settings): string => {
  const own = `${federate(account, settings)}.matches(${text(OF_A_NAME)})`;
  return others === "false" ? own : `(${any([own, others])})`;
};

/** Is the account federated? Of two configurations, by both. */
export const isFederated = (asked: Asked, settings: Settings): string =>
  isFederatedBy(isFederatedByOthers(settings, asked), asked.account, settings);

/** Is there a pod that the account is federated for? Of two configurations, by either. */
export const mayBeFederated = (account: string, settings: Settings): string =>
  isFederatedBy(mayBeFederatedByOthers(settings, account), account, settings);

/**
 * What `params` says of `name` for `provider`, or for all providers, by our annotation or by anything that stands for it;
 * an empty text where nothing does.
 */
export const accountAnnotation = (settings: Settings, provider: Provider | undefined, name: string): string => {
  const { annotationPrefix: prefix } = settings;
  if (provider === undefined) return annotation("params", `${prefix}/${name}`);
  const variable = claimVariable(settings, provider, name);
  return variable === undefined ? annotation("params", `${provider.name}.${prefix}/${name}`) : `variables.${variable}`;
};

/** May `params` have a value for the parameter that is not the platform's for all? */
const mayDiffer = (settings: Settings, provider: Provider, name: string): boolean =>
  provider.parameters.get(name)?.settable === true || claimVariable(settings, provider, name) !== undefined;

/** Is there no value for a parameter, from `params` or from the platform? */
export const isMissing = (settings: Settings, provider: Provider, name: string): string => {
  const parameter = provider.parameters.get(name);
  if (parameter?.platformValue !== undefined) return "false";
  return mayDiffer(settings, provider, name) ? isBlank(accountAnnotation(settings, provider, name)) : "true";
};

/**
 * The value of a parameter for `params`, without a look at its pattern: an annotation that is not blank, else the
 * platform's; an empty text where there is none.
 */
const parameterValue = (settings: Settings, provider: Provider, name: string): string => {
  const parameter = provider.parameters.get(name);
  const platform = text(parameter?.platformValue ?? "");
  if (!mayDiffer(settings, provider, name)) return platform;
  const written = accountAnnotation(settings, provider, name);
  return `(${isBlank(written)} ? ${platform} : ${written})`;
};

/** The parameters in the audience of `provider`, each once. */
export const audienceParameters = ({ audience }: Provider): readonly string[] => {
  const found = references(audience).flatMap((part) => (part.kind === "parameter" ? [part.name] : []));
  return [...new Set(found)];
};

/** The audience of `provider` with the parameters' values for `params`; an empty text where one of them has none. */
export const renderedAudience = (settings: Settings, provider: Provider): string => {
  const usual = joined(
    provider.audience.map((part) =>
      typeof part === "string"
        ? { literal: part }
        : { expression: part.kind === "parameter" ? parameterValue(settings, provider, part.name) : "''" },
    ),
  );
  const lacking = audienceParameters(provider)
    .map((name) => isMissing(settings, provider, name))
    .filter((one) => one !== "false");
  return lacking.length === 0 ? usual : `(${any(lacking)} ? '' : ${usual})`;
};

/** The audience of `provider` for `params`: its annotation where that is not blank, else {@link renderedAudience}. */
export const audienceOf = (settings: Settings, provider: Provider): string => {
  const written = accountAnnotation(settings, provider, "audience");
  return `(${isBlank(written)} ? ${renderedAudience(settings, provider)} : ${written})`;
};

/** For a sentence: what runs where, and whose account it is. */
export const ABOUT_POD = "'pod ' + request.namespace + '/' + object.metadata.name";
