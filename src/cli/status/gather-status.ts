/** A cluster's federated ServiceAccounts and running pods, page by page; none of the pods is kept. */
import { setTimeout as wait } from "node:timers/promises";
import type { Settings } from "../../configuration/settings.ts";
import { accountKeys } from "../../federation/account-keys.ts";
import { systemClock } from "../../kube/clock.ts";
import type { Connection } from "../../kube/connection.ts";
import { Deadline } from "../../kube/deadline.ts";
import { podPages } from "../../kube/pod-pages.ts";
import { toAttemptEnded } from "../../serviceaccounts/cluster/attempt.ts";
import { listAll } from "../../serviceaccounts/cluster/list-and-watch.ts";
import { bareAccount, ownPart } from "../../serviceaccounts/cluster/own-part.ts";
import { defaultLimits } from "../../serviceaccounts/cluster/reflector-limits.ts";
import { PodJudge } from "../../status/judge-pod.ts";
import { StatusCounter, type StatusFilter, type StatusReport } from "../../status/report.ts";
import { readRunningPod } from "../../status/running-pod.ts";
import { ClusterQueryFailed } from "../../trust/cluster-queries.ts";

/** What is looked at, with what. */
export interface StatusQuestion {
  readonly connection: Connection;
  readonly settings: Settings;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly filter: StatusFilter;
  /** Waited between two pages; not at all unless told. */
  readonly pauseMs?: number;
  /** Called now and then with how many pods were looked at, of how many. */
  onProgress?(pods: number, total: number): void;
}

/** For all pages of ServiceAccounts: 50,000 take some seconds. */
const TIMEOUT_MS = 120_000;
/** Without a byte. */
const IDLE_TIMEOUT_MS = 15_000;

const addAccounts = async ({ connection, settings, namespace }: StatusQuestion, counter: StatusCounter) => {
  const keys = accountKeys(settings);
  const { pageSize, maxPageBytes, maxLineBytes } = defaultLimits;
  const idleTimeoutMs = IDLE_TIMEOUT_MS;
  const idle = new Deadline(systemClock, AbortSignal.timeout(TIMEOUT_MS));
  const request = { connection, keys, namespace, pageSize, maxPageBytes, maxLineBytes, idleTimeoutMs };
  try {
    await listAll(request, idle, (metadata) => {
      const account = ownPart(metadata, keys) ?? bareAccount(metadata, keys);
      if (account !== undefined) counter.addAccount(account);
    });
  } catch (error) {
    const { outcome, message } = toAttemptEnded(error);
    const isForbidden = outcome.kind === "failed" && outcome.errorClass === "forbidden";
    throw new ClusterQueryFailed(`ServiceAccounts: ${message}`, isForbidden ? 403 : undefined, { cause: error });
  } finally {
    idle.clear();
  }
};

/** Lists and judges everything. Throws {@link ClusterQueryFailed} where the cluster does not let it. */
export const gatherStatus = async (question: StatusQuestion): Promise<StatusReport> => {
  const { connection, settings, namespace, filter, onProgress } = question;
  const counter = new StatusCounter(settings, filter);
  const judge = new PodJudge(settings);
  await addAccounts(question, counter);
  let pods = 0;
  for await (const { items, remaining } of podPages({ connection, namespace })) {
    for (const item of items) {
      const running = readRunningPod(item);
      if (running !== undefined) counter.add(running, judge.judge(running, counter.accountOf(running)));
    }
    pods += items.length;
    onProgress?.(pods, pods + remaining);
    if (question.pauseMs !== undefined) await wait(question.pauseMs, undefined, { ref: false });
  }
  return counter.finish();
};
