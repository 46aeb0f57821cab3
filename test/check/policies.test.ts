import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { AccountCounter } from "../../src/check/accounts.ts";
import { judgeAll } from "../../src/check/checks.ts";
import type { Facts } from "../../src/check/facts.ts";
import { firstDifference } from "../../src/check/policy-drift.ts";
import { POLICY_KINDS, readPolicy, type StoredPolicy } from "../../src/check/stored-policy.ts";
import { configurationDigest } from "../../src/cli/configuration-digest.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import { POLICY_NAMES } from "../../src/policies/names.ts";
import { renderPolicies } from "../../src/policies/render.ts";
import { ABSENT, configurationOf, DIGEST, FORBIDDEN, factsWith, policiesOf, read, settingsOf } from "./facts.ts";
import { find, itSays, type Row } from "./rows.ts";

const OTHER = `sha256:${"2".repeat(64)}`;
const BELOW_1_36: Partial<Facts> = {
  version: read("v1.34.2"),
  admissionResources: read(["validatingadmissionpolicies"]),
};

const stored = (objects: readonly StoredPolicy[]): Partial<Facts> => ({ policies: read(objects) });
const named =
  (policy: string) =>
  (one: StoredPolicy): boolean =>
    one.name === `podpass-${policy}.podpass.dev`;
const isBinding = ({ kind }: StoredPolicy): boolean => kind.endsWith("Binding");
const without = (drop: (one: StoredPolicy) => boolean): Partial<Facts> =>
  stored(policiesOf().filter((one) => !drop(one)));
const specOf = (policy: string, change: object, ofBinding = false): Partial<Facts> =>
  stored(
    policiesOf().map((one) =>
      named(policy)(one) && isBinding(one) === ofBinding ? { ...one, spec: { ...one.spec, ...change } } : one,
    ),
  );

const federated = (total: number, unlabelled = 0): Partial<Facts> => {
  const counter = new AccountCounter(settingsOf());
  const annotations = new Map([["podpass.dev/federate", "enkryptify"]]);
  for (let number = 0; number < total; number++)
    counter.add({ namespace: "many", name: `a-${number}`, annotations }, number >= unlabelled);
  return { accounts: read(counter.finish()) };
};

const LABEL = stored(policiesOf("", { mode: "label" }));
const JUDGED = "policy: { tokens: { audiences: { violation: Deny } } }";
const WARNING = "policy: { enforcement: Warn }";

