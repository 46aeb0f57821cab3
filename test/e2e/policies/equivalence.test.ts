/**
 * Webhook and policies decide alike: generated configurations, ServiceAccounts and pods, by the core and by a real API
 * server. A failure names its seed; `EQUIVALENCE_SEED=123` runs it again.
 */
import { beforeAll, expect, it } from "vitest";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { applied } from "../../support/pods.ts";
import { type Answer, makeNamespaces, replacePolicies, sendAll, writeAccounts } from "./equivalence/answers.ts";
import { NAMESPACES } from "./equivalence/configurations.ts";
import { KNOWN_ACCOUNT, type Model, type Sent, UNKNOWN_ACCOUNT } from "./equivalence/model.ts";
import { decideOver, type Scenario, scenariosOf } from "./equivalence/scenarios.ts";

const SEED = Number(process.env["EQUIVALENCE_SEED"] ?? Math.floor(Math.random() * 1e9));
const SCENARIOS = scenariosOf(SEED, { configurations: 15, accounts: 8, pods: 8 });

const INSTALLATION = { name: "podpass", minor: 36, mode: "exact", digest: "sha256:0" } as const;

type Models = readonly Model[];

/** One configuration in three is tried without the policy that knows the ServiceAccounts' audiences. */
const modelsFor = (index: number): Models => (index % 3 === 2 ? UNKNOWN_ACCOUNT : KNOWN_ACCOUNT);

const shortName = ({ metadata: { name } }: PolicyObject): string => name.slice("podpass-".length, name.indexOf("."));

/** The policies that are compared. */
const objectsOf = ({ settings }: Scenario, models: Models): readonly PolicyObject[] => {
  const compared = new Set(models.flatMap(({ policies }) => policies));
  return renderPolicies(settings, INSTALLATION).objects.filter((object) => compared.has(shortName(object)));
};

const namesOf = (objects: readonly PolicyObject[]): ReadonlySet<string> => new Set(objects.map(shortName));

/** What is in force. */
interface InForce {
  /** Their short names. */
  readonly policies: ReadonlySet<string>;
  readonly models: Models;
}

/** What is wrong with `answer` to `sent`; undefined where it is as the core has it. */
const difference = (sent: Sent, answer: Answer, { policies, models }: InForce): string | undefined => {
  const isOpen = ({ policy }: { policy: string }) =>
    models.some((model) => model.policies.includes(policy) && model.isOpen?.(sent));
  const expected = models.flatMap((model) => {
    const one = model.expected(sent);
    if (one === undefined) return [];
    const there = model.policies.filter((name) => policies.has(name));
    return [{ there, sentences: [one.sentence, ...one.others], action: one.action }];
  });
  const fits = (one: (typeof expected)[number], said: { policy: string; message: string }) =>
    one.there.includes(said.policy) &&
    one.sentences.some((needles) => needles.every((needle) => said.message.includes(needle)));
  const refusals = expected.filter(({ action }) => action === "Deny");
  if (answer.denied !== undefined) {
    const { denied } = answer;
    return refusals.some((one) => fits(one, denied)) || isOpen(denied)
      ? undefined
      : `refused: ${JSON.stringify(denied)}`;
  }
  if (refusals.length > 0) return `not refused; expected: ${JSON.stringify(refusals)}`;
  const unsaid = expected.filter((one) => !answer.warned.some((said) => fits(one, said)));
  if (unsaid.length > 0) return `no warning: ${JSON.stringify(unsaid)}; only: ${JSON.stringify(answer.warned)}`;
  const isExpected = (said: { policy: string }) => expected.some((one) => one.there.includes(said.policy));
  const unexpected = answer.warned.filter((said) => !isExpected(said) && !isOpen(said));
  return unexpected.length === 0 ? undefined : `warned: ${JSON.stringify(unexpected)}`;
};

/** The same where Kubernetes itself may refuse the pod, and where the webhook let it pass. */
const wrongWith = (
  sent: Sent,
  answer: Answer,
  { isDecided, ...inForce }: InForce & { readonly isDecided: boolean },
): string | undefined => {
  if (answer.otherwise !== undefined) return undefined;
  if (isDecided && answer.denied !== undefined) return `refused behind the webhook: ${JSON.stringify(answer.denied)}`;
  return difference(sent, answer, inForce);
};

/** Everything that is needed to look at it by hand. */
const report = ({ configuration }: Scenario, { pod, account }: Sent, what: string): string =>
  [
    `seed ${SEED}: ${what}`,
    `configuration ${JSON.stringify(configuration)}`,
    `ServiceAccount ${account.namespace}/${account.name} ${JSON.stringify([...account.annotations])}`,
    `pod ${JSON.stringify(pod)}`,
  ].join("\n");

const FIRST = 3;

describeOnCluster(`webhook and policies, seed ${SEED}`, () => {
  const cluster = useCluster();
  const counts = { admitted: 0, refused: 0, warned: 0, injected: 0, otherwise: 0 };
  let inForce: readonly PolicyObject[] = [];

  const count = ({ denied, warned, otherwise, stored }: Answer, isDecided: boolean): void => {
    if (isDecided && stored !== undefined) counts.injected++;
    counts[denied ? "refused" : otherwise !== undefined ? "otherwise" : warned.length > 0 ? "warned" : "admitted"]++;
  };

  const differencesIn = async (scenario: Scenario, models: Models): Promise<readonly string[]> => {
    const objects = objectsOf(scenario, models);
    const policies = namesOf(objects);
    await writeAccounts(cluster(), scenario.accounts);
    await replacePolicies(cluster(), inForce, objects);
    inForce = objects;
    const raw = scenario.sent.map((sent) => ({ sent, isDecided: false }));
    const decided = scenario.sent.flatMap((sent) => {
      const { outcome, patch } = decideOver(sent);
      return outcome === "denied" ? [] : [{ sent: { ...sent, pod: applied(sent.pod, patch) }, isDecided: true }];
    });
    const all = [...raw, ...decided];
    const answers = await sendAll(
      cluster(),
      all.map(({ sent: { pod, account } }) => ({ pod, namespace: account.namespace })),
    );
    return all.flatMap(({ sent, isDecided }, index) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error("a pod was not answered");
      count(answer, isDecided);
      const what = wrongWith(sent, answer, { policies, models, isDecided });
      return what === undefined ? [] : [report(scenario, sent, what)];
    });
  };

  beforeAll(() => makeNamespaces(cluster(), NAMESPACES));

  it.each(SCENARIOS.map((scenario, index) => [index, scenario] as const))(
    "agree with configuration %i",
    async (index, scenario) => {
      const differences = await differencesIn(scenario, modelsFor(index));
      expect(differences.slice(0, FIRST).join("\n\n")).toBe("");
    },
  );

  it("has seen enough of each", () => {
    process.stdout.write(`seed ${SEED}: ${JSON.stringify(counts)}\n`);
    const all = Object.values(counts).reduce((sum, one) => sum + one, 0) - counts.injected;
    expect(counts.otherwise).toBeLessThan(all / 10);
    expect(counts.refused).toBeGreaterThan(all / 20);
    expect(counts.admitted).toBeGreaterThan(all / 5);
  });
});
