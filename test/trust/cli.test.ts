import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TokenOptions, token } from "../../src/cli/token.ts";
import { type TrustOptions, trust } from "../../src/cli/trust.ts";
import { presetNames } from "../../src/configuration/compile.ts";
import { type ClusterQueries, ClusterQueryFailed } from "../../src/trust/cluster-queries.ts";
import { running } from "./running.ts";
import { accountWith, ISSUER, KEYS, SUBJECT } from "./support.ts";

const NOW = 1_800_000_000;
const SIGNATURE = "c2VjcmV0LXNpZ25hdHVyZQ";

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A cluster that issues what it is asked for, unless told otherwise. */
const clusterWith = (more: Partial<ClusterQueries> = {}): ClusterQueries => ({
  discovery: async () => ({ issuer: ISSUER, jwksUri: `${ISSUER}/openid/v1/jwks` }),
  jwks: async () => KEYS,
  serviceAccount: async (namespace, name) =>
    namespace === "production" && name === "my-api"
      ? accountWith("aws", { "role-arn": "arn:aws:iam::123456789012:role/my-api" })
      : undefined,
  tokenRequest: async (namespace, name, { audience, expirationSeconds }) =>
    [
      encode({ alg: "RS256", kid: "key-1" }),
      encode({
        iss: ISSUER,
        aud: [audience],
        sub: SUBJECT,
        iat: NOW,
        nbf: NOW,
        exp: NOW + expirationSeconds,
        "kubernetes.io": { namespace, serviceaccount: { name } },
      }),
      SIGNATURE,
    ].join("."),
  ...more,
});

const ACCOUNT = "production/my-api";

const runTrust = (options: Partial<TrustOptions>, cluster?: ClusterQueries) =>
  running(
    (terminal, open) => trust({ account: ACCOUNT, provider: "aws", output: "text", ...options }, terminal, open),
    cluster,
  );