const ROWS: readonly Row[] = [
  [stored([]), "policies", "warn", "there are no policies: while no replica answers, nothing is enforced"],
  [{ policies: FORBIDDEN }, "policies", "warn", "these credentials may not get it"],
  [{ policies: ABSENT }, "policies", "warn", "has no ValidatingAdmissionPolicy"],
  [{ ...stored([]), admissionResources: read([]) }, "policies", "warn", "has no ValidatingAdmissionPolicy"],
  [without(named("identity")), "policies", "warn", /^1 policy of the configuration is missing: identity$/],
  [
    { configuration: read(configurationOf("policy: { tokens: { legacySecrets: Deny } }")) },
    "policies",
    "warn",
    "missing: legacy-secrets",
  ],
  [
    { configuration: read(configurationOf(WARNING)), ...stored(policiesOf(WARNING)) },
    "policies",
    "pass",
    "0 refuse, 3 warn (policy.enforcement: Warn)",
  ],
  [{ ...BELOW_1_36, ...stored(policiesOf("", { minor: 34 })) }, "policies", "pass", "3 policies: 3 refuse, 0 warn, 0"],

  [without((one) => named("identity")(one) && isBinding(one)), "policies-bindings", "fail", "does nothing: identity"],
  [
    without((one) => named("inject")(one) && !isBinding(one)),
    "policies-bindings",
    "fail",
    "a binding without its policy does nothing: inject",
  ],

  [specOf("identity", { failurePolicy: "Ignore" }), "policies-configuration", "warn", "somebody changed 1 object"],
  [specOf("identity", { matchConditions: [] }), "policies-configuration", "warn", "somebody changed 1 object"],
  [specOf("identity", { validationActions: ["Warn"] }, true), "policies-configuration", "warn", "somebody changed"],
  [
    specOf("inject", { matchResources: { objectSelector: { matchLabels: { a: "b" } } } }, true),
    "policies-configuration",
    "warn",
    "somebody changed",
  ],
  [
    stored(policiesOf("", { digest: OTHER })),
    "policies-configuration",
    "warn",
    "of another configuration: sha256:222222222222, and this one is sha256:111111111111; they say the same",
  ],
  [
    stored(policiesOf("policy: { exemptNamespaces: [a] }", { digest: OTHER })),
    "policies-configuration",
    "warn",
    /^policies are of another configuration: sha256:222222222222, and this one is sha256:111111111111$/,
  ],
  [stored(policiesOf().map((one) => ({ ...one, digest: "" }))), "policies-configuration", "warn", "do not name"],
  [
    stored(policiesOf("", { unionWith: OTHER })),
    "policies-configuration",
    "warn",
    "a change is under way: the policies are the union of this configuration, sha256:111111111111, and sha256:222222222222",
  ],
  [
    stored(policiesOf("", { digest: OTHER, unionWith: DIGEST })),
    "policies-configuration",
    "warn",
    "a change is under way",
  ],
  [
    stored(policiesOf("", { digest: OTHER, unionWith: `sha256:${"3".repeat(64)}` })),
    "policies-configuration",
    "warn",
    "of another configuration",
  ],
  [
    stored(policiesOf("policy: { tokens: { legacySecrets: Deny } }")),
    "policies-configuration",
    "warn",
    "2 objects are left over from another configuration",
  ],

  [federated(99), "policies-mode", "pass", "in many, the namespace with the most ServiceAccounts (99), "],
  [federated(500), "policies-mode", "warn", "(500), 1 policy that is given all of them takes each pod some 40 ms"],
  [
    {
      configuration: read(configurationOf(JUDGED)),
      ...stored(policiesOf(JUDGED)),
      ...federated(500),
    },
    "policies-mode",
    "warn",
    "2 policies that are given all of them take each pod some 80 ms",
  ],
  [{ ...LABEL, ...federated(500) }, "policies-mode", "pass", "label mode: "],
  [
    stored(policiesOf("", { mode: "label" }).filter((one) => !named("label")(one))),
    "policies-mode",
    "warn",
    "nothing keeps the label",
  ],
  [
    { ...BELOW_1_36, ...stored(policiesOf("", { mode: "label", minor: 34 })) },
    "policies-mode",
    "warn",
    "nothing keeps the label",
  ],

  [
    federated(3, 1),
    "policies-unlabelled",
    "warn",
    "1 federated ServiceAccount lacks the label podpass.dev/federated: while no replica answers, their pods are refused",
  ],
  [
    { ...LABEL, ...federated(30, 25) },
    "policies-unlabelled",
    "warn",
    "25 federated ServiceAccounts lack the label podpass.dev/federated: while no replica answers, their pods start without",
  ],
  [{ ...LABEL, ...federated(3) }, "policies-unlabelled", "pass", "every federated ServiceAccount has the label"],

  [
    { ...BELOW_1_36, ...stored(policiesOf("", { minor: 34 })) },
    "policies-expressed",
    "pass",
    "2 things that the webhook does are not in the policies",
  ],
  [
    { ...BELOW_1_36, ...stored(policiesOf("", { minor: 34 })) },
    "policies-kubernetes",
    "pass",
    "1.36 or later, with MutatingAdmissionPolicy, would also serve plain pods in an outage",
  ],
  [{ version: FORBIDDEN }, "policies-kubernetes", "pass", "has both halves"],
  [{ version: read("v1.37.0") }, "policies-configuration", "pass", "10 objects are what the configuration comes to"],

  [stored([]), "failure-policy", "pass", "without their identity"],
  [{}, "failure-policy", "pass", "served or refused by the policies inside the API server"],
];

