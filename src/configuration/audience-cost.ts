/** Can the API server judge audiences by this configuration, whatever pod comes? */

import { INI_BAD } from "../providers/ini.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { CEL_LIMITS, MAX_EXPRESSION, MAX_PATTERN, matchCost, patternsCost, regexLength, WORST } from "./cel-cost.ts";
import type { ConfigurationProblem } from "./problem.ts";
import type { Parameter, Policy, Provider } from "./settings.ts";

/** What a configuration says about audiences. */
export interface AudienceRules {
  readonly policy: Pick<Policy, "audiences" | "exemptNamespaces">;
  readonly providers: ReadonlyMap<string, Provider>;
}

/** The parameters in a provider's audience that a ServiceAccount may set, as often as they stand there. */
export const settableIn = ({ audience, parameters }: Provider): readonly Parameter[] =>
  audience.flatMap((part) => {
    const parameter = typeof part !== "string" && part.kind === "parameter" ? parameters.get(part.name) : undefined;
    return parameter?.settable ? [parameter] : [];
  });

/** Units beside audiences and accounts: volumes and sources up to their bounds are counted and looked through. */
const BOUNDS_COST = 900_000;

/** Units beside patterns for the annotations of one ServiceAccount, which are 256 KiB at most. */
const ACCOUNT_COST = 600_000;

/** Characters of the audience as a regular expression, with any text for what a ServiceAccount may set. */
const templateLength = ({ audience, parameters }: Provider): number =>
  audience.reduce((length, part) => {
    if (typeof part === "string") return length + regexLength(part);
    const parameter = part.kind === "parameter" ? parameters.get(part.name) : undefined;
    return length + (parameter?.settable ? 2 : regexLength(parameter?.platformValue ?? ""));
  }, 0);

const sum = (costs: readonly number[]): number => costs.reduce((total, cost) => total + cost, 0);

/** Units for finding out what `provider`'s audience is for a ServiceAccount. */
export const accountCost = ({ parameters }: Provider): number =>
  [...parameters.values()].reduce((cost, { patternText, settable, maxLength, isInIni }) => {
    if (!settable) return cost + 10;
    const lengths = [
      8,
      ...(patternText === undefined ? [] : [patternText.length]),
      ...(isInIni ? [INI_BAD.length] : []),
    ];
    return cost + 500 + sum(lengths.map((length) => matchCost(length, Math.max(maxLength, WORST.characters))));
  }, 3000);

/** Units for what federates a ServiceAccount beside our annotation: each key is read a few times, each pattern matched. */
const impliedCost = (providers: readonly Provider[]): number =>
  sum(
    providers.map(({ native, defaults }) => {
      const patterns = defaults.flatMap(({ namespaces }) => namespaces.map(regexLength));
      return 2000 * native.length + 300 * defaults.length + 6 * sum(patterns.map((length) => matchCost(length, 63)));
    }),
  );

/**
 * Units for all expressions of a policy about audiences, where each token is judged for `perToken` units beside what is
 * the same for all configurations. The API server evaluates everything twice: for its verdict, and for its message.
 */
export const audiencePolicyCost = ({ policy, providers }: AudienceRules, perToken = 0): number => {
  const allow = policy.audiences?.allow ?? [];
  const templated = [...providers.values()].filter((provider) => settableIn(provider).length > 0);
  const wildcards = allow.filter((pattern) => pattern.includes("*")).map(regexLength);
  const templates = templated.map(templateLength);
  const nativeCount = sum([...providers.values()].map(({ native }) => native.length));
  const audiences = allow.length + providers.size + nativeCount + patternsCost([...wildcards, ...templates]) + perToken;
  // Only for providers that the ServiceAccount names.
  const costs = templated.map(accountCost).sort((one, other) => other - one);
  const accounts =
    ACCOUNT_COST + impliedCost([...providers.values()]) + sum(costs.slice(0, ACCOUNT_LIMITS["too-many-providers"].max));
  return 2 * (BOUNDS_COST + WORST.tokens * audiences + accounts);
};

const number = (count: number): string => count.toLocaleString("en-US");

