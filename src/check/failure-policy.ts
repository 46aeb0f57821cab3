/** What becomes of pods while no replica answers. */
import type { Facts } from "./facts.ts";
import { refusesInside } from "./policies.ts";
import { pass, type Verdict, warn } from "./verdict.ts";
import type { Webhook } from "./webhooks.ts";

const CONSEQUENCES: Readonly<Record<string, string>> = {
  Ignore:
    "failurePolicy Ignore: while no replica answers, every pod starts, and pods of federated ServiceAccounts without their identity; they have to be created again",
  Fail: "failurePolicy Fail: while no replica answers, no pod is created in the namespaces that the webhook sees",
};

const INSIDE =
  "failurePolicy Ignore: while no replica answers, pods start, and those of federated ServiceAccounts are served or refused by the policies inside the API server";

/** Says it in words. */
export const judgeFailurePolicy = ({ failurePolicy }: Webhook, facts: Facts): Verdict => {
  const { deployment } = facts;
  const text =
    failurePolicy === "Ignore" && refusesInside(facts)
      ? INSIDE
      : (CONSEQUENCES[failurePolicy] ?? `failurePolicy ${failurePolicy}`);
  const more = { data: { failurePolicy } };
  if (failurePolicy === "Fail" && deployment.kind === "read" && deployment.value.replicas < 2)
    return warn(`${text}; there is one replica alone`, "Use two or more replicas, or failurePolicy: Ignore.", more);
  return pass(text, more);
};
