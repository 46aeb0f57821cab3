/** From a seed to configurations, each with ServiceAccounts and their pods, for what the API server injects. */
import fc from "fast-check";
import { readConfiguration, showProblems } from "../../../../../src/configuration/read.ts";
import type { Settings } from "../../../../../src/configuration/settings.ts";
import { type Decision, decide } from "../../../../../src/decision/decide.ts";
import type { ServiceAccount } from "../../../../../src/federation/service-account.ts";
import type { Pod } from "../../../../../src/pod/pod.ts";
import type { PolicyObject } from "../../../../../src/policies/objects.ts";
import { renderPolicies } from "../../../../../src/policies/render.ts";
import { renderUnion } from "../../../../../src/policies/render-union.ts";
import type { Warning } from "../../../../../src/reasons/reasons.ts";
import { applied, asPod } from "../../../../support/pods.ts";
import { NAMESPACES } from "../configurations.ts";
import type { Size } from "../scenarios.ts";
import { federatedAccounts } from "./accounts.ts";
import { changes } from "./configurations.ts";
import { type Feature, featuresOf } from "./features.ts";
import { podsFor } from "./pods.ts";

/** A pod without a ServiceAccount, and whose it is to be. */
export interface Unsent {
  readonly pod: Pod;
  readonly account: ServiceAccount;
}

/** One configuration, or two of which the one is changed to the other, and what is sent under them. */
export interface DrawnScenario {
  readonly configurations: readonly unknown[];
  readonly settings: readonly [Settings, ...Settings[]];
  readonly accounts: readonly ServiceAccount[];
  readonly unsent: readonly Unsent[];
}

/** With the policies. */
export interface InjectionScenario extends DrawnScenario {
  readonly objects: readonly PolicyObject[];
}

const settingsOf = (configuration: unknown, seed: number): Settings => {
  const read = readConfiguration(JSON.stringify(configuration), { ownNamespace: "podpass-system" });
  if (!read.ok) throw new Error(showProblems(`generated with seed ${seed}`, read.problems));
  return read.settings;
};

const INSTALLATION = { name: "podpass", minor: 36, mode: "exact", digest: "sha256:0" } as const;

/** Those that mutate. Where one cannot be evaluated, the pod is refused instead of left alone, so that it is seen. */
const objectsOf = ([one, other]: readonly [Settings, ...Settings[]]): readonly PolicyObject[] => {
  const { objects } = other === undefined ? renderPolicies(one, INSTALLATION) : renderUnion(one, other, INSTALLATION);
  return objects
    .filter(({ kind }) => kind.startsWith("Mutating"))
    .map((object) =>
      object.kind === "MutatingAdmissionPolicy"
        ? { ...object, spec: { ...(object.spec as object), failurePolicy: "Fail" } }
        : object,
    );
};

const drawn = <T>(from: fc.Arbitrary<T>, seed: number): T => {
  const [one] = fc.sample(from, { numRuns: 1, seed });
  if (one === undefined) throw new Error("nothing was drawn");
  return one;
};

const decisionOf = ({ pod, account }: Unsent, settings: Settings): Decision => {
  const named = { ...pod, spec: { ...pod.spec, serviceAccountName: account.name } };
  return decide({ pod: named, namespace: account.namespace, serviceAccount: account, settings });
};

/** As a webhook that comes later may leave a pod on which Podpass has decided: with one more container. */
const withSidecar = (unsent: Unsent, settings: Settings): Unsent => {
  const { pod, account } = unsent;
  const decided = applied(pod, decisionOf(unsent, settings).patch);
  const sidecar = { name: "sidecar", image: "example.com/none" };
  const spec = { ...decided.spec, containers: [...decided.spec.containers, sidecar] };
  return { pod: asPod({ ...decided, spec }), account };
};

/** One in so many pods has been decided on. */
const DECIDED = 4;

const scenario = (
  configurations: readonly [unknown, ...unknown[]],
  { index, seed }: { readonly index: number; readonly seed: number },
  size: Size,
): DrawnScenario => {
  const [first, ...rest] = configurations;
  const settings = [settingsOf(first, seed), ...rest.map((one) => settingsOf(one, seed))] as const;
  // A name is said of both, whichever knows it.
  const both = {
    ...settings[0],
    hasImplied: settings.some(({ hasImplied }) => hasImplied),
    providers: new Map(settings.flatMap(({ providers }) => [...providers])),
  };
  const accounts = Array.from({ length: size.accounts }, (_, number) => {
    const namespace = NAMESPACES[number % NAMESPACES.length] ?? "production";
    const annotations = drawn(federatedAccounts(both, namespace), seed + number);
    return { namespace, name: `account-${index}-${number}`, annotations };
  });
  const unsent = accounts.flatMap((account, number) =>
    fc
      .sample(podsFor(both, account), { numRuns: size.pods, seed: seed + number })
      .map((pod) => ({ pod: asPod(pod), account }))
      .map((one, position) => (position % DECIDED === 0 ? withSidecar(one, settings[0]) : one)),
  );
  return { configurations, settings, accounts, unsent };
};

/** A key of a provider that only one of two configurations has changes nothing. */
const isHarmless = ({ reason }: Warning): boolean => reason === "unused-key";

/** What pods have to which webhooks under all the settings add everything without a word: the API server may serve those. */
const likelyFeatures = (scenario: DrawnScenario): ReadonlySet<Feature> => {
  const likely = scenario.unsent.filter((unsent) =>
    scenario.settings.every((settings) => {
      const { reason, warnings } = decisionOf(unsent, settings);
      return reason === "injected" && warnings.every(isHarmless);
    }),
  );
  return new Set(likely.flatMap((unsent) => featuresOf(scenario, unsent)));
};

/** So many times as many are drawn as are used. */
const DRAWN = 3;

/** In so many of those that are used each feature is wanted. */
const WANTED = 3;

/** `count` of `scenarios`, first those that have what is not there often enough yet: few are likely to have everything. */
const chosen = (scenarios: readonly DrawnScenario[], count: number): readonly DrawnScenario[] => {
  const left = new Map(scenarios.map((one) => [one, likelyFeatures(one)]));
  const seen = new Map<Feature, number>();
  const picked: DrawnScenario[] = [];
  const gain = (features: ReadonlySet<Feature>): number =>
    [...features].reduce((sum, feature) => sum + Math.max(0, WANTED - (seen.get(feature) ?? 0)) ** 2, 0);
  while (picked.length < count && left.size > 0) {
    const [best] = [...left].reduce((one, other) => (gain(other[1]) > gain(one[1]) ? other : one));
    for (const feature of left.get(best) ?? []) seen.set(feature, (seen.get(feature) ?? 0) + 1);
    left.delete(best);
    picked.push(best);
  }
  return picked;
};

/** The same for every run with `seed`. */
export const injectionScenarios = (seed: number, size: Size): readonly InjectionScenario[] => {
  const drawnScenarios = fc
    .sample(changes, { numRuns: DRAWN * size.configurations, seed })
    .map((configurations, index) => scenario(configurations, { index, seed: seed + 1000 * (index + 1) }, size));
  return chosen(drawnScenarios, size.configurations).map((one) => ({ ...one, objects: objectsOf(one.settings) }));
};
