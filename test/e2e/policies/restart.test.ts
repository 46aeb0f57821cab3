/** The API server killed and started again under load, while the webhook is away, with thousands of ServiceAccounts. */
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { createAccount } from "../accounts.ts";
import { inParallel } from "../in-parallel.ts";
import { AWS, EVIL, loadPod, STS } from "./load-pods.ts";
import { type Attempt, type Kind, lacksIdentity, startMixedLoad, summaryOf } from "./mixed-load.ts";
import { allPoliciesOf, MODES, registerAway } from "./pods.ts";

// Few in each, since in exact mode each of them costs every pod of its namespace.
const NAMESPACES = Array.from({ length: 100 }, (_, index) => `team-${index}`);
const ACCOUNTS_EACH = 30;
const FEDERATED_EACH = 4;
/** Those whose pods are asked for. */
const USED = ["team-0", "team-49", "team-99"];
const ROUNDS = 2;
const BETWEEN_MS = 2_000;
/** It answers within so long of its start. */
const ANSWERING_MS = 15_000;

const say = (text: string) => process.stdout.write(`\n    ${text}\n`);

/** A pod that says of which kind it is, for those of which nobody was told that they were created. */
const kindOf = (
  kind: string,
  namespace: string,
  { pod, ...rest }: Kind & { readonly pod: ReturnType<typeof loadPod> },
) => {
  const metadata = { ...pod.metadata, labels: { kind } };
  return [`${kind} ${namespace}`, { ...rest, namespace, pod: { ...pod, metadata } }] as const;
};

const marked = { "podpass.dev/injected": "aws" };
const KINDS: Readonly<Record<string, Kind & { readonly pod: ReturnType<typeof loadPod> }>> = {
  plain: { pod: loadPod({ account: "account-29" }), created: "always" },
  federated: { pod: loadPod({ account: "account-0" }), audiences: [STS] },
  "opted-out": {
    pod: loadPod({ account: "account-1", annotations: { "podpass.dev/inject": "false" } }),
    created: "always",
  },
  copied: { pod: loadPod({ account: "account-2", annotations: marked }), audiences: [STS] },
  forbidden: { pod: loadPod({ account: "account-28", token: EVIL }), created: "never" },
  "forbidden-and-marked": {
    pod: loadPod({ account: "account-3", annotations: marked, token: EVIL }),
    created: "never",
  },
};
const LOAD = Object.fromEntries(
  USED.flatMap((namespace) => Object.entries(KINDS).map(([name, kind]) => kindOf(name, namespace, kind))),
);

const nameOf = ({ kind }: Attempt): string => kind.split(" ")[0] ?? "";

/** What was answered, and must not have been. An API server that is away answers with 0. */
const isGap = (attempt: Attempt): boolean =>
  attempt.status === 201 && (attempt.isWithout || KINDS[nameOf(attempt)]?.created === "never");

/** The messages of refused pods without what differs from pod to pod, with how often there is each. */
const reasonsOf = (attempts: readonly Attempt[]): readonly string[] => {
  const short = ({ status, message }: Attempt) => `${status} ${message.replace(/"[^"]*"/gu, "…").slice(0, 160)}`;
  return [...Map.groupBy(attempts, short)].map(([reason, all]) => `${all.length} x ${reason}`);
};

describeOnCluster("the API server killed and started again, with 3,000 ServiceAccounts", { timeout: 240_000 }, () => {
  const cluster = useCluster();

  beforeAll(async () => {
    await registerAway(cluster());
    const [mode = "exact"] = MODES;
    await applyPolicies(cluster(), allPoliciesOf({ policy: { tokens: { audiences: {} } } }, mode));
    await inParallel(NAMESPACES, 4, async (name) => {
      await cluster().must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    });
    const accounts = NAMESPACES.flatMap((namespace) =>
      Array.from({ length: ACCOUNTS_EACH }, (_, index) => ({
        namespace,
        name: `account-${index}`,
        annotations: index < FEDERATED_EACH ? AWS : {},
      })),
    );
    await inParallel(accounts, 16, (account) => createAccount(cluster(), account));
  }, 240_000);

  it.each(MODES)("%s mode: no pod passes that would not have passed before", async (mode) => {
    await applyPolicies(cluster(), allPoliciesOf({ policy: { tokens: { audiences: {} } } }, mode));
    const load = startMixedLoad(cluster(), LOAD, "");
    load.enter("before");
    await sleep(BETWEEN_MS);
    for (let round = 1; round <= ROUNDS; round++) {
      load.enter(`killed ${round}`);
      // It answers before it calls itself ready, on a busy machine by a minute; the next round may kill it before that.
      const ready = cluster()
        .restartApiServer()
        .catch(() => undefined);
      await Promise.race([ready, sleep(ANSWERING_MS)]);
      await sleep(BETWEEN_MS);
    }
    const attempts = await load.stop();

    say(`${mode} mode`);
    for (const line of summaryOf(attempts.map((attempt) => ({ ...attempt, kind: nameOf(attempt) })))) say(line);
    for (let round = 1; round <= ROUNDS; round++) {
      const ofRound = attempts.filter(({ phase }) => phase === `killed ${round}`);
      expect(ofRound.some(({ status }) => status === 0)).toBe(true);
      expect(ofRound.some(({ status }) => status === 201)).toBe(true);
    }
    const failedPlain = attempts.filter((attempt) => KINDS[nameOf(attempt)]?.created === "always" && attempt.isWrong);
    for (const reason of reasonsOf(failedPlain)) say(`plain and opted out: ${reason}`);
    expect(reasonsOf(failedPlain.filter(({ status }) => status !== 0))).toEqual([]);
    expect(attempts.filter(isGap).slice(0, 5)).toEqual([]);
    // An API server that was killed may have created a pod of which it told nobody.
    const stored = await cluster().must<{ items: Pod[] }>("GET", "/api/v1/pods?labelSelector=kind");
    const wrong = stored.items.filter((pod) => {
      const kind = KINDS[pod.metadata.labels?.["kind"] ?? ""];
      return kind === undefined || kind.created === "never" || lacksIdentity(pod, kind);
    });
    expect(wrong.map(({ metadata }) => metadata)).toEqual([]);
    expect(stored.items.length).toBeGreaterThanOrEqual(attempts.filter(({ status }) => status === 201).length);
  });
});
