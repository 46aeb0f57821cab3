/** Where policies hold: in every namespace that is not exempt. */
import type { Settings } from "../configuration/settings.ts";
import { matches, wildcardPattern } from "./cel.ts";
import type { MatchConstraints, NamedExpression } from "./objects.ts";

type Rule = MatchConstraints["resourceRules"][number];

/** A pattern that is neither a wildcard nor a label is no namespace's name, and in a selector the API server refuses it. */
const LABEL = /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$/;

/** What is matched of the core API group, outside of exempt namespaces as far as a selector can say it. */
export const constraints = (
  { policy }: Settings,
  operations: Rule["operations"],
  resources: readonly string[],
): MatchConstraints => {
  const exact = [...new Set(policy.exemptNamespaces.filter((pattern) => LABEL.test(pattern)))].sort();
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations, resources }];
  if (exact.length === 0) return { resourceRules };
  const selected = { key: "kubernetes.io/metadata.name", operator: "NotIn" as const, values: exact };
  return { namespaceSelector: { matchExpressions: [selected] }, resourceRules };
};

/** What a selector cannot say: exempt namespaces with a wildcard. */
export const scopeConditions = ({ policy }: Settings): readonly NamedExpression[] => {
  const wild = [...new Set(policy.exemptNamespaces.filter((pattern) => pattern.includes("*")))].sort();
  if (wild.length === 0) return [];
  const expression = matches("request.namespace", wild.map(wildcardPattern).join("|"));
  return [{ name: "namespace-not-exempt", expression: `!${expression}` }];
};
