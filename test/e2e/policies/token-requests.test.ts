import { beforeAll, describe, expect, it } from "vitest";
import type { ConfigurationFile } from "../../../src/configuration/schema.ts";
import type { ApiObject } from "../../cluster/api-client.ts";
import { createPod, createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, policiesOf } from "./pods.ts";

const ISSUER = "https://token-requests.clusters.example.com";
const POOL = "projects/1/locations/global/workloadIdentityPools/p/providers/x";
const GOOGLE = `https://iam.googleapis.com/${POOL}`;
const ADDRESS = /^TokenRequest for ServiceAccount default\/plain by "[a-z:-]+"/;

const CONFIGURATION: Partial<ConfigurationFile> = {
  providers: { aws: { preset: "aws" }, gcp: { preset: "gcp" }, openai: { preset: "openai", allowedNamespaces: ["a"] } },
  policy: {
    tokens: {
      expirationSeconds: { min: 1200, max: 86_400 },
      audiences: { allow: ["https://internal.example.com", "https://*.corp.example.com/*"] },
      apiServerAudiences: [ISSUER],
      requests: "Deny",
    },
  },
};

interface Spec {
  readonly audiences?: readonly string[] | null;
  readonly expirationSeconds?: number | null;
  readonly boundObjectRef?: object;
}

interface Case {
  readonly what: string;
  readonly spec?: Spec | null;
  readonly account?: string;
  readonly refused?: RegExp;
}

const audience = (shown: string): RegExp =>
  new RegExp(
    `: an audience is ${shown}; allowed: the API server's own, "https://internal.example.com", .* \\(policy.tokens.audiences\\)$`,
  );
const outside = (seconds: number): RegExp =>
  new RegExp(`: spec.expirationSeconds is ${seconds}; allowed: 1200 to 86400 \\(policy.tokens.expirationSeconds\\)$`);

