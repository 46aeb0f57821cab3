/** All ServiceAccounts of a cluster or a namespace, page by page; none of them is kept. */
import type { Settings } from "../configuration/settings.ts";
import { accountKeys } from "../federation/account-keys.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { systemClock } from "../kube/clock.ts";
import type { Connection } from "../kube/connection.ts";
import { Deadline } from "../kube/deadline.ts";
import { toAttemptEnded } from "../serviceaccounts/cluster/attempt.ts";
import { listAll } from "../serviceaccounts/cluster/list-and-watch.ts";
import { bareAccount, ownPart } from "../serviceaccounts/cluster/own-part.ts";
import { defaultLimits } from "../serviceaccounts/cluster/reflector-limits.ts";
import { ClusterQueryFailed } from "../trust/cluster-queries.ts";

/** What is listed. */
export interface AccountList {
  readonly connection: Connection;
  /** Say which annotations are read, and who is federated without any. */
  readonly settings: Settings;
  /** Undefined: all. */
  readonly namespace?: string | undefined;
  /** One list for each, one after the other; a single one of all without them. */
  readonly labelSelectors?: readonly string[];
}

/** One of them. */
export interface ListedAccount {
  readonly namespace: string;
  /** With the annotations that are read; undefined where nothing can federate it. */
  readonly account: ServiceAccount | undefined;
  /** The place of its list among the selectors. */
  readonly list: number;
}

/** For all pages together: 50,000 ServiceAccounts take some seconds. */
const TIMEOUT_MS = 120_000;
/** No cluster has so many; a list that has more does not end. */
const MAX_ACCOUNTS = 1_000_000;
/** Without a byte. */
const IDLE_TIMEOUT_MS = 15_000;

const failureOf = (cause: unknown, isLate: boolean): ClusterQueryFailed => {
  if (isLate)
    return new ClusterQueryFailed(`the list was not complete after ${TIMEOUT_MS / 1000} s`, undefined, { cause });
  const { outcome, message } = toAttemptEnded(cause);
  const isForbidden = outcome.kind === "failed" && outcome.errorClass === "forbidden";
  return new ClusterQueryFailed(message, isForbidden ? 403 : undefined, { cause });
};

/** Gives `put` each of them. Throws {@link ClusterQueryFailed}; its status is 403 where the right to list is missing. */
export const listAccounts = async (
  { connection, settings, namespace, labelSelectors }: AccountList,
  put: (listed: ListedAccount) => void,
): Promise<void> => {
  const keys = accountKeys(settings);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const idle = new Deadline(systemClock, signal);
  const { pageSize, maxPageBytes, maxLineBytes } = defaultLimits;
  const request = { connection, keys, namespace, pageSize, maxPageBytes, maxLineBytes, idleTimeoutMs: IDLE_TIMEOUT_MS };
  let total = 0;
  try {
    for (const [list, labelSelector] of (labelSelectors ?? [undefined]).entries())
      await listAll({ ...request, ...(labelSelector !== undefined && { labelSelector }) }, idle, (metadata) => {
        if (++total > MAX_ACCOUNTS)
          throw new ClusterQueryFailed(`there are more than ${MAX_ACCOUNTS} ServiceAccounts`, undefined);
        put({
          namespace: metadata.namespace,
          account: ownPart(metadata, keys) ?? bareAccount(metadata, keys),
          list,
        });
      });
  } catch (error) {
    if (error instanceof ClusterQueryFailed) throw error;
    throw failureOf(error, signal.aborted);
  } finally {
    idle.clear();
  }
};
