/** Every check there is, by what it is about. */
import { ACCOUNT_CHECKS } from "./account-checks.ts";
import { ACCOUNTS_WEBHOOK_CHECKS } from "./accounts-webhook-checks.ts";
import { CALL_CHECKS } from "./call-checks.ts";
import { CERTIFICATE_CHECKS } from "./certificate-checks.ts";
import type { Check } from "./check.ts";
import { CLUSTER_CHECKS } from "./cluster-checks.ts";
import { CONFIGURATION_CHECKS } from "./configuration-checks.ts";
import { DEPLOYMENT_CHECKS } from "./deployment-checks.ts";
import type { Facts } from "./facts.ts";
import { ISSUER_CHECKS } from "./issuer-checks.ts";
import { PERMISSION_CHECKS } from "./permission-checks.ts";
import { POLICY_ACCOUNT_CHECKS } from "./policy-account-checks.ts";
import { POLICY_CHECKS } from "./policy-checks.ts";
import { SCOPE_CHECKS } from "./scope-checks.ts";
import type { Level, Verdict } from "./verdict.ts";
import { WEBHOOK_CHECKS } from "./webhook-checks.ts";

/** Checks about one thing. */
export interface Group {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** In the order of the output. */
export const GROUPS: readonly Group[] = [
  { title: "Cluster", checks: CLUSTER_CHECKS },
  { title: "Configuration", checks: CONFIGURATION_CHECKS },
  { title: "Replicas", checks: DEPLOYMENT_CHECKS },
  { title: "Webhook", checks: [...WEBHOOK_CHECKS, ...CALL_CHECKS, ...ACCOUNTS_WEBHOOK_CHECKS] },
  { title: "Reach", checks: SCOPE_CHECKS },
  { title: "Policies", checks: [...POLICY_CHECKS, ...POLICY_ACCOUNT_CHECKS] },
  { title: "Certificates", checks: CERTIFICATE_CHECKS },
  { title: "Permissions", checks: PERMISSION_CHECKS },
  { title: "ServiceAccounts", checks: ACCOUNT_CHECKS },
  { title: "Issuer", checks: ISSUER_CHECKS },
];

/** The names of all checks. */
export const CHECK_IDS: readonly string[] = GROUPS.flatMap(({ checks }) => checks.map(({ id }) => id));

/** One line of the result. */
export interface Finding extends Verdict {
  readonly id: string;
  /** The title of its group. */
  readonly group: string;
}

/** Judges `facts`, but for the checks in `skipped`. */
export const judgeAll = (facts: Facts, skipped: ReadonlySet<string> = new Set()): readonly Finding[] =>
  GROUPS.flatMap(({ title, checks }) =>
    checks.flatMap(({ id, judge }) => {
      const verdict = skipped.has(id) ? undefined : judge(facts);
      return verdict === undefined ? [] : [{ id, group: title, ...verdict }];
    }),
  );

/** How many findings there are of each level. */
export const countLevels = (findings: readonly Finding[]): Readonly<Record<Level, number>> => {
  const counts = { pass: 0, warn: 0, fail: 0 };
  for (const { level } of findings) counts[level]++;
  return counts;
};
