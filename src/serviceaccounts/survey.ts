/** All federated ServiceAccounts under one configuration: how many there are, and which cannot be resolved. */
import type { Settings } from "../configuration/settings.ts";
import { resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import type { Problem, ProblemReason } from "../reasons/reasons.ts";

/** The result. */
export interface Survey {
  readonly federated: number;
  /** Those with problems, by `namespace/name`. */
  readonly invalid: ReadonlyMap<string, readonly Problem[]>;
  /** How many have each reason. */
  readonly byReason: ReadonlyMap<ProblemReason, number>;
}

/** Judges `accounts` with `settings`. */
export const surveyAccounts = (accounts: Iterable<ServiceAccount>, settings: Settings): Survey => {
  let federated = 0;
  const invalid = new Map<string, readonly Problem[]>();
  const byReason = new Map<ProblemReason, number>();
  for (const account of accounts) {
    const { isFederated, problems } = resolveFederation(account, settings);
    if (!isFederated) continue;
    federated++;
    if (problems.length === 0) continue;
    invalid.set(`${account.namespace}/${account.name}`, problems);
    for (const reason of new Set(problems.map((problem) => problem.reason)))
      byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  }
  return { federated, invalid, byReason };
};
