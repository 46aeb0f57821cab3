/**
 * The policies about TokenRequests: what `policy.tokens` says of pods holds for tokens that are asked for at the API server
 * too. Nodes ask for those of their pods, which were judged before; they go on while the rules change.
 */

import { beyond, POD_LIMITS } from "../reasons/limits.ts";
import { ACCOUNT_KIND, accountSelector } from "./account.ts";
import { hasOwnAudiences, type JudgedAudiences, judgedForAny, judgedForOwn } from "./audience-steps.ts";
import { literalTests } from "./audience-tests.ts";
import { shown, text } from "./cel.ts";
import type { PolicyInput } from "./installation.ts";
import type { PolicyName } from "./names.ts";
import type { Drafted, NamedExpression, PolicyDraft, ValidatingSpec, Validation } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";

const NOT_A_NODE: NamedExpression = {
  name: "not-a-node",
  expression: "!('system:nodes' in request.userInfo.?groups.orValue([]))",
};

const OWN_ACCOUNT: NamedExpression = { name: "own-account", expression: "params.metadata.name == request.name" };

const ABOUT = `'TokenRequest for ServiceAccount ' + request.namespace + '/' + request.name + ' by ' + ${shown("request.userInfo.username")}`;

const SECONDS = "object.spec.?expirationSeconds.orValue(3600)";

/** The audiences; the API server has put its own in the place of none before. */
const AUDIENCES = "object.spec.?audiences.orValue([])";

const { max: MAX_AUDIENCES } = POD_LIMITS["too-many-tokens"];
const { max: MAX_LENGTH } = POD_LIMITS["audience-too-long"];

const BREACH: NamedExpression = {
  name: "breach",
  expression: `${AUDIENCES}.size() > ${MAX_AUDIENCES} ? ${text(beyond({ max: MAX_AUDIENCES, unit: "audiences", why: "" }))} : ${AUDIENCES}.exists(a, a.size() > ${MAX_LENGTH}) ? ${text(beyond(POD_LIMITS["audience-too-long"]))} : ''`,
};

const ASKED: NamedExpression = {
  name: "asked",
  expression: `variables.breach == '' && ${AUDIENCES}.size() > 0 ? [${AUDIENCES}] : []`,
};

const lifetimeValidations = ({ settings }: PolicyInput): readonly Validation[] => {
  const bounds = settings.policy.lifetime;
  if (bounds === undefined) return [];
  const { min, max } = bounds;
  return [
    {
      expression: `${SECONDS} >= ${min} && ${SECONDS} <= ${max}`,
      messageExpression: `${ABOUT} + ': spec.expirationSeconds is ' + string(${SECONDS}) + '; allowed: ${min} to ${max} (policy.tokens.expirationSeconds)'`,
    },
  ];
};

const audienceValidations = ({ refused, allowed }: JudgedAudiences): readonly Validation[] => [
  { expression: "variables.breach == ''", messageExpression: `${ABOUT} + ': spec.audiences has ' + variables.breach` },
  {
    expression: `${refused}.size() == 0`,
    messageExpression: `${ABOUT} + ': an audience is ' + ${shown("variables.audience")} + '; allowed: the API server\\'s own' + ${allowed} + ' (policy.tokens.audiences)'`,
  },
];

const specification = (
  { settings }: PolicyInput,
  judged: JudgedAudiences | undefined,
  validations: readonly Validation[],
): Omit<ValidatingSpec, "paramKind"> => ({
  matchConstraints: constraints(settings, ["CREATE"], ["serviceaccounts/token"]),
  matchConditions: [NOT_A_NODE, ...scopeConditions(settings)],
  variables:
    judged === undefined
      ? []
      : [BREACH, ...judged.variables, { name: "audience", expression: `${judged.refused}[0][0]` }],
  validations: [...validations, ...(judged === undefined ? [] : audienceValidations(judged))],
});

/** The API server's own audiences, where TokenRequests can be judged by audience: nothing else tells the omitted one. */
const ownTests = ({ settings: { policy } }: PolicyInput) =>
  policy.audiences === undefined || policy.apiServerAudiences === undefined
    ? undefined
    : literalTests(policy.apiServerAudiences);

const drafted = (
  name: PolicyName,
  action: "Deny" | "Warn",
  spec: ValidatingSpec,
): PolicyDraft & { kind: "validating" } => ({
  kind: "validating",
  name,
  reason: "Nobody but a node gets a token from the API server that no pod could have.",
  spec,
  action,
});

/** Drafts the one that holds for every TokenRequest, where the configuration asks for it and has bounds. */
export const tokenRequestsPolicy = (input: PolicyInput): Drafted => {
  const { settings } = input;
  const action = settings.policy.tokenRequests;
  if (action === "Off") return undefined;
  const own = ownTests(input);
  const validations = lifetimeValidations(input);
  if (own === undefined && validations.length === 0) return undefined;
  const judged = own && judgedForAny(settings, ASKED, own);
  return drafted("token-requests", action, specification(input, judged, validations));
};

/** Drafts the one that knows the ServiceAccount, where that makes a difference. */
export const ownTokenRequestsPolicy = (input: PolicyInput): Drafted => {
  const { settings } = input;
  const action = settings.policy.tokenRequests;
  const own = ownTests(input);
  if (action === "Off" || own === undefined || !hasOwnAudiences(settings)) return undefined;
  const spec = specification(input, judgedForOwn(settings, ASKED, own), []);
  const matchConditions = [OWN_ACCOUNT, ...spec.matchConditions];
  return {
    ...drafted("own-token-requests", action, { ...spec, paramKind: ACCOUNT_KIND, matchConditions }),
    accounts: accountSelector(input),
  };
};

/** Says where TokenRequests are not judged by audience, though tokens of pods are. */
export const unjudgedTokenRequests = (input: PolicyInput): Drafted => {
  const { policy } = input.settings;
  if (policy.tokenRequests === "Off" || policy.audiences === undefined || ownTests(input) !== undefined)
    return undefined;
  return {
    policy: "token-requests",
    text: "audiences of TokenRequests are not judged: a policy cannot tell the omitted one, which the API server has replaced with its own; name those in policy.tokens.apiServerAudiences",
  };
};
