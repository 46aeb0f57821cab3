/** What an installed Podpass is asked to do, on a cluster with a real node. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Authority } from "../../../scripts/certificates.ts";
import { MUTATING_SINCE } from "../../../src/policies/installation.ts";
import { podpassInside } from "../../cli/podpass.ts";
import type { ApiObject } from "../../cluster/api-client.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { kubernetesMinor } from "../../cluster/harness.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { outputOfPod } from "../../cluster/realnode/contract-nodes.ts";
import type { RealCluster } from "../../cluster/realnode/harness.ts";
import { programsImage } from "../../cluster/realnode/images.ts";
import { addresses } from "../../cluster/realnode/network.ts";
import { listen } from "../../cluster/relying-parties/listen.ts";
import type { Verdict } from "../../cluster/relying-parties/verify.ts";
import { keysFor, type SdkCase, sdkCases } from "../sdk-cases.ts";
import { podpassTrust } from "../trust.ts";
import { reasonsToOpen, unexplained } from "./audit.ts";
import type { Disturbance } from "./disturbances.ts";
import type { Installation } from "./installation.ts";
import { type LoadAccount, type LoadResult, startSteadyLoad } from "./steady-load.ts";

/** What the suites are run with. */
export interface Installed {
  readonly real: () => RealCluster;
  readonly installation: () => Installation;
  /** Whom the programs' image trusts. */
  readonly authority: Authority;
}

/** The programs that the image has, by the names of their ServiceAccounts. */
export const programCases = Object.entries(sdkCases).filter(([, { language }]) => language === "node");

const loadAccounts: readonly LoadAccount[] = [
  { name: "plain" },
  { name: "aws", audience: "sts.amazonaws.com" },
  { name: "default" },
  { name: "openai", audience: "https://api.openai.com/v1" },
];
const testTimeoutMs = 240_000;

/** Does this Kubernetes serve plain pods itself? */
const servesInside = kubernetesMinor >= MUTATING_SINCE;

const createProgramPod = (cluster: Cluster, name: string, hosts: readonly string[], address: string) =>
  cluster.must<Pod & ApiObject>("POST", "/api/v1/namespaces/default/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      // The services' own names lead to their stand-ins, since there is no DNS.
      hostAliases: [{ ip: address, hostnames: hosts }],
      securityContext: { runAsNonRoot: true, runAsUser: 1_234, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "main",
          image: programsImage,
          imagePullPolicy: "Never",
          command: ["node", `/app/${name}.mjs`],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  });

/** A pod of each SDK's program, unchanged, logs in at its provider. */
export const describePrograms = ({ real, authority }: Installed): void => {
  /** Serves the provider, told of the ServiceAccount by `podpass trust` and of nothing else. */
  const serve = async (name: string, sdkCase: SdkCase, slot: number): Promise<readonly Verdict[]> => {
    const { cluster } = real();
    const told = await podpassTrust(cluster, sdkCase.provider, `default/${name}`);
    const verdicts: Verdict[] = [];
    const onVerdict = (verdict: Verdict) => verdicts.push(verdict);
    const trust = { jwks: keysFor(told, await cluster.jwks()), ...sdkCase.registered(told), onVerdict };
    const tls = await authority.issue({ names: sdkCase.hosts });
    const socketPath = cluster.sockets?.outside[slot] ?? "";
    const listener = await listen(sdkCase.provide(told, trust), { socketPath, tls });
    onTestFinished(() => listener.stop());
    return verdicts;
  };

  describe("gives an unchanged program what it logs in with", { timeout: testTimeoutMs }, () => {
    for (const [slot, [name, sdkCase]] of programCases.entries())
      it(name, async () => {
        const verdicts = await serve(name, sdkCase, slot);
        const { cluster } = real();
        const pod = await createProgramPod(cluster, name, sdkCase.hosts, addresses.outside[slot] ?? "");
        const output = await outputOfPod(cluster, pod, 60_000);
        expect(output).toBe(`${sdkCase.prints(`system:serviceaccount:default:${name}`)}\n`);
        expect([...new Set(verdicts.map(({ kind }) => kind))]).toEqual(["accepted"]);
      });
  });
};

