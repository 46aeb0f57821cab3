/** Pods that are asked for at a steady rate, whatever becomes of those before, and what became of each. */
import { setTimeout as sleep } from "node:timers/promises";
import { createApiClient } from "../../cluster/api-client.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { containersWithout } from "../identity.ts";

/** A ServiceAccount whose pods are asked for, and the audience of their token where they are federated. */
export interface LoadAccount {
  readonly name: string;
  readonly audience?: string;
}

/** One request for a pod. */
export interface Attempt {
  readonly isFederated: boolean;
  /** 0 where the API server did not answer. */
  readonly status: number;
  readonly message: string;
  readonly milliseconds: number;
  /** A federated pod that was created without its identity. */
  readonly isWithout: boolean;
  /** Names the request in the audit log. */
  readonly auditId: string;
}

/** What became of them. */
export interface LoadResult {
  readonly attempts: readonly Attempt[];
  /** Plain pods that the API server refused. */
  readonly failedPlain: readonly Attempt[];
  readonly failedFederated: readonly Attempt[];
  readonly without: readonly Attempt[];
  /** The API server was not there. */
  readonly unanswered: readonly Attempt[];
}

/** A load at work. */
export interface SteadyLoad {
  /** Asks for no more pods, waits for all answers, and returns what became of them. */
  stop(): Promise<LoadResult>;
}

const perSecond = 50;

const plainPod = (serviceAccountName: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "load-" },
  spec: {
    serviceAccountName,
    automountServiceAccountToken: false,
    containers: [{ name: "main", image: "example.com/none" }],
  },
});

const judge = (attempts: readonly Attempt[]): LoadResult => {
  const failed = attempts.filter(({ status }) => status !== 201 && status !== 0);
  return {
    attempts,
    failedPlain: failed.filter(({ isFederated }) => !isFederated),
    failedFederated: failed.filter(({ isFederated }) => isFederated),
    without: attempts.filter(({ isWithout }) => isWithout),
    unanswered: attempts.filter(({ status }) => status === 0),
  };
};

/** Starts asking for 50 pods a second, of `accounts` in turn, as dry runs. */
export const startSteadyLoad = (cluster: Cluster, accounts: readonly LoadAccount[]): SteadyLoad => {
  const { url, caPem, adminToken, sockets } = cluster;
  // More connections than a webhook that does not answer can hold up.
  const api = createApiClient({ url, caPem, adminToken, socketPath: sockets?.apiServer, connections: 2_000 });
  const pending = new Set<Promise<void>>();
  const attempts: Attempt[] = [];
  let isOver = false;

  const ask = async ({ name, audience }: LoadAccount): Promise<Attempt> => {
    const startedAt = performance.now();
    const asked = await api
      .request<Pod & { message?: string }>("POST", "/api/v1/namespaces/default/pods?dryRun=All", plainPod(name))
      .catch((error: unknown) => ({ status: 0, headers: {}, body: { message: String(error) } as const }));
    const { status, body, headers } = asked;
    const isFederated = audience !== undefined;
    const isWithout = status === 201 && isFederated && containersWithout(body as Pod, [audience]).length > 0;
    return {
      isFederated,
      status,
      message: status === 201 ? "" : (body.message ?? ""),
      milliseconds: performance.now() - startedAt,
      isWithout,
      auditId: String((headers as Record<string, unknown>)["audit-id"] ?? ""),
    };
  };

  const pace = async (): Promise<void> => {
    const startedAt = performance.now();
    for (let count = 0; !isOver; count += 1) {
      const account = accounts[count % accounts.length];
      if (!account) throw new Error("a load needs accounts");
      const work: Promise<void> = ask(account).then((attempt) => {
        attempts.push(attempt);
        pending.delete(work);
      });
      pending.add(work);
      await sleep(Math.max(0, startedAt + ((count + 1) * 1_000) / perSecond - performance.now()));
    }
  };
  const paced = pace();

  return {
    async stop() {
      isOver = true;
      await paced;
      await Promise.all(pending);
      await api.close();
      return judge(attempts);
    },
  };
};
