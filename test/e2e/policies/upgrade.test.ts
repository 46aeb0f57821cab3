import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { MUTATING_SINCE } from "../../../src/policies/installation.ts";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { folderWith, podpassInside } from "../../cli/podpass.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { describeOnCluster, kubernetesMinor } from "../../cluster/harness.ts";
import { applyPolicies, deletePolicies, writePolicies } from "../../cluster/policies.ts";
import { useEnvironment } from "../environment.ts";
import { configuration, kubeconfigOf, type Podpass, startReplica } from "../podpass.ts";
import { ACCOUNTS, CHANGES, type Change, NEW_PROVIDER, SERVED_BY_WEBHOOK } from "./changes.ts";
import { type Front, startAlternating, startFront } from "./front.ts";
import { failedOpen } from "./load-pods.ts";
import { type Kind, startMixedLoad, summaryOf } from "./mixed-load.ts";

/** What docs/enforcement.md has whoever changes policies wait: a second is the rule, but not where the machine is busy. */
const SETTLING_MS = 10_000;
/** Where no pod tells which policies are in force. */
const WAIT_MS = 2_000;
const BETWEEN_MS = 500;
/** An answer that stays the same for so long stays so for good. */
const STEADY_MS = 300;
const ROUNDS = 10;

const isMutating = kubernetesMinor >= MUTATING_SINCE;
const say = (text: string) => process.stdout.write(`\n    ${text}\n`);

/** What `podpass policies` prints of one configuration, or of the union of two. */
const render = async (later: string, earlier?: string): Promise<readonly PolicyObject[]> => {
  const folder = folderWith({ "later.yaml": later, ...(earlier !== undefined && { "earlier.yaml": earlier }) });
  const mode = isMutating ? "label" : "exact";
  const { stdout, exitCode, stderr } = await podpassInside([
    ...["policies", "--config", join(folder, "later.yaml"), "--kubernetes", `1.${kubernetesMinor}`, "--mode", mode],
    ...(earlier === undefined ? [] : ["--union-with", join(folder, "earlier.yaml")]),
    ...["--namespace", "podpass", "-o", "json"],
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { items: readonly PolicyObject[] }).items;
};

const without = (objects: readonly PolicyObject[], others: readonly PolicyObject[]): readonly PolicyObject[] =>
  objects.filter(
    (object) => !others.some(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name),
  );

/** A pod whose fate tells which policies are in force, and the status that it is to have in the end. */
type Probe = readonly [pod: object, status: 201 | 403];

const ask = async (cluster: Cluster, pod: object): Promise<number> =>
  (await cluster.request("POST", "/api/v1/namespaces/default/pods?dryRun=All", pod)).status;

/** Asks until the answer has been the expected one for a while; resolves to when it was another one for the last time. */
const untilInForce = async (cluster: Cluster, [pod, status]: Probe): Promise<number> => {
  const startedAt = performance.now();
  let otherAt = startedAt;
  for (let now = startedAt; now < otherAt + STEADY_MS; now = performance.now()) {
    if (now > startedAt + 2 * SETTLING_MS) throw new Error(`the pod is not answered with ${status}`);
    if ((await ask(cluster, pod)) !== status) otherAt = performance.now();
    await sleep(5);
  }
  return otherAt;
};

const kindsOf = ({ kinds, isServed }: Change, isUp: boolean): Readonly<Record<string, Kind>> =>
  Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => {
      const isAlways = isUp ? SERVED_BY_WEBHOOK.includes(name) : name === "federated" && isServed && isMutating;
      return [name, isAlways ? { ...kind, created: "always" as const } : kind];
    }),
  );

