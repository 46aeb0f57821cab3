/** Label selectors, evaluated as the API server evaluates them. */
import { at, type JsonObject, listAt, mapAt, textAt, textsAt } from "./json.ts";

/** One requirement; a label of `matchLabels` is one too. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** All of them have to hold; none selects everything. */
export type Selector = readonly Requirement[];

/** An object's labels. */
export type Labels = ReadonlyMap<string, string>;

/** Reads a `metav1.LabelSelector`; where there is none, everything is selected. */
export const readSelector = (value: unknown): Selector => [
  ...[...mapAt(value, "matchLabels")].map(([key, label]) => ({ key, operator: "In", values: [label] })),
  ...listAt(value, "matchExpressions").map((expression) => ({
    key: textAt(expression, "key"),
    operator: textAt(expression, "operator"),
    values: textsAt(expression, "values"),
  })),
];

const holds = ({ key, operator, values }: Requirement, labels: Labels): boolean => {
  const label = labels.get(key);
  if (operator === "In") return label !== undefined && values.includes(label);
  if (operator === "NotIn") return label === undefined || !values.includes(label);
  if (operator === "Exists") return label !== undefined;
  return operator === "DoesNotExist" && label === undefined;
};

/** Does `selector` select an object with these labels? */
export const selects = (selector: Selector, labels: Labels): boolean =>
  selector.every((requirement) => holds(requirement, labels));

/** A selector as people write it: `kubernetes.io/metadata.name NotIn (a, b)`. */
export const showSelector = (selector: Selector): string =>
  selector
    .map(({ key, operator, values }) => `${key} ${operator}${values.length === 0 ? "" : ` (${values.join(", ")})`}`)
    .join(", ");

/** The label that the API server sets on every namespace, and keeps: its name. */
export const NAME_LABEL = "kubernetes.io/metadata.name";

/** A namespace, as much of it as selectors look at. */
export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

/** Reads a Namespace, or its metadata alone. */
export const readNamespace = (value: JsonObject): Namespace => {
  const name = textAt(value, "metadata", "name");
  const labels = new Map([...mapAt(at(value, "metadata"), "labels"), [NAME_LABEL, name] as const]);
  return { name, labels };
};
