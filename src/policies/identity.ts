/** The policy `identity`: a pod whose ServiceAccount is federated carries what it says, or is refused. */
import type { Settings } from "../configuration/settings.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import {
  ABOUT_POD,
  ACCOUNT_KIND,
  accountSelector,
  audienceOf,
  federatedNames,
  isFederated,
  OWN_ACCOUNT,
} from "./account.ts";
import { all, annotation, any, shown, text } from "./cel.ts";
import { claimVariables, withImplied } from "./implied.ts";
import type { PolicyInput } from "./installation.ts";
import type { NamedExpression, PolicyDraft, ValidatingSpec } from "./objects.ts";
import { isResolved, isWithinBounds } from "./resolved.ts";
import { constraints, scopeConditions } from "./scope.ts";
import { BOUNDED, KEEPS_BOUNDS, someToken, withinBounds } from "./tokens.ts";

const { max: MAX_PROVIDERS } = ACCOUNT_LIMITS["too-many-providers"];

/** Is the pod one that nobody decides over: a mirror pod, or one that opted out? */
const outsiders = ({ annotationPrefix }: Settings) => [
  {
    name: "not-a-mirror-pod",
    expression: "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))",
  },
  { name: "not-opted-out", expression: `${annotation("object", `${annotationPrefix}/inject`)} != 'false'` },
];

/**
 * For each provider a variable: has the pod the token of the identity that `params` has there? Of its own, since one
 * expression may have 100,000 characters; evaluated only for the providers in the mark.
 */
const proofsOf = (settings: Settings): readonly (NamedExpression & { readonly provider: string })[] =>
  [...settings.providers.values()].map((provider, index) => ({
    provider: provider.name,
    name: `proven${index}`,
    expression: all([
      isResolved(settings, provider),
      `[${audienceOf(settings, provider)}].exists(a, ${someToken("s.serviceAccountToken.?audience.orValue('') == a")})`,
    ]),
  }));

const specification = (settings: Settings): ValidatingSpec => {
  const markKey = `${settings.annotationPrefix}/injected`;
  const account = `'; ServiceAccount ' + ${shown("params.metadata.name", 63)} + ' is federated'`;
  const proofs = proofsOf(settings);
  const proven = any(proofs.map(({ name, provider }) => `p == ${text(provider)} && variables.${name}`));
  const help = "'; is Podpass running? podpass check says more'";
  return {
    paramKind: ACCOUNT_KIND,
    matchConstraints: constraints(settings, ["CREATE"], ["pods"]),
    matchConditions: [
      OWN_ACCOUNT,
      ...scopeConditions(settings),
      { name: "federated", expression: isFederated({ account: "params", hasPod: true }, settings) },
      ...outsiders(settings),
    ],
    variables: [
      ...BOUNDED,
      ...claimVariables(settings, federatedNames("params", settings), true),
      { name: "wanted", expression: withImplied(settings, federatedNames("params", settings)) },
      // One more than any pod has: with more it is nothing that Podpass wrote.
      { name: "mark", expression: `${annotation("object", markKey)}.findAll('[^,]+', ${MAX_PROVIDERS + 1})` },
      { name: "bounded", expression: isWithinBounds(settings, "variables.wanted") },
      ...proofs.map(({ name, expression }) => ({ name, expression })),
      {
        name: "unproven",
        expression: withinBounds(
          `variables.mark.filter(p, variables.mark.size() > ${MAX_PROVIDERS} || !(p in variables.wanted && variables.bounded && (${proven})))`,
          "[]",
        ),
      },
    ],
    validations: [
      {
        expression: `${text(markKey)} in object.metadata.?annotations.orValue({})`,
        messageExpression: `${ABOUT_POD} + ${account} + ', but the pod does not carry ${markKey}: nothing has decided on it' + ${help}`,
      },
      { ...KEEPS_BOUNDS, expression: `variables.mark.size() == 0 || ${KEEPS_BOUNDS.expression}` },
      {
        expression: "variables.unproven.size() == 0",
        messageExpression: `${ABOUT_POD} + ${account} + ', but the pod has no token for ' + ${shown("variables.unproven[0]", 40)} + ', which ${markKey} names' + ${help}`,
      },
    ],
  };
};

/** Drafts it. */
export const identityPolicy = (input: PolicyInput): PolicyDraft => ({
  kind: "validating",
  name: "identity",
  reason: "A pod of a federated ServiceAccount does not start without its identity while the webhook is down.",
  accounts: accountSelector(input),
  spec: specification(input.settings),
  action: "Deny",
});
