/** What one check is: a name that scripts know, words for the page, and a judgement over facts. */
import type { Facts } from "./facts.ts";
import type { Verdict } from "./verdict.ts";

/** A check. */
export interface Check {
  /** Stays the same from version to version. */
  readonly id: string;
  /** What it means, for docs/check.md. */
  readonly means: string;
  /** What to do where it does not pass, for docs/check.md. */
  readonly todo: string;
  /** Undefined: nothing to judge, since another check tells what is missing, or it was not asked for. */
  readonly judge: (facts: Facts) => Verdict | undefined;
}
