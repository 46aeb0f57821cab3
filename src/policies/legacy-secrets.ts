/** The policy `legacy-secrets`: no Secret gets a token that has no end and no audience. */
import { annotation, shown, text } from "./cel.ts";
import type { PolicyInput } from "./installation.ts";
import type { Drafted } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";

const TYPE = "kubernetes.io/service-account-token";
const ACCOUNT = "kubernetes.io/service-account.name";

/** Drafts it, unless the configuration leaves it off. A Secret's type never changes, but whose token it has does. */
export const legacySecretsPolicy = ({ settings }: PolicyInput): Drafted => {
  const action = settings.policy.legacySecrets;
  if (action === "Off") return undefined;
  const account = annotation("object", ACCOUNT);
  return {
    kind: "validating",
    name: "legacy-secrets",
    reason: "Nobody makes a ServiceAccount token that has no end and no audience.",
    spec: {
      matchConstraints: constraints(settings, ["CREATE", "UPDATE"], ["secrets"]),
      matchConditions: [
        { name: "has-legacy-token", expression: `object.?type.orValue('') == ${text(TYPE)}` },
        // Else the token controller could not write the token of a Secret that is there already.
        {
          name: "new-or-another-account",
          expression: `oldObject == null || ${account} != ${annotation("oldObject", ACCOUNT)}`,
        },
        ...scopeConditions(settings),
      ],
      variables: [{ name: "account", expression: account }],
      validations: [
        {
          expression: "false",
          messageExpression: `'Secret ' + request.namespace + '/' + object.metadata.name + ': type is ${TYPE}, for ServiceAccount ' + ${shown("variables.account", 63)} + ': its token has no end and no audience; allowed: a projected token in a pod, or kubectl create token (policy.tokens.legacySecrets)'`,
        },
      ],
    },
    action,
  };
};
