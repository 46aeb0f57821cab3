/** The policy `lifetimes`: no pod has a token that lives shorter or longer than the platform allows. */
import { ABOUT_POD } from "./account.ts";
import { shown } from "./cel.ts";
import type { PolicyInput } from "./installation.ts";
import type { Drafted, NamedExpression } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";
import { BOUNDED, boundsIn, HAS_PROJECTED, IS_API_SERVERS_OWN, SECONDS, withinBounds } from "./tokens.ts";

/** Of the volumes only those with a token that `isBad`, an expression over the source `s`. */
const volumesWith = (isBad: string): NamedExpression => ({
  name: "bad",
  expression: withinBounds(`variables.projected.filter(v, v.projected.sources.exists(s, ${isBad}))`, "[]"),
});

/** Drafts it, where the configuration has bounds. Nothing clamps inside the API server: what would be, is refused. */
export const lifetimesPolicy = ({ settings }: PolicyInput): Drafted => {
  const bounds = settings.policy.lifetime;
  if (bounds === undefined) return undefined;
  const { min, max, violation } = bounds;
  const action = violation === "Warn" ? "Warn" : "Deny";
  const isBad = `has(s.serviceAccountToken) && (${SECONDS} < ${min} || ${SECONDS} > ${max}) && !(${IS_API_SERVERS_OWN})`;
  const first = `variables.bad[0].projected.sources.filter(s, ${isBad})[0]`;
  const at = `', volume "' + variables.bad[0].name + '", path ' + ${shown("variables.first.path", 63)}`;
  const seconds = "string(variables.first.?expirationSeconds.orValue(3600))";
  return {
    kind: "validating",
    name: "lifetimes",
    reason: "A token does not live shorter or longer than policy.tokens.expirationSeconds allows.",
    spec: {
      matchConstraints: constraints(settings, ["CREATE"], ["pods"]),
      matchConditions: [HAS_PROJECTED, ...scopeConditions(settings)],
      variables: [...BOUNDED, volumesWith(isBad), { name: "first", expression: `${first}.serviceAccountToken` }],
      validations: [
        ...boundsIn(action),
        {
          expression: "variables.bad.size() == 0",
          messageExpression: `${ABOUT_POD} + ${at} + ': serviceAccountToken.expirationSeconds is ' + ${seconds} + '; allowed: ${min} to ${max} (policy.tokens.expirationSeconds)'`,
        },
      ],
    },
    action,
  };
};