const CASES: readonly Case[] = [
  { what: "without a spec" },
  { what: "with a spec of null", spec: null },
  { what: "with an empty spec", spec: {} },
  { what: "with audiences of null", spec: { audiences: null, expirationSeconds: null } },
  { what: "with no audience", spec: { audiences: [] } },
  { what: "with the API server's own audience", spec: { audiences: [ISSUER] } },
  { what: "with an empty audience", spec: { audiences: [""] }, refused: audience('""') },
  {
    what: "with audiences that are allowed",
    spec: { audiences: ["sts.amazonaws.com", "https://a.corp.example.com/"] },
  },
  { what: "with one that is not", spec: { audiences: [ISSUER, "evil"] }, refused: audience('"evil"') },
  {
    what: "with one of another namespace",
    spec: { audiences: ["https://api.openai.com/v1"] },
    refused: /an audience is /,
  },
  {
    what: "with white space behind it",
    spec: { audiences: [`${ISSUER} `] },
    refused: /clusters.example.com "; allowed/,
  },
  {
    what: "with a hostile one",
    spec: { audiences: ["\u{1f600}\n\u001b[2J"] },
    refused: audience("a text of 6 characters that cannot be shown"),
  },
  {
    what: "with a long one",
    spec: { audiences: ["a".repeat(1025)] },
    refused: /: spec.audiences has more than 1,024 characters in an audience; allowed: 1,024$/,
  },
  {
    what: "with many",
    spec: { audiences: Array.from({ length: 101 }, () => "a") },
    refused: /: spec.audiences has more than 100 audiences; allowed: 100$/,
  },
  {
    what: "with very many",
    spec: { audiences: Array.from({ length: 200_000 }, () => "a") },
    refused: /: spec.audiences has more than 100 audiences; allowed: 100$/,
  },
  { what: "for its own identity", account: "gcp", spec: { audiences: [GOOGLE] } },
  { what: "for another's identity", spec: { audiences: [GOOGLE] }, refused: /an audience is "https:\/\/iam.goog/ },
  { what: "for nobody's identity", account: "gcp", spec: { audiences: [`${GOOGLE}x`] }, refused: /an audience is / },
  { what: "with the shortest lifetime", spec: { expirationSeconds: 1200 } },
  { what: "with a shorter one", spec: { expirationSeconds: 1199 }, refused: outside(1199) },
  { what: "with a longer one", spec: { expirationSeconds: 86_401 }, refused: outside(86_401) },
  { what: "with the longest there is", spec: { expirationSeconds: 2 ** 32 }, refused: outside(2 ** 32) },
];

describeOnCluster("the token-requests policies", () => {
  const USER = "jane";
  const cluster = useCluster({
    controllerManager: true,
    issuer: ISSUER,
    users: [{ name: USER, groups: ["system:masters"] }],
  });
  let ofAccount = "";
  let pod: { readonly metadata: { readonly name: string; readonly uid: string } };

  const request = (account: string, spec: Spec | null | undefined, by: string, namespace = "default") =>
    cluster().request<ApiObject & { status?: { token?: string } }>(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", ...(spec !== undefined && { spec }) },
      { token: by },
    );

  const judged = async (one: Case, by: string): Promise<void> => {
    const { status, body } = await request(one.account ?? "plain", one.spec, by);
    if (one.refused === undefined) {
      expect(body.message).toBeUndefined();
      expect(status).toBe(201);
      return;
    }
    expect(body.message).toMatch(one.refused);
    expect(body.message?.replace(/^.* denied request: /, "")).toMatch(
      one.account === undefined ? ADDRESS : /^TokenRequest/,
    );
    expect(status).toBe(403);
  };

  beforeAll(async () => {
    await createServiceAccount(cluster(), "plain");
    await createServiceAccount(cluster(), "gcp", {
      "podpass.dev/federate": "gcp",
      "gcp.podpass.dev/workload-identity-provider": POOL,
    });
    await cluster().must("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "plain-may-all" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", namespace: "default", name: "plain" }],
    });
    const own = await request("plain", {}, cluster().adminToken);
    ofAccount = own.body.status?.token ?? "";
    const made = await createPod(cluster(), {
      name: "running",
      serviceAccountName: "plain",
      spec: {
        volumes: [
          {
            name: "tokens",
            projected: {
              sources: [
                { serviceAccountToken: { audience: "evil", path: "evil" } },
                { serviceAccountToken: { path: "own" } },
              ],
            },
          },
        ],
      },
    });
    pod = await cluster().must("GET", `/api/v1/namespaces/default/pods/${made.metadata.name}`);
    await enforce(cluster(), policiesOf(CONFIGURATION, "token-requests", "own-token-requests"));
  });

  it.each(CASES)("judge a user's request $what", (one) => judged(one, cluster().userToken(USER)));

  describe.each(["a ServiceAccount", "kube-controller-manager"])("made by %s", (who) => {
    const by = () => (who === "a ServiceAccount" ? ofAccount : cluster().userToken("system:kube-controller-manager"));

    it("pass without an audience", () => judged({ what: "" }, by()));
    it("pass with one that is allowed", () => judged({ what: "", spec: { audiences: ["sts.amazonaws.com"] } }, by()));
    it("are refused with one that is not", () =>
      judged({ what: "", spec: { audiences: ["evil"] }, refused: audience('"evil"') }, by()));
  });

  it("leave alone what kube-controller-manager asks for its controllers", async () => {
    const { status } = await request("default", { expirationSeconds: 600 }, cluster().adminToken, "kube-system");
    expect(status).toBe(201);
  });

  it.each([
    { what: "the audience of the pod", audiences: ["evil"], status: 201 },
    { what: "no audience", audiences: undefined, status: 201 },
    { what: "an audience that the pod does not have", audiences: ["worse"], status: 403 },
  ])("leave a node's request with $what to NodeRestriction", async ({ audiences, status: wanted }) => {
    const { name, uid } = pod.metadata;
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name, uid };
    const spec = { expirationSeconds: 700, boundObjectRef, ...(audiences && { audiences }) };
    const { status, body } = await request("plain", spec, cluster().nodeToken());
    expect(body.message ?? "").not.toContain("ValidatingAdmissionPolicy");
    expect(status).toBe(wanted);
  });
});

describeOnCluster("the token-requests policy without apiServerAudiences", () => {
  const cluster = useCluster({ controllerManager: true });
  const tokens = { ...CONFIGURATION.policy?.tokens, apiServerAudiences: undefined };

  beforeAll(() =>
    enforce(cluster(), policiesOf({ ...CONFIGURATION, policy: { tokens } }, "token-requests", "own-token-requests")),
  );

  it.each([
    { what: "any audience", spec: { audiences: ["evil"] }, wanted: 201 },
    { what: "a short lifetime", spec: { expirationSeconds: 700 }, wanted: 403 },
  ])("judges lifetimes alone: $what", async ({ spec, wanted }) => {
    const path = "/api/v1/namespaces/default/serviceaccounts/default/token";
    const { status } = await cluster().request("POST", path, { spec });
    expect(status).toBe(wanted);
  });
});