const runToken = (options: Partial<TokenOptions> = {}, cluster = clusterWith()) =>
  running(
    (terminal, open) =>
      token({ account: ACCOUNT, provider: "aws", output: "text", ...options }, terminal, open, () => (NOW + 1) * 1000),
    cluster,
  );

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "podpass-trust-"));
  writeFileSync(
    join(folder, "sa.yaml"),
    `apiVersion: v1
kind: ServiceAccount
metadata:
  name: my-api
  namespace: production
  annotations:
    podpass.dev/federate: anthropic, aws
    aws.podpass.dev/role-arn: "not an ARN"
`,
  );
  writeFileSync(join(folder, "jwks.json"), JSON.stringify(KEYS));
  writeFileSync(join(folder, "private.json"), JSON.stringify({ keys: [{ kty: "RSA", d: "hidden" }] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const offline = (options: Partial<TrustOptions>) =>
  runTrust({ provider: "anthropic", issuer: ISSUER, filename: [folder], ...options });

describe("podpass trust", () => {
  it("from the cluster", async () => {
    const { code, text } = await runTrust({}, clusterWith());
    expect(code).toBe(0);
    expect(text).toContain("aws iam create-open-id-connect-provider");
    expect(text).toContain(`"oidc.example.com/cluster-1:sub": "${SUBJECT}"`);
  });

  it("as JSON: what a relying party is configured from", async () => {
    const { text } = await runTrust({ output: "json" }, clusterWith());
    expect(JSON.parse(text)).toMatchObject({
      issuer: ISSUER,
      jwks: KEYS,
      jwksUri: `${ISSUER}/openid/v1/jwks`,
      audience: "sts.amazonaws.com",
      subject: SUBJECT,
      parameters: { "role-arn": "arn:aws:iam::123456789012:role/my-api" },
    });
  });

  it("without a cluster; what is missing is what the provider will answer with", async () => {
    const { code, text } = await offline({ jwks: join(folder, "jwks.json"), keys: "upload" });
    expect(code).toBe(0);
    expect(text).toContain('"kid": "key-1"');
    expect(text).toContain("the annotation anthropic.podpass.dev/federation-rule-id");
  });

  it("without a cluster and without keys, which are then a placeholder", async () => {
    const { text } = await offline({ keys: "upload" });
    expect(text).toContain('"keys": "<jwks>"');
    expect(text).toContain("has to be given the cluster's keys");
  });

  it.each([
    ["another provider", { provider: "gcp" }, "podpass.dev/federate=anthropic,aws,gcp"],
    [
      "no such provider",
      { provider: "awz" },
      `there is no provider "awz"; did you mean "aws"? allowed: ${presetNames[0]}`,
    ],
    ["a bad parameter", { provider: "aws" }, 'annotation "aws.podpass.dev/role-arn" is "not an ARN"; allowed: '],
    ["an unknown ServiceAccount", { account: "production/other" }, "in the manifests"],
    ["no namespace", { account: "my-api" }, "allowed: NAMESPACE/NAME"],
    ["an issuer that is none", { issuer: "http://x" }, "an issuer is an https:// address"],
    ["a private key", { jwks: "private.json" }, "private key"],
    ["no JSON", { jwks: "sa.yaml" }, "it is no JSON"],
    ["no file", { jwks: "nothing.json" }, "there is no such file"],
  ])("refuses %s and says what to do", async (_, options, message) => {
    const jwks = "jwks" in options ? { jwks: join(folder, options.jwks) } : {};
    const { code, text } = await offline({ ...options, ...jwks });
    expect(code).toBe(2);
    expect(text).toContain(message);
    expect(text).not.toContain("hidden");
  });

  it("refuses keys from a file for a cluster's own issuer", async () => {
    expect(await runTrust({ jwks: "x" }, clusterWith())).toMatchObject({
      code: 2,
      text: expect.stringContaining("--issuer"),
    });
  });

  it("names the command that federates a ServiceAccount without any annotation", async () => {
    const serviceAccount = async () => ({ namespace: "production", name: "my-api", annotations: new Map() });
    const { text } = await runTrust({}, clusterWith({ serviceAccount }));
    expect(text).toContain("has no annotation podpass.dev/federate");
    expect(text).toContain(
      "kubectl annotate serviceaccount my-api --namespace production --overwrite podpass.dev/federate=aws",
    );
  });

  it("does not build a command out of what somebody wrote into the annotation", async () => {
    const annotations = new Map([["podpass.dev/federate", "$(id), x;y"]]);
    const serviceAccount = async () => ({ namespace: "production", name: "my-api", annotations });
    const { text } = await runTrust({}, clusterWith({ serviceAccount }));
    expect(text).toMatch(/podpass\.dev\/federate=aws$/);
  });

  it.each([
    ["discovery", "system:service-account-issuer-discovery"],
    ["jwks", "system:service-account-issuer-discovery"],
    ["serviceAccount", "the verb get on serviceaccounts in production"],
  ] as const)("says which permission %s needs", async (query, permission) => {
    const refuse = () => Promise.reject(new ClusterQueryFailed("forbidden", 403));
    expect(await runTrust({}, clusterWith({ [query]: refuse }))).toMatchObject({
      code: 2,
      text: expect.stringContaining(permission),
    });
  });

  it("passes on a fault of its own", async () => {
    const broken = () => Promise.reject(new TypeError("a bug"));
    await expect(runTrust({}, clusterWith({ discovery: broken }))).rejects.toThrow("a bug");
  });
});

describe("podpass token", () => {
  it("compares, and prints no token", async () => {
    const { code, text } = await runToken();
    expect(code).toBe(0);
    expect(text).toContain("The token is as expected.");
    expect(text).toContain(
      "kubectl create token my-api --namespace=production --audience=sts.amazonaws.com --duration=3600s",
    );
    expect(text).not.toContain(SIGNATURE);
    expect(text).not.toContain(encode({ alg: "RS256", kid: "key-1" }));
  });

  it("as JSON, without the token too", async () => {
    const { text } = await runToken({ output: "json" });
    expect(JSON.parse(text)).toMatchObject({ provider: "aws", ok: true, rows: expect.any(Array) });
    expect(text).not.toContain(SIGNATURE);
  });

  it("ends with 1 where a claim is wrong, and says which", async () => {
    const discovery = async () => ({ issuer: "https://old.example", jwksUri: undefined });
    const { code, text } = await runToken({}, clusterWith({ discovery }));
    expect(code).toBe(1);
    expect(text).toMatch(/WRONG +iss/);
    expect(text).toContain("--service-account-issuer");
  });

  it("asks for the lifetime that the webhook would ask for, the policy's bounds included", async () => {
    const config = join(folder, "podpass.yml.txt");
    writeFileSync(
      config,
      "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\npolicy: { tokens: { expirationSeconds: { max: 1200 } } }\n",
    );
    const asked: number[] = [];
    const { tokenRequest } = clusterWith();
    const cluster = clusterWith({
      tokenRequest: (namespace, name, request) => {
        asked.push(request.expirationSeconds);
        return tokenRequest(namespace, name, request);
      },
    });
    expect(await runToken({ config }, cluster)).toMatchObject({ code: 0 });
    expect(asked).toEqual([1200]);
  });

  it("an answer that is no token is not repeated", async () => {
    const { code, text } = await runToken({}, clusterWith({ tokenRequest: async () => "very-secret" }));
    expect(code).toBe(1);
    expect(text).toContain("it is no JWT");
    expect(text).not.toContain("very-secret");
  });

  it("asks for nothing while a parameter is missing", async () => {
    const serviceAccount = async () => accountWith("aws", {});
    const { code, text } = await runToken({}, clusterWith({ serviceAccount }));
    expect(code).toBe(2);
    expect(text).toContain("annotation aws.podpass.dev/role-arn");
  });

  it("says which permission is needed", async () => {
    const tokenRequest = () => Promise.reject(new ClusterQueryFailed("forbidden", 403));
    expect((await runToken({}, clusterWith({ tokenRequest }))).text).toContain("create on serviceaccounts/token");
  });

  it("says how to create a ServiceAccount that is not there", async () => {
    expect((await runToken({ account: "production/other" })).text).toContain(
      "kubectl create serviceaccount other --namespace production",
    );
  });
});
