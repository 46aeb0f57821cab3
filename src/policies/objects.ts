/** The objects that policies are made of, as the API server takes them. */
import type { PolicyName } from "./names.ts";

/** What is matched; the parts of `MatchResources` that Podpass writes. */
export interface MatchConstraints {
  readonly namespaceSelector?: {
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: "NotIn";
      readonly values: readonly string[];
    }[];
  };
  readonly resourceRules: readonly {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly operations: readonly ("CREATE" | "UPDATE")[];
    readonly resources: readonly string[];
  }[];
}

/** An expression with a name: a match condition, or a variable. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** One thing that a policy refuses. */
export interface Validation {
  readonly expression: string;
  /** What the person who is refused reads. */
  readonly messageExpression: string;
}

interface ParamKind {
  readonly apiVersion: "v1";
  readonly kind: "ServiceAccount";
}

/** The specification of a ValidatingAdmissionPolicy. */
export interface ValidatingSpec {
  readonly paramKind?: ParamKind;
  readonly matchConstraints: MatchConstraints;
  readonly matchConditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly Validation[];
}

/** The specification of a MutatingAdmissionPolicy. */
export interface MutatingSpec {
  readonly failurePolicy: "Fail" | "Ignore";
  readonly paramKind?: ParamKind;
  readonly matchConstraints: MatchConstraints;
  readonly matchConditions: readonly NamedExpression[];
  readonly variables: readonly NamedExpression[];
  /** A CEL expression of a list of `JSONPatch`. */
  readonly patch: string;
}

/** What a binding does with a violation. */
export type ValidationAction = "Deny" | "Warn" | "Audit";

/** Which ServiceAccounts a policy is given. */
export type AccountSelector = { readonly matchLabels?: Readonly<Record<string, string>> };

/** One policy, before it gets the names and annotations of an installation. */
export type PolicyDraft = {
  /** What it is called behind the installation's name. */
  readonly name: PolicyName;
  /** Why it is there, in a sentence. */
  readonly reason: string;
  /** Only with `paramKind`. */
  readonly accounts?: AccountSelector;
} & (
  | { readonly kind: "validating"; readonly spec: ValidatingSpec; readonly action: "Deny" | "Warn" }
  | { readonly kind: "mutating"; readonly spec: MutatingSpec }
);

/** Something of a configuration that no policy can express, or that a version of Kubernetes lacks. */
export interface NotExpressed {
  /** The policy that is missing or says less. */
  readonly policy: string;
  /** What and why, in a sentence. */
  readonly text: string;
}

/** What a policy's own file answers: the policy, or why there is none; undefined where the configuration asks for none. */
export type Drafted = PolicyDraft | NotExpressed | undefined;

/** An object, ready to be written as YAML. */
export interface PolicyObject {
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  readonly kind:
    | "ValidatingAdmissionPolicy"
    | "ValidatingAdmissionPolicyBinding"
    | "MutatingAdmissionPolicy"
    | "MutatingAdmissionPolicyBinding";
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}
