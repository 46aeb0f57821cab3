/** `podpass jwks` against a real API server: what it writes is all that a relying party fetches. */
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { podpass } from "../cli/podpass.ts";
import type { User } from "../cluster/credentials.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../cluster/harness.ts";
import { verifyToken } from "../cluster/relying-parties/verify.ts";
import { kubeconfigFor } from "./installation.ts";

interface TokenRequest {
  readonly status: { readonly token: string };
}

/** May do what every ServiceAccount may, and nothing else. */
const nobody: User = { name: "nobody", groups: ["system:serviceaccounts"] };

describeOnCluster("the issuer as files", () => {
  const cluster = useCluster({ users: [nobody] });

  it("a relying party that has nothing else accepts the cluster's tokens, and no others", async () => {
    const { directory, must, userToken } = cluster();
    const kubeconfig = await kubeconfigFor(cluster(), "nobody", userToken(nobody.name));
    const published = mkdtempSync(join(directory, "published-"));
    const { exitCode, stderr } = await podpass(["jwks", "-d", published, "--kubeconfig", kubeconfig]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });

    const read = (path: string) => JSON.parse(readFileSync(join(published, path), "utf8"));
    const discovery = read(".well-known/openid-configuration");
    const keysPath = discovery.jwks_uri.slice(discovery.issuer.length + 1);
    const account = await createServiceAccount(cluster(), "published");
    const { status } = await must<TokenRequest>(
      "POST",
      `/api/v1/namespaces/default/serviceaccounts/${account.metadata.name}/token`,
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { audiences: ["https://vault.example.com"], expirationSeconds: 600 },
      },
    );
    const trust = {
      issuer: discovery.issuer,
      jwks: read(keysPath),
      audience: "https://vault.example.com",
      subjects: ["system:serviceaccount:default:published"],
    };
    expect(await verifyToken(status.token, trust)).toMatchObject({ kind: "accepted" });
    expect(await verifyToken(status.token, { ...trust, jwks: { keys: [] } })).toMatchObject({ refusal: "signature" });
    expect(discovery.id_token_signing_alg_values_supported).toContain(
      JSON.parse(Buffer.from(status.token.split(".")[0] ?? "", "base64url").toString()).alg,
    );
    const again = await podpass(["jwks", "-d", published, "--check", "--kubeconfig", kubeconfig]);
    expect(again.exitCode).toBe(0);
  });
});
