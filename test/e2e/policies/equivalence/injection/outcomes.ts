/** Pods sent to an API server that injects, and the same pods as the webhook would have made them. */
import { isDeepStrictEqual } from "node:util";
import type { Settings } from "../../../../../src/configuration/settings.ts";
import { type Decision, decide } from "../../../../../src/decision/decide.ts";
import type { Pod } from "../../../../../src/pod/pod.ts";
import type { Cluster } from "../../../../cluster/cluster.ts";
import { applied } from "../../../../support/pods.ts";
import { type Answer, sendAll } from "../answers.ts";
import type { InjectionScenario, Unsent } from "./scenarios.ts";

/** The account without an identity, whose pods the API server only fills in. */
export const TWIN = "twin";

/** What became of one pod. */
export interface Outcome {
  readonly unsent: Unsent;
  /** `otherwise`: refused by Kubernetes itself. `due`: left alone, where the webhook would have injected everything. */
  readonly kind: "served" | "due" | "alone" | "otherwise";
  /** Undefined where it is as it should be. */
  readonly wrong: string | undefined;
}

const named = (pod: Pod, serviceAccountName: string): Pod => ({ ...pod, spec: { ...pod.spec, serviceAccountName } });

/** What is compared: everything but whose it is, and the name that is made up for each. */
const comparable = (pod: Pod): unknown => {
  const { serviceAccountName: _, serviceAccount: __, ...spec } = pod.spec as Pod["spec"] & { serviceAccount?: string };
  const text = JSON.stringify({ annotations: pod.metadata?.annotations ?? {}, spec });
  return JSON.parse(text.replace(/"kube-api-access-[a-z0-9]{5}"/gu, '"kube-api-access"'));
};

const isSame = (one: Pod, other: Pod): boolean => isDeepStrictEqual(comparable(one), comparable(other));

const decideFor = ({ account }: Unsent, pod: Pod, settings: Settings): Decision =>
  decide({ pod: named(pod, account.name), namespace: account.namespace, serviceAccount: account, settings });

/** Answers for pods that may be missing, in the same order. */
const sendSome = async (
  cluster: Cluster,
  pods: readonly { readonly pod: Pod | undefined; readonly namespace: string }[],
): Promise<readonly (Answer | undefined)[]> => {
  const there = pods.flatMap(({ pod, namespace }, index) => (pod === undefined ? [] : [{ pod, namespace, index }]));
  const answers = await sendAll(cluster, there);
  const byIndex = new Map(there.map(({ index }, position) => [index, answers[position]]));
  return pods.map((_, index) => byIndex.get(index));
};

/** Does the account name a provider that only one of the configurations has? */
const namesStranger = ({ account }: Unsent, [one, other]: InjectionScenario["settings"]): boolean => {
  if (other === undefined) return false;
  const written = account.annotations.get(`${one.annotationPrefix}/federate`) ?? "";
  const names = written.split(",").map((name) => name.trim());
  return names.some((name) => one.providers.has(name) !== other.providers.has(name));
};

/** One pod: as it was filled in, what the API server made of it, and what each webhook does. */
interface Seen {
  readonly unsent: Unsent;
  readonly before: Pod;
  readonly got: Answer;
  readonly expected: readonly { readonly decision: Decision; readonly alone?: Answer; readonly again?: Answer }[];
}

const told = ({ denied, otherwise }: Answer): string => JSON.stringify(denied ?? otherwise);

/** What is wrong with what is made of a pod that a webhook has decided on already. */
const wrongAgain = ({ expected }: Seen): string | undefined => {
  for (const { alone, again } of expected) {
    if (alone?.stored === undefined) continue;
    if (again?.stored === undefined) return `refused behind the webhook: ${again && told(again)}`;
    if (!isSame(alone.stored, again.stored)) return `changed behind the webhook: ${JSON.stringify(again.stored)}`;
  }
  return undefined;
};

const wrongServed = (seen: Seen, got: Pod, settings: InjectionScenario["settings"]): string | undefined => {
  const { unsent, expected } = seen;
  if (namesStranger(unsent, settings)) return `served, though only one configuration has its providers`;
  for (const { decision, alone } of expected) {
    if (decision.outcome !== "patched") return `served, but the webhook: ${decision.outcome} ${decision.message}`;
    if (alone?.stored === undefined || !isSame(alone.stored, got))
      return `got ${JSON.stringify(comparable(got))}\nwebhook ${JSON.stringify(alone?.stored && comparable(alone.stored))}`;
  }
  const more = settings.flatMap((one) => decideFor(unsent, got, one).patch);
  return more.length > 0 ? `the webhook would add to it: ${JSON.stringify(more)}` : undefined;
};

const isDue = ({ decision }: Seen["expected"][number]): boolean =>
  decision.reason === "injected" && decision.outcome === "patched" && decision.problems.length === 0;

const outcomeOf = (seen: Seen, settings: InjectionScenario["settings"]): Outcome => {
  const { unsent, before, got, expected } = seen;
  if (got.stored === undefined) return { unsent, kind: "alone", wrong: `not stored: ${told(got)}` };
  const again = wrongAgain(seen);
  if (isSame(before, got.stored)) return { unsent, kind: expected.every(isDue) ? "due" : "alone", wrong: again };
  return { unsent, kind: "served", wrong: again ?? wrongServed(seen, got.stored, settings) };
};

/** Sends every pod of `scenario`: for the twin, for its account, and as each configuration's webhook makes it. */
export const outcomesOf = async (cluster: Cluster, scenario: InjectionScenario): Promise<readonly Outcome[]> => {
  const { unsent, settings } = scenario;
  const send = (pods: readonly (Pod | undefined)[], name?: string) =>
    sendSome(
      cluster,
      pods.map((pod, index) => {
        const { namespace = "", name: own = "" } = unsent[index]?.account ?? {};
        return { pod: pod && named(pod, name ?? own), namespace };
      }),
    );
  const raw = unsent.map(({ pod }) => pod);
  const [before, got] = [await send(raw, TWIN), await send(raw)];
  const webhooks: { decision: Decision | undefined; alone?: Answer | undefined; again?: Answer | undefined }[][] = [];
  for (const one of settings) {
    const decisions = unsent.map((each, index) => {
      const pod = before[index]?.stored;
      return pod && decideFor(each, pod, one);
    });
    const patched = decisions.map((decision, index) => {
      const pod = before[index]?.stored;
      return pod && decision?.outcome === "patched" ? applied(named(pod, ""), decision.patch) : undefined;
    });
    const [alone, again] = [await send(patched, TWIN), await send(patched)];
    webhooks.push(decisions.map((decision, index) => ({ decision, alone: alone[index], again: again[index] })));
  }
  return unsent.map((each, index) => {
    const [filled, answer] = [before[index]?.stored, got[index]];
    if (filled === undefined || answer === undefined) return { unsent: each, kind: "otherwise", wrong: undefined };
    const expected = webhooks.flatMap((list) => {
      const { decision, alone, again } = list[index] ?? {};
      return decision ? [{ decision, ...(alone && { alone }), ...(again && { again }) }] : [];
    });
    return outcomeOf({ unsent: each, before: filled, got: answer, expected }, settings);
  });
};
