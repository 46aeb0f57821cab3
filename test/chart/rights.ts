/** What Podpass' ServiceAccount may do with the roles of the chart, and what it may not. */

/** A request as a SubjectAccessReview names it. */
export interface Right {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

const each = (verbs: string, rest: Omit<Right, "verb">): readonly Right[] =>
  verbs.split(" ").map((verb) => ({ verb, ...rest }));

const namespace = "podpass-system";
const accounts = { resource: "serviceaccounts" };
const secrets = { resource: "secrets" };
const ownSecret = { ...secrets, namespace, name: "podpass-ca" };
const webhooks = { group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations" };
const ownWebhook = { ...webhooks, name: "podpass" };
const validating = { ...webhooks, resource: "validatingwebhookconfigurations" };
const roles = { group: "rbac.authorization.k8s.io", resource: "clusterroles" };

const policyResources = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];

/** All that it needs. */
export const needed: readonly Right[] = [
  ...each("get list watch", accounts),
  ...each("get create patch", ownSecret),
  ...each("get patch", ownWebhook),
  ...each("get patch", { ...validating, name: "podpass" }),
  ...policyResources.flatMap((resource) => each("get", { group: webhooks.group, resource })),
];

/** What would open more than that. */
export const excessive: readonly Right[] = [
  ...each("create update patch delete impersonate", { ...accounts, namespace }),
  ...each("create", { ...accounts, namespace, subresource: "token" }),
  ...each("get list watch create update patch delete", { ...secrets, namespace }),
  ...each("list watch update delete", ownSecret),
  ...each("get create patch", { ...ownSecret, namespace: "default" }),
  ...each("get patch", { ...webhooks, name: "another" }),
  ...each("get patch", { ...validating, name: "another" }),
  ...each("list watch create patch delete", webhooks),
  ...each("create update delete", ownWebhook),
  ...each("get patch", { ...webhooks, resource: "validatingwebhookconfigurations" }),
  ...["pods", "configmaps", "namespaces", "nodes", "events"].flatMap((resource) =>
    each("get list create", { resource, namespace }),
  ),
  ...each("create", { group: "coordination.k8s.io", resource: "leases", namespace }),
  ...policyResources.flatMap((resource) => each("create update patch delete", { group: webhooks.group, resource })),
  ...each("bind escalate", roles),
  ...each("*", { group: "*", resource: "*" }),
];
