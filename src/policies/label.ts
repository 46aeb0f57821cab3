/** The policy `label`: a ServiceAccount that is federated carries a label, by which others are given only such accounts. */
import { step } from "../injection/patch.ts";
import { mayBeFederated } from "./account.ts";
import { text } from "./cel.ts";
import { federatedLabel, MUTATING_SINCE, type PolicyInput } from "./installation.ts";
import type { Drafted } from "./objects.ts";

/**
 * Drafts it. It holds in every namespace, also in those that are exempt, so that a label means the same everywhere; and
 * it fails closed, since a pod of a federated account without the label would pass for one that is not.
 */
export const labelPolicy = ({ settings, installation }: PolicyInput): Drafted => {
  if (installation.minor < MUTATING_SINCE)
    return {
      policy: "label",
      text: `MutatingAdmissionPolicy is in Kubernetes from 1.${MUTATING_SINCE} on; nothing labels ServiceAccounts that are federated`,
    };
  const label = federatedLabel(settings);
  const path = text(`/metadata/labels/${step(label)}`);
  // Whatever pods say: the label is for every account that any of them may be federated by. Of two configurations either
  // counts, since policies look at no account without the label: it only has them look.
  const federated = mayBeFederated("object", settings);
  const labels = "(has(object.metadata.labels) ? [] : [JSONPatch{op: 'add', path: '/metadata/labels', value: {}}])";
  return {
    kind: "mutating",
    name: "label",
    reason: "ServiceAccounts that are federated carry a label, so that policies need not look at all others.",
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["serviceaccounts"] },
        ],
      },
      matchConditions: [
        {
          name: "label-differs",
          expression: `(object.metadata.?labels[?${text(label)}].orValue('') == 'true') != ${federated}`,
        },
      ],
      variables: [],
      patch: `${federated} ? ${labels} + [JSONPatch{op: 'add', path: ${path}, value: 'true'}] : [JSONPatch{op: 'remove', path: ${path}}]`,
    },
  };
};
