import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { podpass } from "../cli/podpass.ts";
import { temporaryFolder } from "../support/folder.ts";

const ANNOTATIONS = {
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
};

// The harness builds the control plane where it is missing; only the project for clusters has the time for that.
const harness = inject("controlPlane") === undefined ? undefined : await import("../cluster/harness.ts");

describe.skipIf(harness === undefined)("the commands on a real API server", () => {
  const current = harness?.useCluster() ?? (() => expect.unreachable());

  const account = async (annotations: object): Promise<string> => {
    const name = `my-api-${Math.random().toString(36).slice(2)}`;
    await current().must("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name, annotations } });
    return `default/${name}`;
  };
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => podpass(args, { env });
  const kubeconfig = () => ["--kubeconfig", current().kubeconfigPath];

  it("trust says what the cluster's own documents say", async () => {
    const name = await account(ANNOTATIONS);
    const { stdout, stderr, exitCode } = await run(["trust", "aws", name, "-o", "json", ...kubeconfig()]);
    expect({ stderr, exitCode }).toStrictEqual({ stderr: "", exitCode: 0 });
    const { issuer, jwks_uri: jwksUri } = await current().discovery();
    expect(JSON.parse(stdout)).toMatchObject({
      issuer,
      jwksUri,
      jwks: await current().jwks(),
      audience: "sts.amazonaws.com",
      subject: `system:serviceaccount:${name.replace("/", ":")}`,
    });
  });

  it("trust finds the cluster by KUBECONFIG too", async () => {
    const name = await account(ANNOTATIONS);
    const { stdout, exitCode } = await run(["trust", "aws", name], { KUBECONFIG: current().kubeconfigPath });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("aws iam create-role");
  });

  it("token finds a real token as expected, and keeps it to itself", async () => {
    const name = await account(ANNOTATIONS);
    const { stdout, stderr, exitCode } = await run(["token", name, "--provider", "aws", ...kubeconfig()]);
    expect({ stderr, exitCode }).toStrictEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toContain("The token is as expected.");
    expect(stdout).not.toMatch(/eyJ/);
  });

  it("says which right is missing", async () => {
    const name = await account(ANNOTATIONS);
    const path = "/api/v1/namespaces/default/serviceaccounts";
    const { status } = await current().must<{ readonly status: { readonly token: string } }>(
      "POST",
      `${path}/${name.slice("default/".length)}/token`,
      { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
    );
    const own = await readFile(current().kubeconfigPath, "utf8");
    const kubeconfig = join(temporaryFolder(), "config");
    await writeFile(kubeconfig, own.replaceAll(current().adminToken, status.token));
    for (const args of [
      ["trust", "aws", name],
      ["token", name, "--provider", "aws"],
    ]) {
      const { stderr, exitCode } = await run([...args, "--kubeconfig", kubeconfig]);
      expect(stderr).toContain("403 Forbidden");
      expect(stderr).toContain("these credentials need the verb get on serviceaccounts in default");
      expect(exitCode).toBe(2);
    }
  });

  it("says what to do where there is no ServiceAccount, no annotation or no context", async () => {
    const name = await account({});
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["trust", "aws", "default/nobody"], "kubectl create serviceaccount nobody --namespace default"],
      [["token", name, "--provider", "aws"], "has no annotation podpass.dev/federate"],
      [["trust", "aws", name, "--context", "other"], 'has no context "other"; allowed: '],
    ];
    for (const [args, message] of cases) {
      const { stdout, stderr, exitCode } = await run([...args, ...kubeconfig()]);
      expect(stderr).toContain(message);
      expect({ stdout, exitCode }).toStrictEqual({ stdout: "", exitCode: 2 });
    }
  });
});
