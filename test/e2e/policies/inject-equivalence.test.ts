/**
 * The API server injects what the webhook would have injected, or nothing: generated configurations, changes from one to
 * another, ServiceAccounts and pods. A failure names its seed; `EQUIVALENCE_SEED=123` runs it again.
 */
import { beforeAll, expect, it } from "vitest";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { describeWithMutatingPolicies, useCluster } from "../../cluster/harness.ts";
import { makeNamespaces, replacePolicies, writeAccounts } from "./equivalence/answers.ts";
import { NAMESPACES } from "./equivalence/configurations.ts";
import { FEATURES, type Feature, featuresOf } from "./equivalence/injection/features.ts";
import { type Outcome, outcomesOf, TWIN } from "./equivalence/injection/outcomes.ts";
import { type InjectionScenario, injectionScenarios } from "./equivalence/injection/scenarios.ts";

const SEED = Number(process.env["EQUIVALENCE_SEED"] ?? Math.floor(Math.random() * 1e9));
const SCENARIOS = injectionScenarios(SEED, { configurations: 20, accounts: 8, pods: 6 });

/** Everything that is needed to look at it by hand. */
const report = ({ configurations }: InjectionScenario, { unsent: { pod, account }, wrong }: Outcome): string =>
  [
    `seed ${SEED}: ${wrong}`,
    ...configurations.map((one) => `configuration ${JSON.stringify(one)}`),
    `ServiceAccount ${account.namespace}/${account.name} ${JSON.stringify([...account.annotations])}`,
    `pod ${JSON.stringify(pod)}`,
  ].join("\n");

const FIRST = 3;

describeWithMutatingPolicies(`webhook and injection by the API server, seed ${SEED}`, () => {
  const cluster = useCluster();
  const counts = { served: 0, due: 0, alone: 0, otherwise: 0 };
  const servedWith = new Map<Feature, number>(FEATURES.map((feature) => [feature, 0]));
  let inForce: readonly PolicyObject[] = [];

  const count = (scenario: InjectionScenario, { kind, unsent }: Outcome): void => {
    counts[kind]++;
    const features = kind === "served" ? featuresOf(scenario, unsent) : [];
    for (const feature of features) servedWith.set(feature, (servedWith.get(feature) ?? 0) + 1);
  };

  const differencesIn = async (scenario: InjectionScenario): Promise<readonly string[]> => {
    const { settings, accounts, objects } = scenario;
    // Given by hand, so that accounts need not wait for the policy `label`.
    const label = { [`${settings[0].annotationPrefix}/federated`]: "true" };
    await Promise.all([writeAccounts(cluster(), accounts, label), replacePolicies(cluster(), inForce, objects)]);
    inForce = objects;
    const outcomes = await outcomesOf(cluster(), scenario);
    for (const outcome of outcomes) count(scenario, outcome);
    return outcomes.flatMap((outcome) => (outcome.wrong === undefined ? [] : [report(scenario, outcome)]));
  };

  beforeAll(async () => {
    await makeNamespaces(cluster(), NAMESPACES);
    const twins = NAMESPACES.map((namespace) => ({ namespace, name: TWIN, annotations: new Map<string, string>() }));
    await writeAccounts(cluster(), twins);
  });

  it.each(SCENARIOS.map((scenario, index) => [index, scenario] as const))(
    "agree with configuration %i",
    async (_, scenario) => {
      const differences = await differencesIn(scenario);
      expect(differences.slice(0, FIRST).join("\n\n")).toBe("");
    },
  );

  it("have seen enough of each", () => {
    process.stdout.write(`seed ${SEED}: ${JSON.stringify({ ...counts, ...Object.fromEntries(servedWith) })}\n`);
    const { served, due, alone, otherwise } = counts;
    const all = served + due + alone + otherwise;
    expect(otherwise).toBeLessThan(all / 10);
    expect(served).toBeGreaterThan(all / 20);
    expect(alone).toBeGreaterThan(all / 8);
    // Few configurations are drawn: one of these may have none that an account can use.
    expect(FEATURES.filter((feature) => !servedWith.get(feature)).length).toBeLessThan(3);
  });
});