describeOnCluster("from one configuration to the next and back, under load", { timeout: 240_000 }, () => {
  const first = NEW_PROVIDER.old;
  const replicas: Podpass[] = [];
  let front: Front | undefined;
  let alternating: Awaited<ReturnType<typeof startAlternating>> | undefined;
  let inForce: readonly PolicyObject[] = [];
  const settled: number[] = [];
  const reloaded: number[] = [];

  const current = useEnvironment(
    {
      config: configuration(first),
      failurePolicy: "Ignore",
      cluster: {
        apiServerFlags: {
          "audit-policy-file": join(import.meta.dirname, "../../cluster/realnode/audit-policy.json"),
          "audit-log-path": "-",
        },
      },
      reached: async (port) => {
        front = await startFront(port);
        return front.port;
      },
    },
    async ({ cluster, podpass, create }) => {
      const metadata = { name: "exempt-a" };
      await cluster.must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
      const one = { name: "podpass-2", config: configuration(first), kubeconfig: kubeconfigOf(cluster) };
      replicas.push(podpass, (await startReplica(cluster, one)).podpass);
      const own = (name: string) => readFile(join(cluster.directory, "podpass", name), "utf8");
      const pair = { cert: await own("tls.crt"), key: await own("tls.key") };
      alternating = await startAlternating(
        pair,
        replicas.map(({ port }) => port),
      );
      inForce = await render(configuration(first));
      await applyPolicies(cluster, inForce);
      // From now on the policy of the label labels them, where there is one.
      await create(ACCOUNTS);
      await sleep(BETWEEN_MS);
    },
  );

  afterAll(async () => {
    alternating?.close();
    await front?.close();
    const shown = (times: readonly number[]) => times.map((time) => Math.round(time)).join(", ");
    say(`policies in force after the last write: ${shown(settled)} ms`);
    say(`a replica serves a changed file after: ${shown(reloaded)} ms`);
  });

  const reload = async (replica: Podpass, config: string): Promise<void> => {
    const reloads = () => replica.metric("podpass_configuration_reloads_total", 'result="success"');
    const before = await reloads();
    const startedAt = performance.now();
    await replica.pushConfig(config);
    await expect.poll(reloads, { timeout: 15_000, interval: 10 }).toBe(before + 1);
    reloaded.push(performance.now() - startedAt);
  };

  /** In place, and nothing is missing meanwhile; what is of no use any more goes last. */
  const changeTo = async (after: readonly PolicyObject[], probe?: Probe): Promise<void> => {
    const { cluster } = current();
    const before = inForce;
    inForce = after;
    await writePolicies(cluster, after);
    await deletePolicies(cluster, without(before, after));
    if (probe === undefined) await sleep(WAIT_MS);
    else await untilInForce(cluster, probe);
  };

  /** There and back. With the webhook up it judges pods too, so that no pod tells which policies are in force. */
  const goThereAndBack = async (pair: Change, isUp: boolean, enter: (what: string) => void): Promise<void> => {
    const [old, next] = [configuration(pair.old), configuration(pair.next)];
    const probe = (...one: Probe): Probe | undefined => (isUp ? undefined : one);
    const rollOut = async (config: string): Promise<void> => {
      for (const replica of isUp ? replicas : []) {
        await reload(replica, config);
        await sleep(BETWEEN_MS);
      }
    };
    const steps: Readonly<Record<string, () => Promise<unknown>>> = {
      "with the old": () => sleep(BETWEEN_MS),
      "to the union": async () => changeTo(await render(next, old), probe(pair.refusedByOld, 201)),
      "with the union, replicas to the next": () => rollOut(next),
      "to the next": async () => changeTo(await render(next), probe(pair.refusedByNext, 403)),
      "with the next": () => sleep(BETWEEN_MS),
      "back to the union": async () => changeTo(await render(old, next), probe(pair.refusedByNext, 201)),
      "with the union, replicas back": () => rollOut(old),
      "back to the old": async () => changeTo(await render(old), probe(pair.refusedByOld, 403)),
    };
    for (const [what, work] of Object.entries(steps)) {
      enter(what);
      await work();
    }
  };

  const begin = async ({ old }: Pick<Change, "old">, isUp: boolean): Promise<void> => {
    front?.lead(alternating?.port ?? "closed");
    for (const replica of replicas) await replica.pushConfig(configuration(old));
    const objects = await render(configuration(old));
    if (!isDeepStrictEqual(inForce, objects)) await changeTo(objects);
    if (!isUp) front?.lead("closed");
  };

  it(`a policy that is changed in place is in force within ${SETTLING_MS} ms, ${ROUNDS} times`, async () => {
    const { cluster } = current();
    const { old, next, refusedByOld, kinds } = NEW_PROVIDER;
    await begin({ old }, false);
    const isAudiences = ({ kind, metadata }: PolicyObject) =>
      kind === "ValidatingAdmissionPolicy" && metadata.name.startsWith("podpass-audiences.");
    const [closed, open] = [await render(configuration(old)), await render(configuration(next))].map((objects) =>
      objects.filter(isAudiences),
    );
    const load = startMixedLoad(cluster, kinds);
    for (let round = 0; round < ROUNDS; round++) {
      const isOpening = round % 2 === 0;
      await writePolicies(cluster, (isOpening ? open : closed) ?? []);
      const writtenAt = performance.now();
      settled.push((await untilInForce(cluster, [refusedByOld, isOpening ? 201 : 403])) - writtenAt);
    }
    const attempts = await load.stop();
    expect(attempts.filter((attempt) => attempt.isWrong)).toEqual([]);
    expect(Math.max(...settled)).toBeLessThan(SETTLING_MS);
  });

  describe.each(Object.entries(CHANGES))("%s", (_, pair) => {
    it.each([true, false])(
      "nothing forbidden passes, nothing allowed is refused; the webhook is there: %s",
      async (isUp) => {
        const { cluster } = current();
        await begin(pair, isUp);
        const openedBefore = await failedOpen(cluster);
        const load = startMixedLoad(cluster, kindsOf(pair, isUp));
        await goThereAndBack(pair, isUp, load.enter);
        const attempts = await load.stop();

        for (const line of summaryOf(attempts)) say(line);
        const wrong = attempts.filter((attempt) => attempt.isWrong);
        expect(wrong.slice(0, 5)).toEqual([]);
        expect(wrong.length).toBe(0);
        const opened = (await failedOpen(cluster)) - openedBefore;
        // The webhook was asked, but for what a busy machine breaks off.
        if (isUp) expect(opened).toBeLessThan(attempts.length / 100);
        else expect(opened).toBeGreaterThan(100);
      },
    );
  });
});
