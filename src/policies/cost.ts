/** What a policy about audiences costs inside the API server: the formula of `src/configuration`, over expressions. */
import { audiencePolicyCost } from "../configuration/audience-cost.ts";
import { CEL_LIMITS, grouped, WORST } from "../configuration/cel-cost.ts";
import type { Settings } from "../configuration/settings.ts";
import type { AudienceTest } from "./audience-tests.ts";

/** Units that a token of one step may cost, with a tenth to spare for the loop. */
const MAX_STEP = (CEL_LIMITS.expression * 0.9) / WORST.tokens;

const costOf = (tests: readonly AudienceTest[]): number => tests.reduce((total, { cost }) => total + cost, 0);

/** Do `tests` fit into one policy beside all others, where they come to more than the configuration was checked with? */
export const fits = (settings: Settings, tests: readonly AudienceTest[]): boolean =>
  tests.every(({ cost }) => cost <= MAX_STEP) && audiencePolicyCost(settings, costOf(tests)) <= CEL_LIMITS.policy;

/** `tests` in steps, each of which fits into one expression. */
export const steps = (tests: readonly AudienceTest[]): readonly (readonly AudienceTest[])[] =>
  grouped(tests, ({ cost, expression }) => Math.max(cost / MAX_STEP, expression.length / 80_000), 1);
