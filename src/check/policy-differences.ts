/** What is in the cluster, held against what the configuration comes to. */
import type { PolicyObject } from "../policies/objects.ts";
import { at, isJsonObject, textAt, textsAt } from "./json.ts";
import type { Policies } from "./policies.ts";
import { firstDifference } from "./policy-drift.ts";
import type { StoredPolicy } from "./stored-policy.ts";

const isCounterpart = (object: PolicyObject, { kind, name }: StoredPolicy): boolean =>
  kind === object.kind && name === object.metadata.name;

const changed = (value: unknown, member: string, change: (value: unknown) => unknown): unknown =>
  isJsonObject(value) && Object.hasOwn(value, member) ? { ...value, [member]: change(value[member]) } : value;

/** The namespaces that a selector leaves out by their names, as `constraints` of `src/policies/scope.ts` writes it. */
const withExcluded = (spec: unknown, excluded: readonly string[]): unknown =>
  changed(spec, "matchConstraints", (constraints) =>
    changed(constraints, "namespaceSelector", (selector) =>
      changed(selector, "matchExpressions", (expressions) =>
        Array.isArray(expressions)
          ? expressions.map((one: unknown) =>
              textAt(one, "key") === "kubernetes.io/metadata.name"
                ? changed(one, "values", () => [...new Set([...textsAt(one, "values"), ...excluded])].sort())
                : one,
            )
          : expressions,
      ),
    ),
  );

/** The path of the first difference; none where the chart left out the namespaces that the webhook never sees. */
const differenceOf = (
  object: PolicyObject,
  { spec }: StoredPolicy,
  excluded: readonly string[],
): string | undefined => {
  const path = firstDifference(object.spec, spec, "spec");
  if (path === undefined || at(spec, "matchConstraints") === undefined) return path;
  return firstDifference(withExcluded(object.spec, excluded), spec, "spec") && path;
};

/** An object that is not as it was rendered, and where. */
export interface Difference {
  readonly object: PolicyObject;
  readonly path: string;
}

/** Every object that is there, and not as it was rendered. */
export const differences = ({ expected, stored, excluded }: Policies): readonly Difference[] =>
  expected.objects.flatMap((object) => {
    const found = stored.find((one) => isCounterpart(object, one));
    const path = found && differenceOf(object, found, excluded);
    return path === undefined ? [] : [{ object, path }];
  });

/** What `kubectl apply` leaves behind where a configuration has no more of it. */
export const leftovers = ({ expected, stored }: Policies): readonly StoredPolicy[] =>
  stored.filter((one) => !expected.objects.some((object) => isCounterpart(object, one)));
