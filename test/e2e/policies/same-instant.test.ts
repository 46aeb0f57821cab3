/** Pods that come with their ServiceAccounts while the webhook is away: what slips past, counted, and what must not. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { createAccount } from "../accounts.ts";
import { inParallel } from "../in-parallel.ts";
import { AWS, loadPod, STS } from "./load-pods.ts";
import { lacksIdentity } from "./mixed-load.ts";
import { allPoliciesOf, MODES, registerAway } from "./pods.ts";

const PAIRS = 200;
/** What docs/enforcement.md promises something for. */
const OLD_ENOUGH_MS = 1_000;

type Fate = "served" | "refused" | "slipped" | "too early";

describeOnCluster.each(MODES)(
  "ServiceAccounts and pods in the same instant, in %s mode",
  { timeout: 90_000 },
  (mode) => {
    const cluster = useCluster();
    const rows: string[] = [];

    const annotate = (namespace: string, name: string) =>
      cluster().must("PATCH", `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, {
        metadata: { annotations: AWS },
      });
    const create = (namespace: string, name: string) => createAccount(cluster(), { namespace, name, annotations: AWS });

    const use = async (namespace: string, account: string): Promise<Fate> => {
      const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      const { status, body } = await cluster().request<Pod & { message?: string }>("POST", path, loadPod({ account }));
      if (status === 201) return lacksIdentity(body, { pod: {}, audiences: [STS] }) ? "slipped" : "served";
      if (status === 403 && body.message?.includes("is federated")) return "refused";
      // The API server does not know the ServiceAccount itself, and refuses the pod for that.
      if (status === 403 && body.message?.includes("error looking up service account")) return "too early";
      throw new Error(`${status} ${body.message}`);
    };

    /** One pair; what is done before all of them is `prepare`. */
    interface Row {
      readonly prepare?: (namespace: string, names: readonly string[]) => Promise<void>;
      readonly pair: (namespace: string, name: string) => Promise<Fate>;
    }
    const plain = (namespace: string, names: readonly string[]) =>
      inParallel(names, 16, (name) => createAccount(cluster(), { namespace, name }));

    const ROWS: Readonly<Record<string, Row>> = {
      "a ServiceAccount and its pod sent together": {
        pair: async (namespace, name) => (await Promise.all([use(namespace, name), create(namespace, name)]))[0],
      },
      "the pod after the ServiceAccount's answer": {
        async pair(namespace, name) {
          await create(namespace, name);
          return use(namespace, name);
        },
      },
      "a ServiceAccount annotated, and the pod after its answer": {
        async prepare(namespace, names) {
          await plain(namespace, names);
          await sleep(OLD_ENOUGH_MS);
        },
        async pair(namespace, name) {
          await annotate(namespace, name);
          return use(namespace, name);
        },
      },
      "the pod a second after the ServiceAccount": {
        async prepare(namespace, names) {
          await inParallel(names, 16, (name) => create(namespace, name));
          await sleep(OLD_ENOUGH_MS);
        },
        pair: use,
      },
      "the pod a second after the annotation": {
        async prepare(namespace, names) {
          await plain(namespace, names);
          await inParallel(names, 16, (name) => annotate(namespace, name));
          await sleep(OLD_ENOUGH_MS);
        },
        pair: use,
      },
    };

    beforeAll(async () => {
      await registerAway(cluster());
      await applyPolicies(cluster(), allPoliciesOf({}, mode));
    });
    afterAll(() => {
      process.stdout.write(`\n    ${mode} mode, of ${PAIRS} pairs:\n${rows.map((row) => `      ${row}\n`).join("")}`);
    });

    describe.each([1, 16])("with %i at once", (clients) => {
      it.each(Object.entries(ROWS))("%s", async (what, { prepare, pair }) => {
        const name = `row-${Object.keys(ROWS).indexOf(what)}-${clients}`;
        await cluster().must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
        const names = Array.from({ length: PAIRS }, (_, index) => `account-${index}`);
        await prepare?.(name, names);
        const fates: Fate[] = [];
        await inParallel(names, clients, async (account) => fates.push(await pair(name, account)));
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