describe("the checks of policies", () => {
  itSays(ROWS);

  it("say nothing else where there are none, or nothing is known of them", () => {
    for (const change of [stored([]), { policies: FORBIDDEN }, { policies: ABSENT }]) {
      const ids = judgeAll(factsWith(change)).filter(({ group }) => group === "Policies");
      expect(ids.map(({ id }) => id)).toEqual(["policies"]);
    }
    const unknown = factsWith({ policies: undefined, configuration: FORBIDDEN });
    expect(judgeAll(unknown).some(({ group }) => group === "Policies")).toBe(false);
  });

  it("ask for no label below 1.36 in exact mode", () => {
    const facts = factsWith({ ...BELOW_1_36, ...federated(3, 3), ...stored(policiesOf("", { minor: 34 })) });
    expect(find(facts, "policies-unlabelled")).toBeUndefined();
  });

  it("name the commands as they can be run", () => {
    expect(find(factsWith(stored([])), "policies")?.advice).toBe(
      "Run: kubectl -n podpass-system get configmap podpass -o yaml | podpass policies --config - --release podpass --namespace podpass-system --kubernetes 1.36 > policies.yaml && helm upgrade podpass charts/podpass -n podpass-system --reuse-values --set-file policies.rendered=policies.yaml (without Helm, as the second: kubectl apply --server-side -f policies.yaml)",
    );
    const file = configurationOf("", { source: { kind: "file", path: "my file's.yaml" } });
    expect(find(factsWith({ ...stored([]), configuration: read(file) }), "policies")?.advice).toMatch(
      "Run: podpass policies --config 'my file'\\''s.yaml' --release podpass ",
    );
    const none = configurationOf("", { source: { kind: "none" } });
    expect(find(factsWith({ ...stored([]), configuration: read(none) }), "policies")?.advice).toMatch(
      "Run: podpass policies --release podpass ",
    );
    expect(find(factsWith(federated(200)), "policies-mode")?.advice).toMatch("--kubernetes 1.36 --mode label > ");
    const unlabelled = find(factsWith({ ...LABEL, ...federated(30, 25) }), "policies-unlabelled");
    expect(unlabelled?.details).toHaveLength(21);
    expect(unlabelled?.details[0]).toBe(
      "kubectl label serviceaccount -n many a-0 podpass.dev/federated=true --overwrite",
    );
    expect(unlabelled?.details.at(-1)).toBe("and 5 more");
  });

  it("find nothing to change in what is installed without Helm", () => {
    const objects = parseAllDocuments(readFileSync("deploy/podpass.yaml", "utf8")).map((one) => one.toJS());
    const own = objects.flatMap((object) =>
      POLICY_KINDS.filter(({ kind }) => kind === object?.kind).map(({ kind }) => readPolicy(kind, object)),
    );
    expect(own.length).toBeGreaterThan(3);
    const text = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
    const configuration = readConfiguration(text, { ownNamespace: "podpass-system" });
    if (!configuration.ok) return expect.unreachable();
    const { settings, written } = configuration;
    const known = configurationOf("", { settings, digest: configurationDigest(written) });
    const facts = factsWith({ ...BELOW_1_36, ...stored(own), configuration: read(known) });
    expect(find(facts, "policies-configuration")).toMatchObject({ level: "pass", details: [] });
  });

  it("wait for replicas before a change goes on", () => {
    const lines = [`[+]configuration ok: ${OTHER}`];
    const states = [{ name: "podpass-1", page: read({ isReady: true, lines }) }];
    const union = stored(policiesOf("", { unionWith: OTHER }));
    expect(find(factsWith({ ...union, states }), "policies-configuration")?.advice).toMatch(/^Wait for the replicas/);
    expect(find(factsWith(union), "policies-configuration")?.advice).toMatch(/^Go on with the change/);
  });

  it("name what drifted, by its path", () => {
    const facts = factsWith(specOf("identity", { matchConstraints: { resourceRules: [] } }));
    expect(find(facts, "policies-configuration")?.details).toEqual([
      "ValidatingAdmissionPolicy podpass-identity.podpass.dev: spec.matchConstraints.namespaceSelector differs",
    ]);
  });

  it("name the command that takes away what is left over, bindings first", () => {
    const facts = factsWith(stored(policiesOf("policy: { tokens: { legacySecrets: Deny } }")));
    expect(find(facts, "policies-configuration")?.advice).toBe(
      "Run: kubectl delete validatingadmissionpolicybinding/podpass-legacy-secrets.podpass.dev validatingadmissionpolicy/podpass-legacy-secrets.podpass.dev",
    );
  });

  it("fail where the policy refuses a pod that Podpass did not see", () => {
    const { call } = factsWith();
    const answer = {
      kind: "answered",
      status: 403,
      message: `pods "podpass-check-x" is forbidden: ValidatingAdmissionPolicy 'podpass-identity.podpass.dev' with binding 'podpass-identity.podpass.dev' denied request: nothing has decided on it`,
      injected: undefined,
    } as const;
    const withWarnings = (warnings: readonly string[]) =>
      find(factsWith({ call: call && { ...call, answer: { ...answer, warnings } } }), "webhook-called");
    expect(withWarnings([])?.level).toBe("fail");
    expect(withWarnings([])?.text).toMatch(/^Podpass did not see a dry-run pod of ServiceAccount production\/my-api/);
    expect(withWarnings([`"podpass.dev/inject" is ignored: "${call?.nonce}"`])?.level).toBe("warn");
  });
});

