/** What pods find on a node, and what a node may ask for: one suite for kubelet and for its stand-in. */
import { decodeJwt, type JWTPayload } from "jose";
import { describe, expect, it } from "vitest";
import type { ApiObject } from "../api-client.ts";
import type { Cluster } from "../cluster.ts";
import type { Container, Pod, ProjectedSource } from "../node/pod.ts";
import type { ContractNode, ContractPod, StartedPod } from "./contract-nodes.ts";

const audience = "https://api.example.com";
const mountPath = "/var/run/secrets/tokens";
const annotation = "example.com/client.json";
const fieldPath = `metadata.annotations['${annotation}']`;

interface Volume {
  readonly defaultMode?: number;
  readonly expirationSeconds?: number;
}

/** A pod with a token and a file of the downward API in one volume, which all of its containers mount. */
const identityPod = (
  name: string,
  containers: readonly Omit<Container, "command">[],
  spec: Partial<Pod["spec"]> = {},
  { defaultMode, expirationSeconds }: Volume = {},
): ContractPod => {
  const token = { audience, path: "token", ...(expirationSeconds === undefined ? {} : { expirationSeconds }) };
  const sources: ProjectedSource[] = [
    { serviceAccountToken: token },
    { downwardAPI: { items: [{ path: "client.json", fieldRef: { fieldPath } }] } },
  ];
  const projected = defaultMode === undefined ? { sources } : { sources, defaultMode };
  const volumeMounts = [{ name: "identity", mountPath, readOnly: true }];
  return {
    name,
    annotations: { [annotation]: "before" },
    spec: {
      ...spec,
      volumes: [{ name: "identity", projected }],
      containers: containers.map((container) => ({ ...container, volumeMounts })),
    },
  };
};

interface ModeCase {
  readonly containers: readonly Omit<Container, "command">[];
  readonly spec?: Partial<Pod["spec"]>;
  readonly defaultMode?: number;
  /** Owner, group and mode of the token and of the file of the downward API. */
  readonly token: string;
  readonly file: string;
}

const one = [{ name: "main" }];
const runAs = (name: string, runAsUser: number) => ({ name, securityContext: { runAsUser } });
const twoUsers = [runAs("main", 65_532), runAs("other", 1_000)];

const modeCases: Readonly<Record<string, ModeCase>> = {
  "no user and no group": { containers: one, token: "0:0 644", file: "0:0 644" },
  "a user": {
    containers: one,
    spec: { securityContext: { runAsUser: 65_532 } },
    token: "65532:0 600",
    file: "0:0 644",
  },
  "a user of its containers": {
    containers: [runAs("main", 1_234), runAs("other", 1_234)],
    token: "1234:0 600",
    file: "0:0 644",
  },
  "a group": {
    containers: one,
    spec: { securityContext: { fsGroup: 2_000 } },
    token: "0:2000 640",
    file: "0:2000 644",
  },
  "a user and a group": {
    containers: one,
    spec: { securityContext: { runAsUser: 65_532, fsGroup: 2_000 } },
    token: "65532:2000 640",
    file: "0:2000 644",
  },
  "two users": { containers: twoUsers, token: "0:0 644", file: "0:0 644" },
  "one container with a user": {
    containers: [runAs("main", 1_234), { name: "other" }],
    token: "0:0 644",
    file: "0:0 644",
  },
  "a user, and a defaultMode": {
    containers: one,
    spec: { securityContext: { runAsUser: 65_532 } },
    defaultMode: 0o440,
    token: "65532:0 600",
    file: "0:0 440",
  },
  "two users, and a defaultMode": { containers: twoUsers, defaultMode: 0o400, token: "0:0 400", file: "0:0 400" },
};

// A user that may read neither file still sees whose they are.
const statScript = `stat -L -c '%u:%g %a' ${mountPath}/token ${mountPath}/client.json`;

interface Bound {
  readonly [kind: string]: { readonly name: string; readonly uid: string } | string;
}

const claimsOf = (token: string): JWTPayload & { readonly "kubernetes.io": Bound } => decodeJwt(token);

interface TokenCase {
  readonly audiences: readonly string[];
  readonly account?: string;
  readonly bound?: "here" | "elsewhere";
  readonly status: number;
  readonly message?: RegExp;
}

const tokenCases: Readonly<Record<string, TokenCase>> = {
  "the audience of the pod's volume": { audiences: [audience], bound: "here", status: 201 },
  "another audience": {
    audiences: ["sts.amazonaws.com"],
    bound: "here",
    status: 403,
    message: /audience "sts\.amazonaws\.com" not found in pod spec volume/u,
  },
  "no audience": { audiences: [], bound: "here", status: 403, message: /audience "" not found in pod spec volume/u },
  "no pod": { audiences: [audience], status: 403, message: /not bound to a pod/u },
  "a pod of another node": {
    audiences: [audience],
    bound: "elsewhere",
    status: 403,
    message: /bound to a pod scheduled on a different node/u,
  },
  "an account that no pod here has": {
    audiences: [audience],
    account: "default",
    bound: "here",
    status: 403,
    message: /no relationship found between node/u,
  },
};

