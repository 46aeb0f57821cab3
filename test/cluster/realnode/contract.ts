/** What pods find on a node, and what a node may ask for: one suite for kubelet and for its stand-in. */
import { describe, expect, it } from "vitest";
import type { ApiObject } from "../api-client.ts";
import type { Cluster } from "../cluster.ts";
import type { Pod } from "../node/pod.ts";
import { requestToken } from "../node/token.ts";
import { claimsOf } from "./claims.ts";
import { modeCases, tokenCases } from "./contract-cases.ts";
import type { ContractNode, ContractPod } from "./contract-nodes.ts";
import { annotation, audience, identityPod, mountPath } from "./contract-pods.ts";

// A user that may read neither file still sees whose they are.
const statScript = `stat -L -c '%u:%g %a' ${mountPath}/token ${mountPath}/client.json`;

/** What the suite is run with. */
export interface Contract {
  readonly cluster: () => Cluster;
  readonly node: () => ContractNode;
  /** The name of another node, on which the suite may put a pod that nobody starts. */
  readonly otherNode: string;
}

/** Registers the suite for one kind of node. */
export const describeContract = (kind: string, { cluster, node, otherNode }: Contract): void => {
  const nameOf = (part: string) => `${part}-${node().name}`;
  const run = async (pod: ContractPod, script: string) => (await node().start(pod, script)).output;

  describe(`${kind}, as the contract has it`, () => {
    it("gives tokens that say whose they are", async () => {
      const { pod, output } = await node().start(identityPod(nameOf("claims")), `cat ${mountPath}/token; echo`);
      const { exp = 0, iat = 0, ...claims } = claimsOf((await output).trim());
      const { metadata } = await cluster().must("GET", "/api/v1/namespaces/default/serviceaccounts/app");
      const nodeObject = await cluster().must("GET", `/api/v1/nodes/${node().name}`);
      expect({ ...claims, lifetime: exp - iat }).toEqual({
        aud: [audience],
        iss: cluster().issuer,
        sub: "system:serviceaccount:default:app",
        jti: expect.any(String),
        nbf: iat,
        lifetime: 3_600,
        "kubernetes.io": {
          namespace: "default",
          node: { name: node().name, uid: nodeObject.metadata.uid },
          pod: { name: pod.metadata.name, uid: pod.metadata.uid },
          serviceaccount: { name: "app", uid: metadata.uid },
        },
      });
    });

    for (const [index, [name, { token, file, ...parts }]] of Object.entries(modeCases).entries())
      it(`lays files out for a pod with ${name}`, async () => {
        const pod = identityPod(nameOf(`modes-${index}`), parts);
        expect(await run(pod, statScript)).toBe(`${token}\n${file}\n`);
      });

    it("lays files out behind ..data", async () => {
      const script = `readlink ${mountPath}/token; readlink ${mountPath}/client.json; stat -c %a ${mountPath}/.`;
      expect(await run(identityPod(nameOf("layout")), script)).toBe("..data/token\n..data/client.json\n1777\n");
    });

    it("brings a changed annotation into the file of a running container", async () => {
      const script = `cat ${mountPath}/client.json; echo
        tries=0
        until grep -q after ${mountPath}/client.json || [ $tries -ge 200 ]; do tries=$((tries + 1)); sleep 0.1; done
        cat ${mountPath}/client.json; echo; readlink ${mountPath}/token`;
      const { pod, output } = await node().start(identityPod(nameOf("update")), script);
      // The container is to see the first value too.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const path = `/api/v1/namespaces/default/pods/${pod.metadata.name}`;
      await cluster().must("PATCH", path, { metadata: { annotations: { [annotation]: "after" } } });
      expect(await output).toBe("before\nafter\n..data/token\n");
    });

    it("gets tokens for its own pods, and their audiences, and nothing else", async () => {
      const here = await node().start(identityPod(nameOf("asks")), "true");
      await here.output;
      const elsewhere = await cluster().must<Pod & ApiObject>("POST", "/api/v1/namespaces/default/pods", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: nameOf("elsewhere") },
        spec: { ...here.pod.spec, nodeName: otherNode, serviceAccountName: "app" },
      });
      // The API server is to know of both, and it learns of them from a watch.
      await requestToken(cluster(), otherNode, elsewhere, { audience, path: "token" });
      const pods = { here: here.pod, elsewhere };
      for (const [name, { audiences, account = "app", bound, status, message }] of Object.entries(tokenCases)) {
        const pod = bound && pods[bound].metadata;
        const boundObjectRef = pod && { apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid };
        const path = `/api/v1/namespaces/default/serviceaccounts/${account}/token`;
        const body = {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { audiences, boundObjectRef },
        };
        const answer = await cluster().request("POST", path, body, { token: cluster().nodeToken(node().name) });
        expect({ name, status: answer.status }).toEqual({ name, status });
        if (message) expect(answer.body.message).toMatch(message);
      }
    });
  });
};
