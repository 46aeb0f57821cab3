/** All ServiceAccounts of a cluster, page by page; none of them is kept. */
import { AccountCounter, type AccountSurvey } from "../../check/accounts.ts";
import type { Read } from "../../check/read.ts";
import type { Settings } from "../../configuration/settings.ts";
import { accountKeys } from "../../federation/account-keys.ts";
import { systemClock } from "../../kube/clock.ts";
import type { Connection } from "../../kube/connection.ts";
import { Deadline } from "../../kube/deadline.ts";
import { federatedLabel } from "../../policies/installation.ts";
import { toAttemptEnded } from "../../serviceaccounts/cluster/attempt.ts";
import { listAll } from "../../serviceaccounts/cluster/list-and-watch.ts";
import { bareAccount, ownPart } from "../../serviceaccounts/cluster/own-part.ts";
import { defaultLimits } from "../../serviceaccounts/cluster/reflector-limits.ts";

/** For all pages together: 50,000 ServiceAccounts take some seconds. */
const TIMEOUT_MS = 120_000;
/** Without a byte. */
const IDLE_TIMEOUT_MS = 15_000;

/** Lists and counts them. */
export const gatherAccounts = async (connection: Connection, settings: Settings): Promise<Read<AccountSurvey>> => {
  const keys = accountKeys(settings);
  const label = federatedLabel(settings);
  const counter = new AccountCounter(settings);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const idle = new Deadline(systemClock, signal);
  const { pageSize, maxPageBytes, maxLineBytes } = defaultLimits;
  const request = {
    connection,
    keys,
    pageSize,
    maxPageBytes,
    maxLineBytes,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  };
  try {
    // Each of them is in one of the two lists, so that nobody has to read labels.
    for (const isLabelled of [true, false]) {
      const labelSelector = `${label}${isLabelled ? "=" : "!="}true`;
      await listAll({ ...request, labelSelector }, idle, (metadata) => {
        const account = ownPart(metadata, keys) ?? bareAccount(metadata, keys);
        if (account === undefined) counter.addPlain(metadata.namespace);
        else counter.add(account, isLabelled);
      });
    }
    return { kind: "read", value: counter.finish() };
  } catch (error) {
    if (signal.aborted) return { kind: "failed", message: `the list was not complete after ${TIMEOUT_MS / 1000} s` };
    const { outcome, message } = toAttemptEnded(error);
    const isForbidden = outcome.kind === "failed" && outcome.errorClass === "forbidden";
    return isForbidden
      ? { kind: "forbidden", permission: "list serviceaccounts in all namespaces" }
      : { kind: "failed", message };
  } finally {
    idle.clear();
  }
};
