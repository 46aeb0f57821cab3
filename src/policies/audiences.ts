/**
 * The policies about audiences. `audiences` holds for every pod, also of a ServiceAccount that the API server does not know
 * yet: where a ServiceAccount sets a provider's audience, any one may be meant. `own-audiences` narrows that to the pod's
 * own, once it is known.
 */
import { ABOUT_POD, ACCOUNT_KIND, accountSelector, OWN_ACCOUNT } from "./account.ts";
import { hasOwnAudiences, isNarrow, type JudgedAudiences, judgedForAny, judgedForOwn } from "./audience-steps.ts";
import { shown } from "./cel.ts";
import type { PolicyInput } from "./installation.ts";
import type { Drafted, NamedExpression, ValidatingSpec } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";
import { AUDIENCE, BOUNDED, boundsIn, HAS_PROJECTED, withinBounds } from "./tokens.ts";

/** The audiences that the pod asks for, by volume. The omitted one, which is the API server's own, is always allowed. */
const ASKED: NamedExpression = {
  name: "asked",
  expression: withinBounds(
    `variables.projected.map(v, v.projected.sources.filter(s, has(s.serviceAccountToken) && ${AUDIENCE} != '').map(s, s.serviceAccountToken.audience)).filter(l, l.size() > 0)`,
    "[]",
  ),
};

const HAS_IT = `has(s.serviceAccountToken) && ${AUDIENCE} == variables.audience`;

const specification = (
  { settings }: PolicyInput,
  { variables, refused, allowed }: JudgedAudiences,
  action: "Deny" | "Warn",
): Omit<ValidatingSpec, "paramKind"> => {
  const at = `', volume "' + variables.volume.name + '", path ' + ${shown("variables.first.path", 63)}`;
  return {
    matchConstraints: constraints(settings, ["CREATE"], ["pods"]),
    matchConditions: [HAS_PROJECTED, ...scopeConditions(settings)],
    variables: [
      ...BOUNDED,
      ...variables,
      { name: "audience", expression: `${refused}[0][0]` },
      { name: "volume", expression: `variables.projected.filter(v, v.projected.sources.exists(s, ${HAS_IT}))[0]` },
      {
        name: "first",
        expression: `variables.volume.projected.sources.filter(s, ${HAS_IT})[0].serviceAccountToken`,
      },
    ],
    validations: [
      ...boundsIn(action),
      {
        expression: `${refused}.size() == 0`,
        messageExpression: `${ABOUT_POD} + ${at} + ': serviceAccountToken.audience is ' + ${shown("variables.audience")} + '; allowed: the API server\\'s own' + ${allowed} + ' (policy.tokens.audiences)'`,
      },
    ],
  };
};

/** Drafts the one that holds for every pod, where the configuration has a list. */
export const audiencesPolicy = (input: PolicyInput): Drafted => {
  const rule = input.settings.policy.audiences;
  if (rule === undefined) return undefined;
  return {
    kind: "validating",
    name: "audiences",
    reason: "A token is for nobody but whom policy.tokens.audiences and the providers allow.",
    spec: specification(input, judgedForAny(input.settings, ASKED), rule.violation),
    action: rule.violation,
  };
};

/** Drafts the one that knows the pod's ServiceAccount, where that makes a difference. */
export const ownAudiencesPolicy = (input: PolicyInput): Drafted => {
  const { settings } = input;
  const rule = settings.policy.audiences;
  if (rule === undefined || !hasOwnAudiences(settings)) return undefined;
  const spec = specification(input, judgedForOwn(settings, ASKED), rule.violation);
  return {
    kind: "validating",
    name: "own-audiences",
    reason: "Where a ServiceAccount sets a provider's audience, its pods have tokens for no other.",
    accounts: accountSelector(input),
    // Conditions are evaluated for every ServiceAccount of the namespace: none that goes through the pod's volumes.
    spec: { ...spec, paramKind: ACCOUNT_KIND, matchConditions: [OWN_ACCOUNT, ...scopeConditions(settings)] },
    action: rule.violation,
  };
};

/** Says where `audiences` lets more pass than the parameters' patterns would, for pods whose account is not known yet. */
export const wideAudiences = ({ settings }: PolicyInput): Drafted =>
  settings.policy.audiences === undefined || !hasOwnAudiences(settings) || isNarrow(settings)
    ? undefined
    : {
        policy: "audiences",
        text: "the patterns of parameters in audiences cost too much to be matched with every token: of a ServiceAccount that the API server does not know yet, any text is allowed in their place",
      };

/** Says what label mode loses: a ServiceAccount without the label is none that `own-audiences` is given. */
export const unlabelledAudiences = ({ settings, installation }: PolicyInput): Drafted =>
  settings.policy.audiences === undefined || !hasOwnAudiences(settings) || installation.mode === "exact"
    ? undefined
    : {
        policy: "own-audiences",
        text: "in label mode only federated ServiceAccounts are held to audiences of their own: a pod of another one, or a TokenRequest for it, may have any that the providers' parameters allow; policies.mode exact refuses it",
      };
