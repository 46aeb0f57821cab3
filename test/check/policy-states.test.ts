import { describe, expect, it } from "vitest";
import { type Comparison, comparePolicies } from "../../src/check/policies.ts";
import { hasDrifted, isChanging, type PolicyStateName, statesOfPolicies } from "../../src/check/policy-states.ts";
import type { StoredPolicy } from "../../src/check/stored-policy.ts";
import { DIGEST, FORBIDDEN, factsWith, policiesOf, read, settingsOf } from "./facts.ts";

const OTHER = `sha256:${"2".repeat(64)}`;
const LEGACY = "policy: { tokens: { legacySecrets: Deny } }";

const named =
  (policy: string) =>
  (one: StoredPolicy): boolean =>
    one.name === `podpass-${policy}.podpass.dev`;
const isBinding = ({ kind }: StoredPolicy): boolean => kind.endsWith("Binding");
const without = (drop: (one: StoredPolicy) => boolean): Partial<Comparison> => ({
  stored: policiesOf().filter((one) => !drop(one)),
});
const changed = (policy: string, spec: object, ofBinding = false): Partial<Comparison> => ({
  stored: policiesOf().map((one) =>
    named(policy)(one) && isBinding(one) === ofBinding ? { ...one, spec: { ...one.spec, ...spec } } : one,
  ),
});
const WARNS = { validationActions: ["Warn", "Audit"] };

const statesWith = (change: Partial<Comparison>) => {
  const { version, admissionResources } = factsWith();
  const settings = settingsOf();
  return statesOfPolicies(
    comparePolicies({
      ...{ name: "podpass", settings, digest: DIGEST, stored: policiesOf(), excluded: [] },
      ...{ version, admissionResources },
      ...change,
    }),
  );
};

/** A namespace more than the configuration exempts, as the chart writes it for `webhook.excludedNamespaces`. */
const excluding = (...names: readonly string[]): readonly StoredPolicy[] =>
  JSON.parse(JSON.stringify(policiesOf()), (key, value) =>
    key === "values" && Array.isArray(value) && value.includes("kube-system") ? [...value, ...names].sort() : value,
  );

const ALL = ["identity", "annotations", "annotations-bindings", "label", "inject"];
const BELOW_1_36: Partial<Comparison> = {
  version: read("v1.34.2"),
  admissionResources: read(["validatingadmissionpolicies"]),
};

type Row = readonly [what: string, change: Partial<Comparison>, told: Readonly<Record<string, PolicyStateName>>];

const everyOne = (state: PolicyStateName, names: readonly string[] = ALL): Row[2] =>
  Object.fromEntries(names.map((name) => [name, state]));

const ROWS: readonly Row[] = [
  ["as it was rendered", {}, {}],
  ["none at all", { stored: [] }, everyOne("missing")],
  ["one less", without(named("identity")), { identity: "missing" }],
  ["no binding", without((one) => named("identity")(one) && isBinding(one)), { identity: "without-binding" }],
  ["no policy", without((one) => named("inject")(one) && !isBinding(one)), { inject: "without-binding" }],
  ["a binding that warns", changed("identity", WARNS, true), { identity: "warning" }],
  ["another failurePolicy", changed("identity", { failurePolicy: "Ignore" }), { identity: "changed" }],
  [
    "a binding that is narrower",
    changed("inject", { matchResources: { objectSelector: { matchLabels: { a: "b" } } } }, true),
    { inject: "changed" },
  ],
  ["another configuration", { stored: policiesOf("", { digest: OTHER }) }, everyOne("other-configuration")],
  ["a union with this one", { stored: policiesOf("", { unionWith: OTHER }) }, everyOne("changing")],
  ["a union of this one", { stored: policiesOf("", { digest: OTHER, unionWith: DIGEST }) }, everyOne("changing")],
  [
    "a union of two others",
    { stored: policiesOf("", { digest: OTHER, unionWith: `sha256:${"3".repeat(64)}` }) },
    everyOne("other-configuration"),
  ],
  ["one that is not of the configuration", { stored: policiesOf(LEGACY) }, { "legacy-secrets": "left-over" }],
  ["one that is new", { settings: settingsOf(LEGACY) }, { "legacy-secrets": "missing" }],
  ["a namespace that the webhook does not see", { stored: excluding("legacy"), excluded: ["legacy"] }, {}],
  [
    "another one that is left out",
    { stored: excluding("legacy", "production"), excluded: ["legacy"] },
    { identity: "changed", annotations: "changed", "annotations-bindings": "changed", inject: "changed" },
  ],
  ["no more than Kubernetes has", { ...BELOW_1_36, stored: policiesOf("", { minor: 34 }) }, {}],
  [
    "one half, where both should be",
    { stored: policiesOf("", { minor: 34 }) },
    { label: "missing", inject: "missing" },
  ],
  ["one half, where that is meant", { stored: policiesOf("", { minor: 34 }), isValidatingOnly: true }, {}],
  ["those of label mode", { stored: policiesOf("", { mode: "label" }) }, {}],
  ["an API server that does not say what it is", { version: FORBIDDEN }, {}],
];

describe("the states of policies", () => {
  it.each(ROWS)("%s", (_, change, told) => {
    const states = statesWith(change);
    const others = [...states].filter(([, state]) => state !== "as-configured");
    expect(Object.fromEntries(others)).toEqual(told);
    expect(hasDrifted(states)).toBe(Object.values(told).some((state) => state !== "changing"));
    expect(isChanging(states)).toBe(Object.values(told).includes("changing"));
  });

  it("are no warning where the configuration only warns", () => {
    const text = "policy: { enforcement: Warn }";
    const states = statesWith({ settings: settingsOf(text), stored: policiesOf(text) });
    expect(hasDrifted(states)).toBe(false);
  });
});
