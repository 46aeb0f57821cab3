/** What the policies about audiences cost at most, for people. */
import { accountCost, audiencePolicyCost, settableIn } from "../configuration/audience-cost.ts";
import { CEL_LIMITS, WORST } from "../configuration/cel-cost.ts";
import type { Settings } from "../configuration/settings.ts";
import { isNarrow } from "./audience-steps.ts";
import { fixedTests, namespacesOf, templateTests } from "./audience-tests.ts";
import { steps } from "./cost.ts";

/** In CEL's units, for the worst pod that is judged. */
export interface WorstCost {
  /** Of the expression that costs most; the API server allows {@link CEL_LIMITS}`.expression`. */
  readonly expression: number;
  /** Of all expressions of the policy that costs most; the API server allows {@link CEL_LIMITS}`.policy`. */
  readonly policy: number;
}

/** A tenth for the loop over tokens. */
const LOOP = 0.9;

/** Undefined where no audiences are judged: what is left costs the same for all configurations. */
export const worstCost = (settings: Settings): WorstCost | undefined => {
  if (settings.policy.audiences === undefined) return undefined;
  const namespaces = namespacesOf(settings);
  const { wide, narrow } = templateTests(settings, namespaces);
  const tests = [...fixedTests(settings, namespaces), ...(isNarrow(settings) ? narrow : wide)];
  const ofSteps = steps(tests).map((step) => {
    const perToken = step.reduce((sum, { cost }) => sum + cost, 0);
    return Math.ceil((perToken * WORST.tokens) / LOOP);
  });
  const ofAccounts = [...settings.providers.values()]
    .filter((provider) => settableIn(provider).length > 0)
    .map(accountCost);
  return { expression: Math.max(0, ...ofSteps, ...ofAccounts), policy: audiencePolicyCost(settings) };
};

const number = (count: number): string => count.toLocaleString("en-US");

/** `cost` in a sentence, beside what is allowed. */
export const showCost = (cost: WorstCost): string =>
  `policies cost up to ${number(cost.expression)} of ${number(CEL_LIMITS.expression)} units in one expression, and ${number(cost.policy)} of ${number(CEL_LIMITS.policy)} in one policy, for a pod with ${WORST.tokens} tokens of ${number(WORST.characters)} characters`;
