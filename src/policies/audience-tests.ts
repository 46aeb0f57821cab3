/** Which audiences are allowed, as expressions over a text `a`; each with its cost for one token. */
import { settableIn } from "../configuration/audience-cost.ts";
import { grouped, MAX_PATTERN, matchCost, patternsCost, regexLength } from "../configuration/cel-cost.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { renderTemplate } from "../providers/template.ts";
import { matches, matchesOneOf, text, texts, wildcardPattern } from "./cel.ts";
import { nativeAudiences } from "./implied.ts";
import type { NamedExpression } from "./objects.ts";

/** One way to be allowed. */
export interface AudienceTest {
  readonly expression: string;
  /** In CEL's units, for the longest audience. */
  readonly cost: number;
}

/** So many characters of literals stand in one expression. */
const MAX_LITERALS = 40_000;

/** The provider's audience as the platform alone sets it; undefined where it takes more. */
export const platformAudience = ({ audience, parameters }: Provider): string | undefined =>
  renderTemplate(audience, (part) =>
    part.kind === "parameter" ? parameters.get(part.name)?.platformValue : undefined,
  );

/** The same with `*` for what a ServiceAccount sets; undefined where the platform left something out. */
export const anyAudience = ({ audience, parameters }: Provider): string | undefined =>
  renderTemplate(audience, (part) => {
    const parameter = part.kind === "parameter" ? parameters.get(part.name) : undefined;
    return parameter?.settable ? "*" : parameter?.platformValue;
  });

const namespacesKey = ({ allowedNamespaces }: Provider): string | undefined =>
  allowedNamespaces && [...new Set(allowedNamespaces)].sort().join(",");

/** For each list of `allowedNamespaces` a variable: is the request's namespace one of them? */
export type Namespaces = ReadonlyMap<string | undefined, NamedExpression>;

/** See {@link Namespaces}. */
export const namespacesOf = ({ providers }: Settings): Namespaces => {
  const keys = new Set([...providers.values()].map(namespacesKey).filter((key) => key !== undefined));
  return new Map(
    [...keys].sort().map((key, index) => {
      const patterns = key.split(",");
      const wild = patterns.filter((pattern) => pattern.includes("*")).map(wildcardPattern);
      const exact = matchesOneOf(
        "request.namespace",
        patterns.filter((pattern) => !pattern.includes("*")),
      );
      const expression = wild.length === 0 ? exact : `${exact} || ${matches("request.namespace", wild.join("|"))}`;
      return [key, { name: `namespaces${index}`, expression }];
    }),
  );
};

/** Makes `expression` hold in the provider's namespaces only. */
export const inNamespaces = (namespaces: Namespaces, provider: Provider, expression: string): string => {
  const variable = namespaces.get(namespacesKey(provider));
  return variable === undefined ? expression : `variables.${variable.name} && ${expression}`;
};

/** One of `audiences`, in which nothing is a wildcard. */
export const literalTests = (audiences: readonly string[]): readonly AudienceTest[] =>
  grouped([...new Set(audiences)], (audience) => text(audience).length + 2, MAX_LITERALS).map((group) => ({
    expression: `a in ${texts(group)}`,
    cost: group.length + 10,
  }));

const wildcardTests = (patterns: readonly string[]): readonly AudienceTest[] =>
  grouped([...new Set(patterns)], (pattern) => regexLength(pattern) + 1, MAX_PATTERN).map((group) => ({
    expression: matches("a", group.map(wildcardPattern).join("|")),
    cost: patternsCost(group.map(regexLength)),
  }));

/** Audiences that vendors' webhooks ask for, and providers take beside their own. */
const vendorsTests = (providers: readonly Provider[], namespaces: Namespaces): readonly AudienceTest[] =>
  providers.flatMap((provider) =>
    literalTests(nativeAudiences(provider)).map(({ expression, cost }) => ({
      expression: inNamespaces(namespaces, provider, expression),
      cost,
    })),
  );

/** What does not depend on the ServiceAccount: the list of the configuration, and providers whose audience is fixed. */
export const fixedTests = (settings: Settings, namespaces: Namespaces): readonly AudienceTest[] => {
  const allow = settings.policy.audiences?.allow ?? [];
  const fixed = [...settings.providers.values()].filter((provider) => settableIn(provider).length === 0);
  const groups = Map.groupBy(fixed, namespacesKey);
  return [
    ...literalTests(allow.filter((pattern) => !pattern.includes("*"))),
    ...vendorsTests([...settings.providers.values()], namespaces),
    ...[...groups.values()].flatMap((providers) => {
      const [first] = providers;
      const audiences = providers.map(platformAudience).filter((audience) => audience !== undefined);
      return literalTests(audiences).map(({ expression, cost }) => ({
        expression: first === undefined ? expression : inNamespaces(namespaces, first, expression),
        cost,
      }));
    }),
    ...wildcardTests(allow.filter((pattern) => pattern.includes("*"))),
  ];
};

/** `literal` as a regular expression, in which nothing is a wildcard. */
const literalPattern = (literal: string): string => literal.split("*").map(wildcardPattern).join("\\*");

/** The provider's audience with any text for what a ServiceAccount may set; undefined where the platform left something out. */
const anyText = ({ audience, parameters }: Provider): AudienceTest | undefined => {
  const parts = audience.map((part) => {
    if (typeof part === "string") return literalPattern(part);
    const parameter = part.kind === "parameter" ? parameters.get(part.name) : undefined;
    if (parameter?.settable) return ".*";
    return parameter?.platformValue === undefined ? undefined : literalPattern(parameter.platformValue);
  });
  if (parts.includes(undefined)) return undefined;
  const pattern = parts.join("");
  return { expression: matches("a", pattern), cost: 10 + matchCost(pattern.length) };
};

/** The same with the parameter's own pattern, which may be anchored: for one parameter, with nothing behind it. */
const ownPattern = (provider: Provider): AudienceTest | undefined => {
  const [first, second, ...rest] = provider.audience;
  const prefix = typeof first === "string" ? first : "";
  const parts = typeof first === "string" ? [second, ...rest] : [first, second, ...rest];
  const [parameter, ...others] = settableIn(provider);
  const isLast = parts.filter((part) => part !== undefined).length === 1;
  if (parameter?.patternText === undefined || others.length > 0 || !isLast) return undefined;
  const length = [...prefix].length;
  const value = length === 0 ? "a" : `a.substring(${length})`;
  const expression = matches(value, parameter.patternText);
  return {
    expression: length === 0 ? expression : `a.startsWith(${text(prefix)}) && ${expression}`,
    cost: 230 + matchCost(parameter.patternText.length),
  };
};

/** Providers whose audience a ServiceAccount sets, as any one may set it. */
export interface TemplateTests {
  /** With any text for what a ServiceAccount sets. */
  readonly wide: readonly AudienceTest[];
  /** With only what the parameters' patterns allow. */
  readonly narrow: readonly AudienceTest[];
}

/** See {@link TemplateTests}. */
export const templateTests = ({ providers }: Settings, namespaces: Namespaces): TemplateTests => {
  const wide: AudienceTest[] = [];
  const narrow: AudienceTest[] = [];
  for (const provider of providers.values()) {
    const any = settableIn(provider).length === 0 ? undefined : anyText(provider);
    if (any === undefined) continue;
    const within = ({ expression, cost }: AudienceTest): AudienceTest => ({
      expression: inNamespaces(namespaces, provider, `(${expression})`),
      cost: cost + 5,
    });
    wide.push(within(any));
    narrow.push(within(ownPattern(provider) ?? any));
  }
  return { wide, narrow };
};