const checkLists = ({ policy, providers }: AudienceRules): readonly ConfigurationProblem[] => {
  const lists = [
    { path: ["policy", "exemptNamespaces"], patterns: policy.exemptNamespaces },
    ...[...providers.values()].map(({ name, allowedNamespaces }) => ({
      path: ["providers", name, "allowedNamespaces"],
      patterns: allowedNamespaces ?? [],
    })),
  ];
  return lists.flatMap(({ path, patterns }) => {
    const length = sum(patterns.map((pattern) => regexLength(pattern) + 4));
    if (length <= MAX_EXPRESSION) return [];
    const message = `its namespaces are ${number(length)} characters of an expression inside the API server; allowed: ${number(MAX_EXPRESSION)}`;
    return [{ path, message }];
  });
};

const checkPatterns = ({ policy, providers }: AudienceRules): readonly ConfigurationProblem[] => {
  const allow = (policy.audiences?.allow ?? []).map((pattern, index) => ({
    path: ["policy", "tokens", "audiences", "allow", index],
    length: pattern.includes("*") ? regexLength(pattern) : 0,
  }));
  const templates = [...providers.values()].map((provider) => ({
    path: ["providers", provider.name, "token", "audience"],
    length: settableIn(provider).length === 0 ? 0 : templateLength(provider),
  }));
  return [...allow, ...templates].flatMap(({ path, length }) => {
    if (length <= MAX_PATTERN) return [];
    const message = `is ${length} characters long as a regular expression, too long to be matched inside the API server with ${WORST.tokens} tokens; allowed: ${MAX_PATTERN}`;
    return [{ path, message }];
  });
};

/** Has it a parameter whose values are longer than usual? */
const hasLongValues = ({ parameters }: Provider): boolean =>
  [...parameters.values()].some(({ maxLength }) => maxLength > WORST.characters);

const checkAccounts = (providers: readonly Provider[]): readonly ConfigurationProblem[] =>
  providers.flatMap((provider) => {
    const cost = accountCost(provider);
    const max = CEL_LIMITS.expression * 0.9;
    if (cost <= max) return [];
    const message = `the patterns of its parameters cost ${number(cost)} units inside the API server; allowed: ${number(max)}, with fewer or shorter ones`;
    return [{ path: ["providers", provider.name, "parameters"], message }];
  });

/** Characters that all audiences may have together; etcd stores 1.5 MiB, in which an emoji is written with ten. */
const MAX_TEXT = 100_000;

const checkText = ({ policy, providers }: AudienceRules): readonly ConfigurationProblem[] => {
  const length = sum([
    ...(policy.audiences?.allow ?? []).map((pattern) => pattern.length),
    ...[...providers.values()].map(templateLength),
  ]);
  if (length <= MAX_TEXT) return [];
  const message = `allows audiences of ${number(length)} characters, those of providers too, more than a policy inside the API server can have; allowed: ${number(MAX_TEXT)}, with wildcards if need be`;
  return [{ path: ["policy", "tokens", "audiences"], message }];
};

const checkTotal = (rules: AudienceRules): readonly ConfigurationProblem[] => {
  const cost = audiencePolicyCost(rules);
  if (cost <= CEL_LIMITS.policy) return [];
  const message = `costs up to ${number(cost)} units inside the API server, for a pod with ${WORST.tokens} tokens of ${number(WORST.characters)} characters; allowed: ${number(CEL_LIMITS.policy)}, with fewer or shorter wildcards, or fewer providers whose audience a ServiceAccount sets`;
  return [{ path: ["policy", "tokens", "audiences"], message }];
};

/** Everything that the API server could not evaluate. */
export const checkAudienceCost = (rules: AudienceRules): readonly ConfigurationProblem[] => {
  const providers = [...rules.providers.values()];
  const lists = [...checkLists(rules), ...checkAccounts(providers.filter(hasLongValues))];
  if (rules.policy.audiences === undefined) return lists;
  const templated = providers.filter((provider) => settableIn(provider).length > 0 && !hasLongValues(provider));
  const parts = [...checkPatterns(rules), ...checkAccounts(templated), ...checkText(rules)];
  return [...lists, ...parts, ...(parts.length > 0 ? [] : checkTotal(rules))];
};
