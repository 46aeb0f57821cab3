/** Pods of many kinds at a steady rate, each with what must never become of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { createApiClient } from "../../cluster/api-client.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { containersWithout } from "../identity.ts";

/** One kind of pod. */
export interface Kind {
  readonly namespace?: string;
  readonly pod: object;
  /** The audiences of the tokens that it must have wherever it is created. */
  readonly audiences?: readonly string[];
  /** Others that are as good. */
  readonly otherAudiences?: readonly string[];
  /** One in so many turns; every one by default. */
  readonly oneIn?: number;
  /** `always`: it is created whatever happens. `never`: it is never created. Else it may be refused. */
  readonly created?: "always" | "never";
}

/** What became of one pod. */
export interface Attempt {
  readonly kind: string;
  /** What went on when it was asked for. */
  readonly phase: string;
  /** 0 where the API server did not answer. */
  readonly status: number;
  readonly message: string;
  /** When it was asked for, and when that was answered, on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Created without the tokens that it must have. */
  readonly isWithout: boolean;
  /** What must not be became so. */
  readonly isWrong: boolean;
}

/** A load at work. */
export interface MixedLoad {
  /** What goes on from now on. */
  readonly enter: (phase: string) => void;
  /** Asks for no more, and resolves to what became of all. */
  stop(): Promise<readonly Attempt[]>;
}

const PER_SECOND = 50;
/** A machine that cannot do so many is asked for fewer; else answers would come later and later. */
const MAX_PENDING = 100;

/** Is there a container that has neither the tokens that it must have nor the others? */
export const lacksIdentity = (pod: Pod, { audiences = [], otherAudiences = audiences }: Kind): boolean =>
  [audiences, otherAudiences].every((wanted) => containersWithout(pod, wanted).length > 0);

const isWrong = ({ created }: Kind, status: number, isWithout: boolean): boolean => {
  if (created === "always") return status !== 201 || isWithout;
  if (created === "never") return status !== 403;
  return isWithout || (status !== 201 && status !== 403);
};

/** Starts asking for 50 pods a second, of `kinds` in turn; as dry runs, unless `query` says otherwise. */
export const startMixedLoad = (
  cluster: Cluster,
  kinds: Readonly<Record<string, Kind>>,
  query = "?dryRun=All",
): MixedLoad => {
  const { url, caPem, adminToken } = cluster;
  const api = createApiClient({ url, caPem, adminToken, connections: 500 });
  const attempts: Attempt[] = [];
  const pending = new Set<Promise<void>>();
  const all = Object.entries(kinds);
  let phase = "";
  let isOver = false;
  // A test that fails leaves no load behind.
  onTestFinished(() => {
    isOver = true;
  });

  const ask = async (name: string, kind: Kind): Promise<void> => {
    const during = phase;
    const startedAt = performance.now();
    const path = `/api/v1/namespaces/${kind.namespace ?? "default"}/pods${query}`;
    const { status, body } = await api
      .request<Pod & { message?: string }>("POST", path, kind.pod)
      .catch((error: unknown) => ({ status: 0, body: { message: String(error) } as Pod & { message?: string } }));
    const isWithout = status === 201 && lacksIdentity(body, kind);
    const message = status === 201 ? "" : (body.message ?? "");
    const one = { kind: name, phase: during, status, message, startedAt, endedAt: performance.now(), isWithout };
    attempts.push({ ...one, isWrong: isWrong(kind, status, isWithout) });
  };

  const work = async (): Promise<void> => {
    const startedAt = performance.now();
    for (let count = 0; !isOver; count++) {
      const [name, kind] = all[count % all.length] ?? [];
      if (name === undefined || kind === undefined) throw new Error("no kinds of pods");
      if (Math.floor(count / all.length) % (kind.oneIn ?? 1) > 0) continue;
      const asked = ask(name, kind).finally(() => pending.delete(asked));
      pending.add(asked);
      while (pending.size >= MAX_PENDING) await Promise.race(pending);
      const dueAt = startedAt + ((count + 1) * 1000) / PER_SECOND;
      await sleep(Math.max(0, dueAt - performance.now()));
    }
  };
  const working = work();
  return {
    enter: (next) => {
      phase = next;
    },
    async stop() {
      isOver = true;
      await working;
      await Promise.all(pending);
      await api.close();
      return attempts;
    },
  };
};

/** What became of them, a line for each phase. */
export const summaryOf = (attempts: readonly Attempt[]): readonly string[] => {
  const phases = Map.groupBy(attempts, ({ phase }) => phase);
  return [...phases].map(([phase, ofPhase]) => {
    const counted = [...Map.groupBy(ofPhase, ({ kind }) => kind)].map(
      ([kind, ofKind]) => `${kind}: ${ofKind.filter(({ status }) => status === 201).length} of ${ofKind.length}`,
    );
    return `${phase}: ${ofPhase.length} pods; created ${counted.join(", ")}`;
  });
};
