/** Pods that come with their ServiceAccounts while the webhook is away: what slips past, counted, and what must not. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { type Account, createAccount } from "../accounts.ts";
import { inParallel } from "../in-parallel.ts";
import { AWS, loadPod, STS } from "./load-pods.ts";
import { lacksIdentity } from "./mixed-load.ts";
import { allPoliciesOf, MODES, registerAway } from "./pods.ts";

const PAIRS = 200;
/** Each ServiceAccount of a namespace costs every pod there, the more so where it is federated. */
const NAMESPACES = 8;
/** What docs/enforcement.md promises something for. */
const OLD_ENOUGH_MS = 1_000;

type Fate = "served" | "refused" | "slipped" | "too early";

describeOnCluster.each(MODES)(
  "ServiceAccounts and pods in the same instant, in %s mode",
  { timeout: 90_000 },
  (mode) => {
    const cluster = useCluster();
    const rows: string[] = [];

    const annotate = ({ namespace, name }: Account) =>
      cluster().must("PATCH", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, {
        metadata: { annotations: AWS },
      });
    const create = (account: Account) => createAccount(cluster(), { ...account, annotations: AWS });
    const createPlain = (account: Account) => createAccount(cluster(), account);

    const use = async ({ namespace, name }: Account): Promise<Fate> => {
      const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      const pod = loadPod({ account: name });
      const { status, body } = await cluster().request<Pod & { message?: string }>("POST", path, pod);
      if (status === 201) return lacksIdentity(body, { pod, audiences: [STS] }) ? "slipped" : "served";
      if (status === 403 && body.message?.includes("is federated")) return "refused";
      // The API server does not know the ServiceAccount itself, and refuses the pod for that.
      if (status === 403 && body.message?.includes("error looking up service account")) return "too early";
      throw new Error(`${status} ${body.message}`);
    };

    /** What is done with one pair, and before with all of them. */
    interface Row {
      readonly before?: readonly ((account: Account) => Promise<unknown>)[];
      readonly pair: (account: Account) => Promise<Fate>;
    }

    const ROWS: Readonly<Record<string, Row>> = {
      "a ServiceAccount and its pod sent together": {
        pair: async (account) => (await Promise.all([use(account), create(account)]))[0],
      },
      "the pod after the ServiceAccount's answer": {
        async pair(account) {
          await create(account);
          return use(account);
        },
      },
      "a ServiceAccount annotated, and the pod after its answer": {
        before: [createPlain],
        async pair(account) {
          await annotate(account);
          return use(account);
        },
      },
      "the pod a second after the ServiceAccount": { before: [create], pair: use },
      "the pod a second after the annotation": { before: [createPlain, annotate], pair: use },
    };

    beforeAll(async () => {
      await registerAway(cluster());
      await applyPolicies(cluster(), allPoliciesOf({}, mode));
    });
    afterAll(() => {
      process.stdout.write(`\n    ${mode} mode, of ${PAIRS} pairs:\n${rows.map((row) => `      ${row}\n`).join("")}`);
    });

    describe.each([1, 16])("with %i at once", (clients) => {
      it.each(Object.entries(ROWS))("%s", async (what, { before = [], pair }) => {
        const row = `row-${Object.keys(ROWS).indexOf(what)}-${clients}`;
        const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `${row}-${index}`);
        for (const name of namespaces)
          await cluster().must("POST", "/api/v1/namespaces", {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name },
          });
        const accounts = Array.from({ length: PAIRS }, (_, index) => ({
          namespace: `${row}-${index % NAMESPACES}`,
          name: `account-${index}`,
        }));
        for (const work of before) await inParallel(accounts, 16, work);
        if (before.length > 0) await sleep(OLD_ENOUGH_MS);
        const fates: Fate[] = [];
        await inParallel(accounts, clients, async (account) => fates.push(await pair(account)));
        const counted = Map.groupBy(fates, (fate) => fate);
        rows.push(
          `${clients} at once, ${what}: ${[...counted].map(([fate, all]) => `${all.length} ${fate}`).join(", ")}`,
        );
        expect(fates).toHaveLength(PAIRS);
        if (what.includes("a second after")) expect(counted.get("slipped")).toBeUndefined();
      });
    });
  },
);
