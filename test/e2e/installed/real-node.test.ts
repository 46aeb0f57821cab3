import { beforeAll, describe, expect, it } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import { createServiceAccount, timeouts } from "../../cluster/harness.ts";
import { describeContract } from "../../cluster/realnode/contract.ts";
import { type ContractNode, kubeletNode, type StartedPod, standInNode } from "../../cluster/realnode/contract-nodes.ts";
import { describeOnRealNode, useRealCluster } from "../../cluster/realnode/harness.ts";
import { makeProgramsImage } from "../../cluster/realnode/images.ts";
import { expectRotation, rotationPod, rotationScript, rotationTimeoutMs } from "../../cluster/realnode/rotation.ts";
import { endTurn, takeTurn } from "../../turns/turn.ts";
import { CORES } from "../../turns/turns.ts";
import { createAccount } from "../accounts.ts";
import { annotationsOf } from "../sdk-cases.ts";
import { nodeDisturbances, outages, replicaDisturbances } from "./disturbances.ts";
import { type Installation, install } from "./installation.ts";
import { describeDisturbances, describeOutages, describePrograms, type Installed, programCases } from "./suite.ts";

const kinds = { kubelet: "node-1", "the stand-in": "stand-in" } as const;
type Kind = keyof typeof kinds;
const everyKind = Object.keys(kinds) as Kind[];

const authority = await createAuthority("podpass test vendors");
const providers = Object.fromEntries(
  programCases.map(([, { provider, platform }]) => {
    const values = Object.entries(platform?.(authority.ca) ?? {}).map(([name, value]) => [name, { value }] as const);
    return [provider, { preset: provider, parameters: Object.fromEntries(values) }] as const;
  }),
);

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
const clientProgram = `
import { readFileSync } from "node:fs";
import { request } from "node:https";
const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const headers = { authorization: "Bearer " + readFileSync("${accountFolder}/token", "utf8") };
const ca = readFileSync("${accountFolder}/ca.crt");
request({ host, port, path: "/apis", headers, ca, agent: false }, (response) => {
  console.log(response.statusCode, process.getuid());
  response.resume();
}).end();`;

// One cluster for all, so that the eight minutes until a token is replaced pass beside the other tests.
describeOnRealNode("a real node", { timeout: timeouts.test }, () => {
  const current = useRealCluster({ nodes: Object.values(kinds) }, async ({ cluster, node, programs, images }) => {
    const sources = Object.fromEntries(programCases.map(([name, { program }]) => [name, program.source]));
    const content = { client: clientProgram, ...sources };
    const { busybox } = programs;
    await node.importImages(await makeProgramsImage(images, { busybox, programs: content, caPem: authority.ca }));
    await Promise.all(["app", "plain"].map((name) => createServiceAccount(cluster, name)));
    for (const [name, sdkCase] of programCases)
      await createAccount(cluster, { name, annotations: annotationsOf(sdkCase) });
  });
  const nodes: Partial<Record<Kind, ContractNode>> = {};
  const rotating: Partial<Record<Kind, StartedPod>> = {};
  const nodeOf = (kind: Kind): ContractNode => nodes[kind] as ContractNode;

  beforeAll(async () => {
    const { cluster } = current();
    nodes.kubelet = kubeletNode(cluster, kinds.kubelet);
    nodes["the stand-in"] = standInNode(cluster, kinds["the stand-in"]);
    for (const kind of everyKind) {
      const pod = { ...rotationPod(), name: `rotation-${kinds[kind]}` };
      rotating[kind] = await nodeOf(kind).start(pod, rotationScript, rotationTimeoutMs);
    }
  });

  it("runs a program that calls the API server over the pods' network, as an ordinary user", async () => {
    const spec = {
      automountServiceAccountToken: true,
      securityContext: { runAsUser: 1_234 },
      containers: [{ name: "main" }],
    };
    const { output } = await nodeOf("kubelet").start({ name: "client", spec }, "node /app/client.mjs");
    expect(await output).toBe("200 1234\n");
  });

  for (const kind of everyKind)
    describeContract(kind, {
      cluster: () => current().cluster,
      node: () => nodeOf(kind),
      otherNode: kind === "kubelet" ? kinds["the stand-in"] : kinds.kubelet,
    });

  describe("with Podpass installed by its chart", () => {
    let installation: Installation | undefined;
    beforeAll(async () => {
      installation = await install(current(), providers);
    }, 2 * timeouts.start);
    const installed: Installed = {
      real: current,
      authority,
      installation() {
        if (!installation) throw new Error("Podpass is not installed");
        return installation;
      },
    };
    describePrograms(installed);

    describe("with the machine for itself", () => {
      beforeAll(() => takeTurn(CORES));
      describeDisturbances(installed, "Ignore", replicaDisturbances);
      describeDisturbances(installed, "Fail", replicaDisturbances);
    });

    describe("replaces a token when 80 % of its life are over", () => {
      // Others run while this waits.
      beforeAll(endTurn);

      it.each(everyKind)("%s", { timeout: rotationTimeoutMs + 10_000 }, async (kind) => {
        expectRotation(await (rotating[kind] as StartedPod).output);
      });
    });

    // Last, since they take every other pod with them.
    describe("with the machine for itself, and the node restarted", () => {
      beforeAll(() => takeTurn(CORES));
      describeDisturbances(installed, "Fail", nodeDisturbances);
      describeDisturbances(installed, "Ignore", nodeDisturbances);
      describeOutages(installed, { ...outages, ...nodeDisturbances });
    });
  });
});
