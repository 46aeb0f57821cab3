/** Two configurations as one, for the time in which webhooks decide by the one and by the other. */
import type { Bounds, Policy, Provider, Settings } from "../configuration/settings.ts";

const joinedLists = <Item>(one: readonly Item[], other: readonly Item[]): readonly Item[] => [
  ...new Set([...one, ...other]),
];

const hull = (one: Bounds, other: Bounds): Bounds => ({
  min: Math.min(one.min, other.min),
  max: Math.max(one.max, other.max),
});

const intersection = (one: Bounds, other: Bounds): Bounds => ({
  min: Math.max(one.min, other.min),
  max: Math.min(one.max, other.max),
});

/** The milder of two answers to a violation, of which `order` has the mildest first. */
const milder = <Answer extends string>(order: readonly Answer[], one: Answer, other: Answer): Answer =>
  order.indexOf(one) <= order.indexOf(other) ? one : other;

const lifetimeOf = ({ lifetime: one }: Policy, { lifetime: other }: Policy): Policy["lifetime"] =>
  one && other && { ...hull(one, other), violation: milder(["Warn", "Clamp", "Deny"], one.violation, other.violation) };

const audiencesOf = ({ audiences: one }: Policy, { audiences: other }: Policy): Policy["audiences"] =>
  one &&
  other && {
    allow: joinedLists(one.allow, other.allow),
    violation: milder(["Warn", "Deny"], one.violation, other.violation),
  };

const judgesTokens = ({ lifetime, audiences }: Policy): boolean => lifetime !== undefined || audiences !== undefined;

const ANSWERS = ["Off", "Warn", "Deny"] as const;

const policyOf = (one: Policy, other: Policy): Policy => ({
  enforcement: milder(["Warn", "Enforce"], one.enforcement, other.enforcement),
  exemptNamespaces: joinedLists(one.exemptNamespaces, other.exemptNamespaces),
  lifetime: lifetimeOf(one, other),
  audiences: audiencesOf(one, other),
  invalidServiceAccount: milder(["Warn", "Deny"], one.invalidServiceAccount, other.invalidServiceAccount),
  podOverrides: new Set([...one.podOverrides, ...other.podOverrides]),
  // Without the API server's own audiences, audiences of TokenRequests are not judged.
  apiServerAudiences:
    one.apiServerAudiences && other.apiServerAudiences && joinedLists(one.apiServerAudiences, other.apiServerAudiences),
  tokenRequests: milder(ANSWERS, one.tokenRequests, other.tokenRequests),
  legacySecrets: milder(ANSWERS, one.legacySecrets, other.legacySecrets),
});

/** All that a provider is, as a text to compare; a pattern is what was written. */
const described = (provider: Provider): string => {
  const parameters = [...provider.parameters.values()].map(({ pattern: _compiled, ...rest }) => rest);
  return JSON.stringify({ ...provider, parameters }, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
};

const isSame = (one: Provider, other: Provider | undefined): boolean =>
  other !== undefined && described(one) === described(other);

/** The providers of `earlier`, those that are the same in `later` as that has them. */
const sharedWith = (later: Settings, earlier: Settings): readonly Provider[] =>
  [...earlier.providers.values()].map((provider) => {
    const other = later.providers.get(provider.name);
    return other !== undefined && isSame(provider, other) ? other : provider;
  });

/**
 * Settings by which policies refuse only what they would refuse by both: audiences of both, the hull of lifetimes, exempt
 * namespaces of both, the milder answer. A provider that differs is there twice, under one `name`: the earlier form has a
 * key that no provider can have. Only for policies of one annotation prefix, and only for validating ones.
 */
export const unionOf = (earlier: Settings, later: Settings): Settings => {
  const before = [...earlier.providers.values()]
    .filter((provider) => !isSame(provider, later.providers.get(provider.name)))
    .map((provider) => [`${provider.name} (earlier)`, provider] as const);
  return {
    annotationPrefix: later.annotationPrefix,
    providers: new Map([...later.providers, ...before]),
    policy: policyOf(earlier.policy, later.policy),
    alternatives: [sharedWith(later, earlier), [...later.providers.values()]],
    areTokensJudged: judgesTokens(earlier.policy) && judgesTokens(later.policy),
    hasImplied: earlier.hasImplied || later.hasImplied,
    notices: [],
  };
};

/**
 * Settings by which policies change only what they would change in the same way by both: the providers that are the same,
 * within the bounds of both. What else a pod asks for is left to the webhook.
 */
export const commonOf = (earlier: Settings, later: Settings): Settings => {
  const one = earlier.policy.lifetime;
  const other = later.policy.lifetime;
  const lifetime = one && other ? { ...other, ...intersection(one, other) } : (other ?? one);
  return {
    annotationPrefix: later.annotationPrefix,
    providers: new Map(
      [...later.providers].filter(([name, provider]) => isSame(provider, earlier.providers.get(name))),
    ),
    policy: { ...policyOf(earlier.policy, later.policy), lifetime },
    others: [
      ...[...later.providers.values()].filter((provider) => !isSame(provider, earlier.providers.get(provider.name))),
      ...[...earlier.providers.values()].filter((provider) => !isSame(provider, later.providers.get(provider.name))),
    ],
    hasImplied: earlier.hasImplied || later.hasImplied,
    notices: [],
  };
};