describe("the difference of two specifications", () => {
  it.each([
    [{ a: [] }, {}, undefined],
    [{ a: 1 }, { a: 1, matchPolicy: "Equivalent", objectSelector: {}, scope: "*" }, undefined],
    [{ a: 1 }, { a: 1, matchPolicy: "Exact" }, "spec.matchPolicy"],
    [{ a: {} }, {}, "spec.a"],
    [{ a: [1, 2] }, { a: [2, 1] }, "spec.a[0]"],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, "spec.a[0].b"],
    [{ a: [1] }, { a: [1, 2] }, "spec.a"],
    [{ a: "x" }, { a: ["x"] }, "spec.a"],
    [{ a: { b: 1 } }, { a: { b: 1, excludeResourceRules: [{}] } }, "spec.a.excludeResourceRules"],
  ])("%j and %j: %s", (rendered, stored, path) => {
    expect(firstDifference(rendered, stored, "spec")).toBe(path);
  });
});

describe("the names of policies", () => {
  it("are all that a configuration can come to", () => {
    const settings = settingsOf(
      "policy: { tokens: { expirationSeconds: { max: 7200, violation: Deny }, audiences: { violation: Deny }, apiServerAudiences: [a], requests: Deny, legacySecrets: Deny } }",
    );
    const warning = settingsOf("policy: { tokens: { expirationSeconds: { violation: Warn } } }");
    const namesOf = (of: typeof settings) =>
      renderPolicies(of, { name: "podpass", minor: 36, mode: "exact", digest: "" }).objects.map(
        ({ metadata }) => metadata.name,
      );
    const all = POLICY_NAMES.map((policy) => `podpass-${policy}.podpass.dev`);
    // `bounds` is where no other policy refuses for them.
    expect([...new Set(namesOf(settings))]).toEqual(all.filter((name) => !name.startsWith("podpass-bounds.")));
    expect(all.filter((name) => namesOf(warning).includes(name))).toEqual([...new Set(namesOf(warning))]);
    expect(namesOf(warning)).toContain("podpass-bounds.podpass.dev");
  });
});
