/** What Podpass' ServiceAccount has to be allowed, and what it should not be. */

const ADMISSION = "admissionregistration.k8s.io";

/** One right, as RBAC knows it. */
export interface Permission {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  /** With its subresource: `serviceaccounts/token`. */
  readonly resource: string;
  /** Undefined: in all namespaces, or without one. */
  readonly namespace?: string;
  /** Undefined: whatever the name. */
  readonly name?: string;
}

/** A right as people write it: `get secrets podpass-ca in podpass-system`. */
export const showPermission = ({ verb, group, resource, namespace, name }: Permission): string => {
  const what = group === "" ? resource : `${resource}.${group}`;
  return `${verb} ${what}${name === undefined ? "" : ` ${name}`}${namespace === undefined ? "" : ` in ${namespace}`}`;
};

/** What an installation's rights depend on. */
export interface RightsOf {
  readonly namespace: string;
  /** The MutatingWebhookConfigurations whose `caBundle` it keeps. */
  readonly webhookConfigurations: readonly string[];
  /** The ValidatingWebhookConfigurations, likewise. */
  readonly validatingConfigurations: readonly string[];
  /** The kinds of admission policies that are read. */
  readonly policyResources: readonly string[];
  /** The Secret with the CA; undefined where certificates come from files. */
  readonly caSecret: string | undefined;
}

/** One of the rights in each row is needed. */
export const neededRights = ({
  namespace,
  webhookConfigurations,
  validatingConfigurations,
  policyResources,
  caSecret,
}: RightsOf): readonly (readonly Permission[])[] => {
  const always = [
    ...["get", "list", "watch"].map((verb) => [{ verb, group: "", resource: "serviceaccounts" }]),
    ...policyResources.map((resource) => [{ verb: "get", group: ADMISSION, resource }]),
  ];
  if (caSecret === undefined) return always;
  const secret = { group: "", resource: "secrets", namespace, name: caSecret };
  const either = (of: Omit<Permission, "verb">): readonly Permission[] =>
    ["patch", "update"].map((verb) => ({ verb, ...of }));
  const webhooks = (resource: string, names: readonly string[]) =>
    names.flatMap((name) => {
      const webhook = { group: ADMISSION, resource, name };
      return [[{ verb: "get", ...webhook }], either(webhook)];
    });
  return [
    ...always,
    [{ verb: "get", ...secret }],
    either(secret),
    ...webhooks("mutatingwebhookconfigurations", webhookConfigurations),
    ...webhooks("validatingwebhookconfigurations", validatingConfigurations),
  ];
};

/** A right that Podpass never needs, and what it would open to whoever takes over its process. */
export interface ExcessRight {
  readonly permission: Permission;
  readonly opens: string;
  /** What it is about is in namespaces, so that a RoleBinding may give it in one of them. */
  readonly isNamespaced?: true;
}

const RBAC = "rbac.authorization.k8s.io";
/** No installation has an object of this name. */
const OTHER = "podpass-check-another-object";

const namespaced = (verb: string, resource: string, opens: string): ExcessRight => ({
  permission: { verb, group: "", resource },
  opens,
  isNamespaced: true,
});

const admission = (verb: string, resource: string, opens: string): ExcessRight => ({
  permission: { verb, group: ADMISSION, resource },
  opens,
});

/**
 * What a webhook must not be allowed. The first row stands for all the others where it holds. Secrets are asked about without
 * a name: the right to one of them alone is none to all.
 */
export const EXCESS_RIGHTS: readonly ExcessRight[] = [
  { permission: { verb: "*", group: "*", resource: "*" }, opens: "everything", isNamespaced: true },
  namespaced("list", "secrets", "every Secret"),
  namespaced("get", "secrets", "any Secret by its name"),
  namespaced("create", "pods", "code on the nodes, as any ServiceAccount"),
  namespaced("create", "pods/exec", "code in every container"),
  namespaced("create", "serviceaccounts/token", "a token of any ServiceAccount"),
  namespaced("patch", "serviceaccounts", "the annotations that give identities"),
  { permission: { verb: "impersonate", group: "", resource: "users" }, opens: "the rights of any user" },
  { permission: { verb: "escalate", group: RBAC, resource: "clusterroles" }, opens: "any right, by changing a role" },
  {
    permission: { verb: "create", group: RBAC, resource: "clusterrolebindings" },
    opens: "its own rights, by a binding",
  },
  {
    permission: { verb: "patch", group: ADMISSION, resource: "mutatingwebhookconfigurations", name: OTHER },
    opens: "other webhooks, and through them every object",
  },
  admission("create", "mutatingwebhookconfigurations", "a webhook that changes any object"),
  admission("create", "mutatingadmissionpolicies", "a policy that changes any object"),
  admission("patch", "mutatingadmissionpolicies", "a policy that changes any object"),
  {
    permission: { verb: "patch", group: ADMISSION, resource: "validatingwebhookconfigurations", name: OTHER },
    opens: "other webhooks, and through them the sight of every object and what is refused",
  },
  admission("create", "validatingwebhookconfigurations", "a webhook that sees every object, and refuses what it likes"),
  admission("patch", "validatingadmissionpolicies", "what the API server refuses by itself"),
  admission("patch", "validatingadmissionpolicybindings", "what the API server refuses by itself"),
  admission("delete", "validatingadmissionpolicybindings", "what the API server refuses by itself"),
  { permission: { verb: "get", group: "", resource: "nodes/proxy" }, opens: "the kubelets, and all that runs on them" },
];

/** Where rights matter most beside the whole cluster: what runs there is nearest to Podpass, or to the cluster itself. */
export const excessNamespaces = ({ namespace }: Pick<RightsOf, "namespace">): readonly string[] => [
  ...new Set([namespace, "kube-system"]),
];

/** {@link EXCESS_RIGHTS} in all namespaces, and those of namespaces in {@link excessNamespaces} too. */
export const excessRights = (of: Pick<RightsOf, "namespace">): readonly ExcessRight[] => [
  ...EXCESS_RIGHTS,
  ...excessNamespaces(of).flatMap((namespace) =>
    EXCESS_RIGHTS.filter(({ isNamespaced }) => isNamespaced).map((right) => ({
      ...right,
      permission: { ...right.permission, namespace },
    })),
  ),
];

/** Does the one right come with the other, which is told of already? */
export const isPartOf = (one: ExcessRight, other: ExcessRight): boolean => {
  const [{ permission: part }, { permission: whole }] = [one, other];
  if (one === other || (whole.namespace !== undefined && whole.namespace !== part.namespace)) return false;
  const isSame = part.verb === whole.verb && part.group === whole.group && part.resource === whole.resource;
  return isSame || whole.verb === "*";
};

/** Each right that was asked about, by {@link showPermission}: is it there? */
export type Rights = ReadonlyMap<string, boolean>;

/** Every right that an installation is asked about. */
export const rightsToAsk = (of: RightsOf): readonly Permission[] => [
  ...neededRights(of).flat(),
  ...excessRights(of).map(({ permission }) => permission),
];