/** One line for people: what became of the pods, and why the API server went on without Podpass. */
const report = (what: string, result: LoadResult, opened: Readonly<Record<string, number>>): void => {
  const { attempts, ...groups } = result;
  const slowestMs = Math.round(Math.max(...attempts.map(({ milliseconds }) => milliseconds)));
  const counts = Object.entries(groups).map(([name, group]) => [name, group.length]);
  const line = { asked: attempts.length, ...Object.fromEntries(counts), slowestMs, opened };
  process.stderr.write(`${what}: ${JSON.stringify(line)}\n`);
};

/** What becomes of the pods that are created while something happens; told under the name `what`. */
const underLoad = async (
  { real, installation }: Installed,
  what: string,
  happen: Disturbance["happen"],
): Promise<LoadResult> => {
  const { cluster } = real();
  const { size } = await stat(cluster.apiServerLog);
  const load = startSteadyLoad(cluster, loadAccounts);
  await sleep(2_000);
  await happen(real(), installation());
  await sleep(2_000);
  const result = await load.stop();
  report(what, result, await reasonsToOpen(cluster, size));
  return result;
};

/** Everything in `disturbances` happens under 50 pods a second. */
export const describeDisturbances = (
  installed: Installed,
  failurePolicy: "Ignore" | "Fail",
  disturbances: Readonly<Record<string, Disturbance>>,
): void => {
  describe(`under 50 pods a second, with failurePolicy ${failurePolicy}`, { timeout: testTimeoutMs }, () => {
    beforeAll(async () => {
      await installed.installation().upgrade({ webhook: { failurePolicy } });
      // The API server honours a changed configuration within seconds.
      await sleep(3_000);
    }, testTimeoutMs);

    it.each(Object.entries(disturbances))("survives %s", async (name, { happen, isPlanned, stopsApiServer }) => {
      const result = await underLoad(installed, `${failurePolicy}, ${name}`, happen);
      const { failedPlain, failedFederated, without, unanswered } = result;
      expect(await unexplained(installed.real().cluster, without)).toEqual([]);
      if (!stopsApiServer) expect(unanswered).toEqual([]);
      if (failurePolicy === "Fail") expect(without).toEqual([]);
      else expect([...failedPlain, ...failedFederated]).toEqual([]);
      if (isPlanned) expect([...without, ...failedPlain, ...failedFederated]).toEqual([]);
    });
  });
};

/** The webhook is gone for a moment, and the policies are what is left: installed as docs/enforcement.md has it. */
export const describeOutages = (installed: Installed, disturbances: Readonly<Record<string, Disturbance>>): void => {
  describe("under 50 pods a second, with the admission policies", { timeout: testTimeoutMs }, () => {
    beforeAll(async () => {
      const { cluster } = installed.real();
      const mode = servesInside ? "label" : "exact";
      const config = join(cluster.directory, "podpass", "config.yaml");
      const version = (await cluster.must<{ gitVersion: string }>("GET", "/version")).gitVersion;
      const args = ["policies", "--config", config, "--kubernetes", version, "--mode", mode];
      const { stdout: rendered } = await podpassInside(args);
      await installed.installation().upgrade({ webhook: { failurePolicy: "Ignore" }, policies: { mode, rendered } });
      const labels = { "podpass.dev/federated": "true" };
      for (const { name, audience } of loadAccounts)
        if (audience !== undefined)
          await cluster.must("PATCH", `/api/v1/namespaces/default/serviceaccounts/${name}`, { metadata: { labels } });
      await sleep(3_000);
    }, testTimeoutMs);

    it.each(Object.entries(disturbances))("no pod is without its identity: %s", async (name, { happen }) => {
      const result = await underLoad(installed, `policies, ${name}`, happen);
      expect(result.without).toEqual([]);
      expect(result.failedPlain).toEqual([]);
      if (servesInside) expect(result.failedFederated).toEqual([]);
    });
  });
};