/** A pod that is on a node already. */
export type PodOn = (node: string) => Promise<Pod & ApiObject>;

/** What the suite is run with. */
export interface Contract {
  readonly cluster: () => Cluster;
  readonly node: () => ContractNode;
  /** The name of another node, on which the suite may put a pod that nobody starts. */
  readonly otherNode: string;
  /** A pod of `rotationPod`, started long enough ago that it has a new token by the end of the suite. */
  readonly rotating: () => StartedPod;
}

const lifetimeSeconds = 600;

/** Prints the seconds until its token was replaced, and the new token. */
export const rotationScript = `
first=$(cat ${mountPath}/token)
start=$(date +%s)
until [ "$(cat ${mountPath}/token)" != "$first" ]; do sleep 1; done
echo "$first"
cat ${mountPath}/token; echo
echo $(($(date +%s) - start))`;

/** The pod that waits for a new token. */
export const rotationPod = (): ContractPod => identityPod("rotation", one, {}, { expirationSeconds: lifetimeSeconds });

/** How long that may take: 80 % of the lifetime, and kubelet's next look at the pod. */
export const rotationTimeoutMs = 660_000;

/** Registers the suite for one kind of node. */
export const describeContract = (kind: string, { cluster, node, otherNode, rotating }: Contract): void => {
  const nameOf = (part: string) => `${part}-${node().name}`;
  const run = async (pod: ContractPod, script: string) => (await node().start(pod, script)).output;

  describe(`${kind}, as the contract has it`, () => {
    it("gives tokens that say whose they are", async () => {
      const { pod, output } = await node().start(identityPod(nameOf("claims"), one), `cat ${mountPath}/token; echo`);
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

    for (const [index, [name, { containers, spec, defaultMode, token, file }]] of Object.entries(modeCases).entries())
      it(`lays files out for a pod with ${name}`, async () => {
        const volume = defaultMode === undefined ? {} : { defaultMode };
        const pod = identityPod(nameOf(`modes-${index}`), containers, spec, volume);
        expect(await run(pod, statScript)).toBe(`${token}\n${file}\n`);
      });

    it("lays files out behind ..data", async () => {
      const script = `readlink ${mountPath}/token; readlink ${mountPath}/client.json; stat -c %a ${mountPath}/.`;
      expect(await run(identityPod(nameOf("layout"), one), script)).toBe("..data/token\n..data/client.json\n1777\n");
    });

    it("brings a changed annotation into the file of a running container", async () => {
      const script = `cat ${mountPath}/client.json; echo
        tries=0
        until grep -q after ${mountPath}/client.json || [ $tries -ge 200 ]; do tries=$((tries + 1)); sleep 0.1; done
        cat ${mountPath}/client.json; echo; readlink ${mountPath}/token`;
      const { pod, output } = await node().start(identityPod(nameOf("update"), one), script);
      // The container is to see the first value too.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const path = `/api/v1/namespaces/default/pods/${pod.metadata.name}`;
      await cluster().must("PATCH", path, { metadata: { annotations: { [annotation]: "after" } } });
      expect(await output).toBe("before\nafter\n..data/token\n");
    });

    it("gets tokens for its own pods, and their audiences, and nothing else", async () => {
      const here = await node().start(identityPod(nameOf("asks"), one), "true");
      await here.output;
      const elsewhere = await cluster().must<Pod & ApiObject>("POST", "/api/v1/namespaces/default/pods", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: nameOf("elsewhere") },
        spec: { ...here.pod.spec, nodeName: otherNode, serviceAccountName: "app" },
      });
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

    it("replaces a token when 80 % of its life are over", { timeout: rotationTimeoutMs + 10_000 }, async () => {
      const [first = "", second = "", seconds] = (await rotating().output).trim().split("\n");
      const [before, after] = [claimsOf(first), claimsOf(second)];
      expect((before.exp ?? 0) - (before.iat ?? 0)).toBe(lifetimeSeconds);
      expect({ ...after, exp: 0, iat: 0, nbf: 0, jti: "" }).toEqual({ ...before, exp: 0, iat: 0, nbf: 0, jti: "" });
      // kubelet takes up to ten seconds off, and looks at a pod about once a minute.
      expect(Number(seconds)).toBeGreaterThanOrEqual(0.8 * lifetimeSeconds - 15);
      expect(Number(seconds)).toBeLessThan(lifetimeSeconds);
    });
  });
};
