import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import type { ApiObject } from "../../cluster/api-client.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { outputOfPod } from "../../cluster/realnode/contract-nodes.ts";
import { describeOnRealNode, useRealCluster } from "../../cluster/realnode/harness.ts";
import { makeProgramsImage, programsImage } from "../../cluster/realnode/images.ts";
import { addresses } from "../../cluster/realnode/network.ts";
import { listen } from "../../cluster/relying-parties/listen.ts";
import type { Verdict } from "../../cluster/relying-parties/verify.ts";
import { createAccount } from "../accounts.ts";
import { annotationsOf, keysFor, type SdkCase, sdkCases } from "../sdk-cases.ts";
import { podpassTrust } from "../trust.ts";
import { reasonsToOpen, unexplained } from "./audit.ts";
import { disturbances } from "./disturbances.ts";
import { type Installation, install } from "./installation.ts";
import { type LoadAccount, startSteadyLoad } from "./steady-load.ts";

const authority = await createAuthority("podpass test vendors");
const cases = Object.entries(sdkCases).filter(([, { language }]) => language === "node");
const providers = Object.fromEntries(cases.map(([, { provider }]) => [provider, { preset: provider }]));
const loadAccounts: readonly LoadAccount[] = [
  { name: "plain" },
  { name: "aws", audience: "sts.amazonaws.com" },
  { name: "default" },
  { name: "openai", audience: "https://api.openai.com/v1" },
];
const testTimeoutMs = 240_000;

describeOnRealNode("Podpass, installed with its chart on a real node", { timeout: testTimeoutMs }, () => {
  let installation: Installation | undefined;
  const installed = (): Installation => {
    if (!installation) throw new Error("Podpass is not installed");
    return installation;
  };
  const current = useRealCluster({}, async ({ cluster, node, programs, images }) => {
    const sources = Object.fromEntries(cases.map(([name, { program }]) => [name, program.source]));
    const content = { busybox: programs.busybox, programs: sources, caPem: authority.ca };
    await node.importImages(await makeProgramsImage(images, content));
    await createAccount(cluster, { name: "plain" });
    for (const [name, sdkCase] of cases) await createAccount(cluster, { name, annotations: annotationsOf(sdkCase) });
  });
  beforeAll(async () => {
    installation = await install(current(), providers);
  }, testTimeoutMs);

  describe("gives an unchanged program what it logs in with", () => {
    const createPod = (name: string, hosts: readonly string[], address: string) =>
      current().cluster.must<Pod & ApiObject>("POST", "/api/v1/namespaces/default/pods", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          restartPolicy: "Never",
          // Where a company has its own names for services, and there is no DNS here.
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

    /** Serves the provider under its own names, told of the ServiceAccount by `podpass trust` and of nothing else. */
    const serve = async (name: string, sdkCase: SdkCase, slot: number) => {
      const { cluster } = current();
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

    for (const [slot, [name, sdkCase]] of cases.entries())
      it(name, async () => {
        const verdicts = await serve(name, sdkCase, slot);
        const pod = await createPod(name, sdkCase.hosts, addresses.outside[slot] ?? "");
        const output = await outputOfPod(current().cluster, pod, 60_000);
        expect(output).toBe(`${sdkCase.prints(`system:serviceaccount:default:${name}`)}\n`);
        expect([...new Set(verdicts.map(({ kind }) => kind))]).toEqual(["accepted"]);
      });
  });

  for (const failurePolicy of ["Ignore", "Fail"])
    describe(`under 50 pods a second, with failurePolicy ${failurePolicy}`, () => {
      beforeAll(async () => {
        await installed().upgrade({ webhook: { failurePolicy } });
        // Every API server honours a changed configuration within seconds.
        await sleep(3_000);
      }, testTimeoutMs);

      for (const [name, { happen, isPlanned }] of Object.entries(disturbances))
        it(`survives ${name}`, async () => {
          const { cluster } = current();
          const { size } = await stat(cluster.apiServerLog);
          const load = startSteadyLoad(cluster, loadAccounts);
          await sleep(2_000);
          await happen(current(), installed());
          await sleep(2_000);
          const { attempts, failedPlain, failedFederated, without, unanswered } = await load.stop();
          const slowest = Math.round(Math.max(...attempts.map(({ milliseconds }) => milliseconds)));
          const counts = {
            asked: attempts.length,
            unanswered: unanswered.length,
            failedPlain: failedPlain.length,
            failedFederated: failedFederated.length,
            without: without.length,
            slowest,
            opened: await reasonsToOpen(cluster, size),
          };
          process.stderr.write(`${failurePolicy}, ${name}: ${JSON.stringify(counts)}\n`);
          expect(await unexplained(cluster, without)).toEqual([]);
          if (name !== "the API server restarted") expect(unanswered).toEqual([]);
          if (failurePolicy === "Fail") expect(without).toEqual([]);
          else expect([...failedPlain, ...failedFederated]).toEqual([]);
          if (isPlanned) expect([...without, ...failedPlain, ...failedFederated]).toEqual([]);
        });
    });
});
