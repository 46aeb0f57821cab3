/** Microseconds per decision, in one process: from the pod as parsed JSON to the patch. */
import { readFileSync } from "node:fs";
import { compileConfiguration } from "../src/configuration/compile.ts";
import type { Settings } from "../src/configuration/settings.ts";
import { decide } from "../src/decision/decide.ts";
import { prepareAccount } from "../src/decision/prepared-account.ts";
import type { Pod } from "../src/pod/pod.ts";
import { readPod } from "../src/pod/pod.ts";
import { SERVICE_ACCOUNTS } from "./service-accounts.ts";
import { median } from "./statistics.ts";

/** One row of the result; `microseconds` is the median of the batches. */
export interface DecisionResult {
  readonly name: string;
  readonly microseconds: number;
  readonly operations: number;
}

const BATCHES = 9;
const BATCH_MS = 120;

const measure = (run: () => unknown): number => {
  const warmUp = performance.now() + 300;
  let perRun = 0;
  for (let runs = 1; performance.now() < warmUp; runs *= 2) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    perRun = (performance.now() - start) / runs;
  }
  const runs = Math.max(1, Math.round(BATCH_MS / perRun));
  const batches = Array.from({ length: BATCHES }, () => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    return ((performance.now() - start) / runs) * 1000;
  });
  return median(batches);
};

interface Review {
  readonly request: { readonly namespace: string; readonly object: unknown };
}

const load = (review: string): { pod: Pod; namespace: string } => {
  const path = new URL(`../test/data/admission-reviews/${review}.json`, import.meta.url);
  const { request } = JSON.parse(readFileSync(path, "utf8")) as Review;
  const read = readPod(request.object);
  if ("problem" in read) throw new Error(`${review}: ${read.problem}`);
  return { pod: read.pod, namespace: request.namespace };
};

const settingsOf = (configuration: Parameters<typeof compileConfiguration>[0]): Settings => {
  const compiled = compileConfiguration(configuration);
  if (!compiled.ok) throw new Error("a configuration of the benchmark has problems");
  return compiled.settings;
};

/** Measures the cases: nothing to do, one provider, three providers, a policy, and the biggest recorded pod. */
export const measureDecisions = (): readonly DecisionResult[] => {
  const plain = settingsOf({});
  const policy = settingsOf({
    policy: { tokens: { expirationSeconds: { max: 86_400 }, audiences: { allow: ["https://*.example.com"] } } },
  });
  const cases = [
    ["deployment, not federated", "deployment", "none", plain],
    ["deployment, one provider", "deployment", "one", plain],
    ["deployment, one provider, with a policy for tokens", "deployment", "one", policy],
    ["deployment, three providers", "deployment", "three", plain],
    ["big, one provider", "big", "one", plain],
    ["big, three providers", "big", "three", plain],
  ] as const;
  return cases.map(([name, review, account, settings]) => {
    const serviceAccount = SERVICE_ACCOUNTS[account];
    const input = {
      ...load(review),
      serviceAccount,
      settings,
      prepared: prepareAccount(serviceAccount, settings),
    };
    return { name, microseconds: measure(() => decide(input)), operations: decide(input).patch.length };
  });
};
