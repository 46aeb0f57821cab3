/**
 * The audiences that a ServiceAccount gives providers, in CEL. Where an identity cannot be resolved, which asks for more
 * than the parameters of the audience, the platform's is left; an annotation that sets another is not looked at.
 */
import { settableIn } from "../configuration/audience-cost.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { federatedNames, renderedAudience } from "./account.ts";
import { anyAudience, inNamespaces, type Namespaces, platformAudience } from "./audience-tests.ts";
import { text } from "./cel.ts";
import { claimVariables, withImplied } from "./implied.ts";
import type { NamedExpression } from "./objects.ts";
import { isResolved, isWithinBounds } from "./resolved.ts";

const accountVariables = (settings: Settings, hasPod: boolean): readonly NamedExpression[] => {
  const named = federatedNames("params", settings);
  return [
    ...claimVariables(settings, named, hasPod),
    { name: "names", expression: withImplied(settings, named) },
    { name: "bounded", expression: isWithinBounds(settings, "variables.names") },
  ];
};

const ownAudience = (settings: Settings, namespaces: Namespaces, provider: Provider): string => {
  const isNamed = `${text(provider.name)} in variables.names && variables.bounded`;
  const isOwn = `${isNamed} && (${isResolved(settings, provider)})`;
  const own = `${isOwn} ? ${renderedAudience(settings, provider)} : ${text(platformAudience(provider) ?? "")}`;
  const isAllowed = inNamespaces(namespaces, provider, "true");
  return isAllowed === "true" ? own : `${isAllowed} ? (${own}) : ''`;
};

/**
 * The list `own`, and what it is made of: the audience for `params` of each provider whose audience a ServiceAccount sets.
 * An empty text, which is nobody's audience, where there is none. `hasPod`: is `object` a pod?
 */
export const ownAudiences = (
  settings: Settings,
  namespaces: Namespaces,
  hasPod: boolean,
): readonly NamedExpression[] => {
  const own = [...settings.providers.values()]
    .filter((provider) => settableIn(provider).length > 0 && anyAudience(provider) !== undefined)
    .map((provider, index) => ({ name: `own${index}`, expression: ownAudience(settings, namespaces, provider) }));
  const list = own.map(({ name }) => `variables.${name}`);
  return [
    ...accountVariables(settings, hasPod),
    ...own,
    { name: "own", expression: `[${["''", ...list].join(", ")}]` },
  ];
};
