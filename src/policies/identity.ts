/** The policy `identity`: a pod whose ServiceAccount is federated carries what it says, or is refused. */
import type { Settings } from "../configuration/settings.ts";
import {
  ABOUT_POD,
  ACCOUNT_KIND,
  accountSelector,
  audiences,
  federatedNames,
  isFederated,
  OWN_ACCOUNT,
} from "./account.ts";
import { annotation, shown, text } from "./cel.ts";
import type { PolicyInput } from "./installation.ts";
import type { PolicyDraft, ValidatingSpec } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";
import { PROJECTED, someToken } from "./tokens.ts";

/** Is the pod one that nobody decides over: a mirror pod, or one that opted out? */
const outsiders = ({ annotationPrefix }: Settings) => [
  {
    name: "not-a-mirror-pod",
    expression: "!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({}))",
  },
  { name: "not-opted-out", expression: `${annotation("object", `${annotationPrefix}/inject`)} != 'false'` },
];

const specification = (settings: Settings): ValidatingSpec => {
  const markKey = `${settings.annotationPrefix}/injected`;
  const account = `'; ServiceAccount ' + ${shown("params.metadata.name", 63)} + ' is federated'`;
  const help = "'; is Podpass running? podpass check says more'";
  return {
    paramKind: ACCOUNT_KIND,
    matchConstraints: constraints(settings, ["CREATE"], ["pods"]),
    matchConditions: [
      OWN_ACCOUNT,
      ...scopeConditions(settings),
      { name: "federated", expression: isFederated("params", settings) },
      ...outsiders(settings),
    ],
    variables: [
      PROJECTED,
      { name: "wanted", expression: federatedNames("params", settings) },
      { name: "mark", expression: `${annotation("object", markKey)}.split(',').filter(p, p != '')` },
      { name: "audience", expression: audiences(settings) },
      {
        name: "unproven",
        expression: `variables.mark.filter(p, !(p in variables.wanted) || !(p in variables.audience) || !variables.audience[p].exists(a, a != '' && ${someToken("s.serviceAccountToken.?audience.orValue('') == a")}))`,
      },
    ],
    validations: [
      {
        expression: `${text(markKey)} in object.metadata.?annotations.orValue({})`,
        messageExpression: `${ABOUT_POD} + ${account} + ', but the pod does not carry ${markKey}: nothing has decided on it' + ${help}`,
      },
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
