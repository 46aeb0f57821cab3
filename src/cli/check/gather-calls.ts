/** The dry runs that show whether Podpass is really called. */
import type { Facts } from "../../check/facts.ts";
import { accountsWebhook, ownWebhook } from "../../check/ours.ts";
import { valueIn } from "../../check/read.ts";
import { chooseAccount } from "./choose-account.ts";
import { createDryRunAccount, createDryRunPod } from "./dry-runs.ts";
import type { Asking } from "./questions.ts";

/** What is tried. */
export interface Trying extends Asking {
  readonly withDryRun: boolean;
  readonly withAccountDryRun: boolean;
}

type Known = Omit<Facts, "nowMs" | "ownVersion" | "version" | "call" | "accountCall">;

/** Any image does: nothing is stored, and nothing runs. */
const IMAGE = "registry.k8s.io/pause:3.10";

/** Tries both webhooks; where the registration of one is missing, there is nothing to try. */
export const gatherCalls = async (
  { ask, withDryRun, withAccountDryRun }: Trying,
  known: Known,
): Promise<Pick<Facts, "call" | "accountCall">> => {
  const isRegistered = known.webhooks.kind !== "read" || ownWebhook(known) !== undefined;
  const isAccountsRegistered = accountsWebhook(known) !== undefined;
  const account = chooseAccount(known);
  if (account === undefined) return { call: undefined, accountCall: undefined };
  const annotationPrefix = valueIn(known.configuration)?.settings?.annotationPrefix ?? "podpass.dev";
  const image = valueIn(known.deployment)?.image ?? IMAGE;
  const [call, accountCall] = await Promise.all([
    withDryRun && isRegistered ? createDryRunPod(ask, { account, annotationPrefix, image }) : undefined,
    withAccountDryRun && isAccountsRegistered ? createDryRunAccount(ask, { account, annotationPrefix }) : undefined,
  ]);
  return { call, accountCall };
};
