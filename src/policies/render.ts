/** From a configuration to all objects, in a stable order. */
import type { Settings } from "../configuration/settings.ts";
import { annotationsPolicy, bindingAnnotationsPolicy } from "./annotations.ts";
import { audiencesPolicy, ownAudiencesPolicy, unlabelledAudiences, wideAudiences } from "./audiences.ts";
import { boundsPolicy } from "./bounds.ts";
import { identityPolicy } from "./identity.ts";
import { injectPolicy, unservedProviders } from "./inject.ts";
import type { Installation, PolicyInput } from "./installation.ts";
import { labelPolicy } from "./label.ts";
import { legacySecretsPolicy } from "./legacy-secrets.ts";
import { lifetimesPolicy } from "./lifetimes.ts";
import { policyName } from "./names.ts";
import type { Drafted, NamedExpression, NotExpressed, PolicyDraft, PolicyObject, ValidationAction } from "./objects.ts";
import { type WebhookOnly, webhookOnlyRules } from "./rules.ts";
import { ownTokenRequestsPolicy, tokenRequestsPolicy, unjudgedTokenRequests } from "./token-requests.ts";

const API_VERSION = "admissionregistration.k8s.io/v1";

/** What a configuration comes to. */
export interface RenderedPolicies {
  readonly objects: readonly PolicyObject[];
  readonly notExpressed: readonly NotExpressed[];
}

const ACTIONS: Readonly<Record<"Deny" | "Warn", readonly ValidationAction[]>> = {
  // What is refused is in the audit log as the answer; what is let pass is not.
  Deny: ["Deny"],
  Warn: ["Warn", "Audit"],
};

/**
 * The API server evaluates every condition for every ServiceAccount that a policy is given, also where the first is false:
 * what goes through a pod's annotations would do so a hundred times. Behind the first, each is evaluated for one.
 */
const guarded = ([first, ...others]: readonly NamedExpression[]): readonly NamedExpression[] =>
  first === undefined
    ? []
    : [
        first,
        ...others.map(({ name, expression }) => ({ name, expression: `!(${first.expression}) || (${expression})` })),
      ];

const conditionsOf = ({ spec, accounts }: PolicyDraft): readonly NamedExpression[] =>
  accounts === undefined ? spec.matchConditions : guarded(spec.matchConditions);

/** A text in an expression, as `text` of cel.ts writes it. */
const LITERAL = /'(?:[^'\\]|\\.)*'/gu;

/**
 * A variable that refers to itself, or two of one name of which the earlier refers to the later, are an endless recursion
 * when they are evaluated: the API server does not refuse them when they are written, and every pod ends it (stack overflow,
 * seen with Kubernetes 1.37). So this is held here too, where it costs nothing. Throws for such a draft, a fault of ours.
 */
const holdOrder = ({ name: policy, spec: { variables = [] } }: PolicyDraft): void => {
  const all = new Set(variables.map(({ name }) => name));
  const earlier = new Set<string>();
  for (const { name, expression } of variables) {
    if (earlier.has(name)) throw new Error(`the policy ${policy} has two variables ${name}`);
    for (const [, used = ""] of expression.replace(LITERAL, "''").matchAll(/\bvariables\.(\w+)/gu))
      if (all.has(used) && !earlier.has(used))
        throw new Error(`the variable ${name} of the policy ${policy} refers to ${used}, which is not before it`);
    earlier.add(name);
  }
};

const specOf = (draft: PolicyDraft): unknown => {
  holdOrder(draft);
  const matchConditions = conditionsOf(draft);
  if (draft.kind === "mutating") {
    const { patch, ...rest } = draft.spec;
    return {
      ...rest,
      matchConditions,
      reinvocationPolicy: "IfNeeded",
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: patch } }],
    };
  }
  const { validations, ...rest } = draft.spec;
  return {
    failurePolicy: "Fail",
    ...rest,
    matchConditions,
    validations: validations.map((validation) => ({ ...validation, reason: "Forbidden" })),
  };
};

const bindingSpec = (draft: PolicyDraft, policyName: string, settings: Settings): unknown => {
  const isEnforced = settings.policy.enforcement === "Enforce";
  return {
    policyName,
    ...(draft.accounts && { paramRef: { selector: draft.accounts, parameterNotFoundAction: "Allow" } }),
    ...(draft.kind === "validating" && { validationActions: ACTIONS[isEnforced ? draft.action : "Warn"] }),
  };
};

const objectsOf = (draft: PolicyDraft, { settings, installation }: PolicyInput): readonly PolicyObject[] => {
  const kind = draft.kind === "validating" ? "ValidatingAdmissionPolicy" : "MutatingAdmissionPolicy";
  const name = policyName(installation.name, draft.name, settings.annotationPrefix);
  const metadata = {
    name,
    labels: { "app.kubernetes.io/name": "podpass", "app.kubernetes.io/instance": installation.name },
    annotations: {
      "podpass.dev/reason": draft.reason,
      "podpass.dev/configuration": installation.digest,
      ...(installation.unionWith !== undefined && { "podpass.dev/union-with": installation.unionWith }),
    },
  };
  return [
    { apiVersion: API_VERSION, kind, metadata, spec: specOf(draft) },
    { apiVersion: API_VERSION, kind: `${kind}Binding`, metadata, spec: bindingSpec(draft, name, settings) },
  ];
};

/** In the order in which they are written. */
const POLICIES: readonly ((input: PolicyInput) => Drafted)[] = [
  identityPolicy,
  boundsPolicy,
  lifetimesPolicy,
  audiencesPolicy,
  ownAudiencesPolicy,
  wideAudiences,
  unlabelledAudiences,
  tokenRequestsPolicy,
  ownTokenRequestsPolicy,
  unjudgedTokenRequests,
  legacySecretsPolicy,
  annotationsPolicy,
  bindingAnnotationsPolicy,
  labelPolicy,
  injectPolicy,
];

/** Renders every policy of `settings` for `installation`, beside rules that are `webhookOnly`. */
export const renderPolicies = (
  settings: Settings,
  installation: Installation,
  webhookOnly: readonly WebhookOnly[] = webhookOnlyRules(settings.policy),
): RenderedPolicies => {
  const input = { settings, installation, webhookOnly };
  const objects: PolicyObject[] = [];
  const notExpressed = webhookOnly.map(({ written, why }): NotExpressed => ({ policy: written, text: why }));
  for (const draft of POLICIES) {
    const drafted = draft(input);
    if (drafted === undefined) continue;
    if ("kind" in drafted) objects.push(...objectsOf(drafted, input));
    else notExpressed.push(drafted);
  }
  notExpressed.push(...unservedProviders(input));
  return { objects, notExpressed };
};
