/** Generated configurations, ServiceAccounts and pods: the policy `inject` makes what the webhook makes, or nothing. */
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../../src/configuration/read.ts";
import type { Settings } from "../../../src/configuration/settings.ts";
import type { Pod } from "../../../src/pod/pod.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import { createServiceAccount, describeWithMutatingPolicies, useCluster } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { accounts, configurations, pods } from "../../property/arbitraries.ts";
import { asPod } from "../../support/pods.ts";
import { compare, TWIN } from "./injection.ts";

/** More for a hunt: `POLICY_RUNS=50`. */
const RUNS = Number(process.env["POLICY_RUNS"] ?? 5);
const PER_CONFIGURATION = 40;

const scenarios = configurations.map((one) => ({ ...one, annotationPrefix: "podpass.dev" }));

interface Made {
  readonly name: string;
  readonly annotations: ReadonlyMap<string, string>;
}

/** What the API server takes of a generated pod: no ephemeral containers. */
const podOf = ({ metadata, spec }: { readonly metadata?: object | null; readonly spec: object }): Pod =>
  asPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "pod" },
    spec: { ...spec, ephemeralContainers: undefined },
  });

const bare = { metadata: {}, spec: { containers: [{ name: "app", image: "i" }] } };

describeWithMutatingPolicies("the inject policy, over what is generated,", () => {
  const cluster = useCluster({ controllerManager: true });
  beforeAll(() => createServiceAccount(cluster(), TWIN));
  const seen = { served: 0, alone: 0, refused: 0 };
  let number = 0;

  const settle = async (configuration: object): Promise<Settings> => {
    const read = readConfiguration(JSON.stringify(configuration));
    if (!read.ok) throw new Error(showProblems("generated", read.problems));
    const { objects } = renderPolicies(read.settings, { name: "podpass", minor: 36, mode: "exact", digest: "x" });
    const mine = objects.filter(({ metadata }) => /^podpass-(label|inject)\./.test(metadata.name));
    await applyPolicies(cluster(), mine);
    return read.settings;
  };

  const make = async (providers: readonly string[]): Promise<readonly Made[]> => {
    const made: Made[] = [];
    for (const annotations of fc.sample(accounts(providers), PER_CONFIGURATION)) {
      const name = `account-${++number}`;
      const metadata = { name, annotations: Object.fromEntries(annotations) };
      const account = { apiVersion: "v1", kind: "ServiceAccount", metadata };
      // Keys that Kubernetes does not take are generated as well.
      const { status } = await cluster().request("POST", "/api/v1/namespaces/default/serviceaccounts", account);
      if (status === 201) made.push({ name, annotations });
    }
    await sleep(1000);
    return made;
  };

  const judge = async (settings: Settings, { name, annotations }: Made): Promise<void> => {
    for (const generated of [bare, ...fc.sample(pods, 3)]) {
      const pod = podOf(generated);
      const account = { namespace: "default", name, annotations };
      const outcome = await compare(cluster(), pod, { account, settings });
      const about = { providers: [...settings.providers.values()], annotations: [...annotations], pod };
      expect({ outcome, about }).toEqual({ outcome: expect.any(String), about });
      if (typeof outcome === "string") seen[outcome]++;
    }
  };

  it("makes what the webhook makes, or nothing", async () => {
    for (const configuration of fc.sample(scenarios, RUNS)) {
      const settings = await settle(configuration);
      for (const made of await make(Object.keys(configuration.providers))) await judge(settings, made);
    }
    expect(Math.min(seen.served, seen.alone)).toBeGreaterThan(0);
  }, 300_000);
});
