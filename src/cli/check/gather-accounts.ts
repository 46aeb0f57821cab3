/** All ServiceAccounts of a cluster, counted. */
import { AccountCounter, type AccountSurvey } from "../../check/accounts.ts";
import type { Read } from "../../check/read.ts";
import type { Settings } from "../../configuration/settings.ts";
import type { Connection } from "../../kube/connection.ts";
import { federatedLabel } from "../../policies/installation.ts";
import { ClusterQueryFailed } from "../../trust/cluster-queries.ts";
import { listAccounts } from "../list-accounts.ts";

/** Lists and counts them. */
export const gatherAccounts = async (connection: Connection, settings: Settings): Promise<Read<AccountSurvey>> => {
  const label = federatedLabel(settings);
  const counter = new AccountCounter(settings);
  // Each of them is in one of the two lists, so that nobody has to read labels.
  const labelSelectors = [`${label}=true`, `${label}!=true`];
  try {
    await listAccounts({ connection, settings, labelSelectors }, ({ namespace, account, list }) => {
      if (account === undefined) counter.addPlain(namespace);
      else counter.add(account, list === 0);
    });
    return { kind: "read", value: counter.finish() };
  } catch (error) {
    if (!(error instanceof ClusterQueryFailed)) throw error;
    return error.status === 403
      ? { kind: "forbidden", permission: "list serviceaccounts in all namespaces" }
      : { kind: "failed", message: error.message };
  }
};
