/** A cluster's federated ServiceAccounts and running pods, page by page; none of the pods is kept. */
import { setTimeout as wait } from "node:timers/promises";
import type { Settings } from "../../configuration/settings.ts";
import type { Connection } from "../../kube/connection.ts";
import { podPages } from "../../kube/pod-pages.ts";
import { PodJudge } from "../../status/judge-pod.ts";
import { StatusCounter, type StatusFilter, type StatusReport } from "../../status/report.ts";
import { readRunningPod } from "../../status/running-pod.ts";
import type { WebhookScope } from "../../status/webhook-scope.ts";
import { listAccounts } from "../list-accounts.ts";

/** What is looked at, with what. */
export interface StatusQuestion {
  readonly connection: Connection;
  readonly settings: Settings;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly filter: StatusFilter;
  /** Which pods the webhook is asked about; all unless told. */
  readonly scope?: WebhookScope | undefined;
  /** Waited between two pages; not at all unless told. */
  readonly pauseMs?: number;
  /** Called now and then with how many pods were looked at, of how many. */
  onProgress?(pods: number, total: number): void;
}

/** Lists and judges everything. Throws a `ClusterQueryFailed` where the cluster does not let it. */
export const gatherStatus = async (question: StatusQuestion): Promise<StatusReport> => {
  const { connection, settings, namespace, filter, onProgress } = question;
  const counter = new StatusCounter(settings, filter);
  const judge = new PodJudge(settings, question.scope);
  await listAccounts({ connection, settings, namespace }, ({ account }) => {
    if (account !== undefined) counter.addAccount(account);
  });
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
