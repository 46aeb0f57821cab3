/**
 * The audience that a ServiceAccount gives each provider, in CEL: as `resolveFederation` resolves it, which asks for more
 * than the parameters of the audience. Where an identity cannot be resolved, the platform's audience is left.
 */
import { settableIn } from "../configuration/audience-cost.ts";
import type { Parameter, Provider, Settings } from "../configuration/settings.ts";
import { ACCOUNT_LIMITS, POD_LIMITS } from "../reasons/limits.ts";
import { federatedNames } from "./account.ts";
import { inNamespaces, type Namespaces, platformAudience } from "./audience-tests.ts";
import { all, annotation, joined, matches, text, texts } from "./cel.ts";
import type { NamedExpression } from "./objects.ts";

/** Of `federate` and of all keys; what is longer has more names or keys than any real one. */
const MAX_FEDERATE = 16_384;

const isBlank = (value: string): string => `${value}.trim() == ''`;

/** As `isPlainValue` has it. */
const isPlain = (value: string): string =>
  `${value}.size() <= ${POD_LIMITS["audience-too-long"].max} && !${value}.matches('\\\\p{Cc}')`;

/** Has the list `value` no more names than are read? A shorter text cannot have as many. */
const isReadable = (value: string): string => {
  const { max } = ACCOUNT_LIMITS["too-many-names"];
  return `(${value}.size() <= ${2 * max} || ${value}.split(',').filter(n, n.trim() != '').size() <= ${max})`;
};

const filtersAreReadable = (domain: string): readonly string[] =>
  ["only-containers", "skip-containers"].map((name) => isReadable(annotation("params", `${domain}/${name}`)));

/** The variables `names`, what `federate` names, and `resolvable`: are the lists and keys of the account within bounds? */
export const accountVariables = (settings: Settings): readonly NamedExpression[] => {
  const prefix = settings.annotationPrefix;
  const federate = annotation("params", `${prefix}/federate`);
  const isKey = `k.startsWith(${text(`${prefix}/`)}) || k.contains(${text(`.${prefix}/`)})`;
  const keys = "params.metadata.?annotations.orValue({})";
  const maxKeys = ACCOUNT_LIMITS["too-many-keys"].max;
  return [
    {
      name: "names",
      expression: `${federate}.size() > ${MAX_FEDERATE} ? [] : ${federatedNames("params", settings)}`,
    },
    {
      name: "resolvable",
      expression: all([
        `variables.names.size() <= ${ACCOUNT_LIMITS["too-many-providers"].max}`,
        `${keys}.size() <= ${maxKeys} || ${keys}.filter(k, ${isKey}).size() <= ${maxKeys}`,
        ...filtersAreReadable(prefix),
      ]),
    },
  ];
};

/** Is the value that the account gives the parameter, or gives it not, good? Undefined where that is never so. */
const isGood = (written: string, { required, platformValue, settable, patternText }: Parameter): string | undefined => {
  const isThere = platformValue !== undefined || !required;
  if (!settable) return isThere ? "true" : undefined;
  const pattern = patternText === undefined ? "" : ` && ${matches(written, patternText)}`;
  const isValid = `${isPlain(written)}${pattern}`;
  return isThere ? `${isBlank(written)} || ${isValid}` : `!(${isBlank(written)}) && ${isValid}`;
};

/** Is the provider's identity of the account resolved? Undefined where it never is. */
const isResolved = (settings: Settings, provider: Provider): string | undefined => {
  const domain = `${provider.name}.${settings.annotationPrefix}`;
  const written = (name: string): string => annotation("params", `${domain}/${name}`);
  const parameters = [...provider.parameters.values()].map((parameter) => isGood(written(parameter.name), parameter));
  const good = parameters.filter((condition) => condition !== undefined);
  if (good.length < parameters.length) return undefined;
  const seconds = written("expiration-seconds");
  const audience = written("audience");
  return all([
    `variables.resolvable && ${text(provider.name)} in variables.names`,
    ...good.filter((condition) => condition !== "true"),
    `${isBlank(seconds)} || ${seconds}.matches('^[0-9]+$')`,
    `${isBlank(audience)} || ${isPlain(audience)}`,
    ...filtersAreReadable(domain),
  ]);
};

/** The audience with the account's parameters; an empty text where one of them has no value. */
const withParameters = (settings: Settings, provider: Provider): string => {
  const lacking: string[] = [];
  const audience = joined(
    provider.audience.map((part) => {
      if (typeof part === "string") return { literal: part };
      const parameter = part.kind === "parameter" ? provider.parameters.get(part.name) : undefined;
      const platform = parameter?.platformValue;
      if (!parameter?.settable) return { literal: platform ?? "" };
      const written = annotation("params", `${provider.name}.${settings.annotationPrefix}/${parameter.name}`);
      if (platform === undefined) lacking.push(isBlank(written));
      return { expression: `(${isBlank(written)} ? ${text(platform ?? "")} : ${written})` };
    }),
  );
  return lacking.length === 0 ? audience : `(${lacking.join(" || ")}) ? '' : ${audience}`;
};

/** Has the audience a part that nobody can set? Then there is none. */
const isImpossible = ({ audience, parameters }: Provider): boolean =>
  audience.some((part) => {
    const parameter = typeof part === "string" || part.kind !== "parameter" ? undefined : parameters.get(part.name);
    return parameter !== undefined && !parameter.settable && parameter.platformValue === undefined;
  });

/** For each provider whose audience a ServiceAccount sets a variable: its audience for `params`, or an empty text. */
export const ownAudiences = (settings: Settings, namespaces: Namespaces): readonly NamedExpression[] =>
  [...settings.providers.values()]
    .filter((provider) => settableIn(provider).length > 0 && !isImpossible(provider))
    .map((provider, index) => {
      const platform = text(platformAudience(provider) ?? "");
      const resolved = isResolved(settings, provider);
      const own =
        resolved === undefined ? platform : `${resolved} ? (${withParameters(settings, provider)}) : ${platform}`;
      const allowed = inNamespaces(namespaces, provider, "true");
      const name = `own${index}`;
      return { name, expression: allowed === "true" ? own : `${allowed} ? (${own}) : ''` };
    });

/** The variable `own`: all of {@link ownAudiences}. */
export const ownList = (variables: readonly NamedExpression[]): NamedExpression => ({
  name: "own",
  expression:
    variables.length === 0 ? `${texts([""])}` : `[${variables.map(({ name }) => `variables.${name}`).join(", ")}]`,
});
