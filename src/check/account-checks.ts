/** The ServiceAccounts of the cluster, by the code that decides over their pods. */

import type { AccountSurvey } from "./accounts.ts";
import type { Check } from "./check.ts";
import type { Facts } from "./facts.ts";
import { valueIn } from "./read.ts";
import { counted, pass, unjudged, type Verdict, warn } from "./verdict.ts";

const sorted = (counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] =>
  [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));

const show = (counts: ReadonlyMap<string, number>): string =>
  sorted(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");

const named = (lines: readonly string[], count: number): readonly string[] =>
  count > lines.length ? [...lines, `and ${count - lines.length} more`] : lines;

const ofSurvey =
  (judge: (survey: AccountSurvey, facts: Facts) => Verdict): Check["judge"] =>
  (facts) =>
    facts.accounts?.kind === "read" ? judge(facts.accounts.value, facts) : undefined;

const judgeTotals = ({ accounts }: Facts): Verdict | undefined => {
  if (accounts === undefined || accounts.kind === "absent") return undefined;
  if (accounts.kind !== "read") return unjudged("the ServiceAccounts", accounts);
  const { total, federated, byProvider } = accounts.value;
  const providers = byProvider.size === 0 ? "" : `: ${show(byProvider)}`;
  return pass(
    `${federated} of ${counted(total, "ServiceAccount")} ${federated === 1 ? "is" : "are"} federated${providers}`,
    {
      data: { total, federated, byProvider: Object.fromEntries(sorted(byProvider)) },
    },
  );
};

const judgeInvalid = ({ invalid, byReason, invalidLines }: AccountSurvey, { configuration }: Facts): Verdict => {
  if (invalid === 0) return pass("every federated ServiceAccount can be resolved", { data: { invalid } });
  const settings = valueIn(configuration)?.settings;
  const isDenied = settings?.policy.invalidServiceAccount === "Deny" && settings.policy.enforcement === "Enforce";
  return warn(
    `${counted(invalid, "federated ServiceAccount")} cannot be resolved: ${isDenied ? "their pods are refused" : "their pods go without what cannot be resolved"}`,
    "Correct the annotations; docs/reasons.md explains each code.",
    {
      details: [show(byReason), ...named(invalidLines, invalid)],
      data: { invalid, byReason: Object.fromEntries(sorted(byReason)) },
    },
  );
};

const judgeUnread = ({ withWarnings, warningLines }: AccountSurvey): Verdict =>
  withWarnings === 0
    ? pass("no ServiceAccount has annotations that are not heeded")
    : warn(
        `${counted(withWarnings, "ServiceAccount")} ${withWarnings === 1 ? "has" : "have"} annotations that are not heeded`,
        "Correct the keys, or take them away.",
        { details: named(warningLines, withWarnings), data: { serviceAccounts: withWarnings } },
      );

/** The checks, in the order of the output. */
export const ACCOUNT_CHECKS: readonly Check[] = [
  {
    id: "serviceaccounts",
    means: "How many ServiceAccounts there are, how many are federated, and with which providers.",
    todo: "Listing them needs `list serviceaccounts` in all namespaces.",
    judge: judgeTotals,
  },
  {
    id: "serviceaccounts-unresolved",
    means:
      "Federated ServiceAccounts that the configuration cannot resolve; the first are named with the reason, the rest counted.",
    todo: "Correct the annotations, or the configuration. `podpass lint` says the same of manifests, with the line.",
    judge: ofSurvey(judgeInvalid),
  },
  {
    id: "serviceaccounts-unread-keys",
    means:
      "Annotations that are not heeded: typing errors, providers that are not configured, and keys of vendors that ask for what is not done, or for a provider that is not for the namespace.",
    todo: "Correct the keys; the nearest that exists is named.",
    judge: ofSurvey(judgeUnread),
  },
];
