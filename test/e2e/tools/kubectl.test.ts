/**
 * What `podpass trust` says of another cluster, done there: its API server is started with the printed document, and the
 * printed command is pasted, with kubectl.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import {
  createServiceAccount,
  describeOnCluster,
  programsFolder,
  startTestCluster,
  timeouts,
  useCluster,
} from "../../cluster/harness.ts";
import { type Handle, json, listen } from "../../cluster/relying-parties/listen.ts";
import { commandsIn, paste, printTrust, SHELLS } from "./printed.ts";
import { triedTitles } from "./tried.ts";

const AUDIENCE = "https://cluster-b.example.com";
const PODS = "/api/v1/namespaces/default/pods";

/** The printed document. */
const documentIn = (shown: string): { readonly jwt: readonly [{ readonly issuer: object }] } => {
  const [, text = ""] = /^ {2}authentication-configuration:\n((?: {2}.*\n)+)/mu.exec(shown) ?? [];
  return JSON.parse(text);
};

/** The keys of `cluster` where another one can reach them, which its own made-up issuer is not. */
const publishKeys = async (cluster: Cluster) => {
  const authority = await createAuthority("issuer");
  const keys = await cluster.jwks();
  const answer: Handle = async ({ path }) =>
    path === "/keys" ? json(200, keys) : json(200, { issuer: cluster.issuer, jwks_uri: `${server.url}/keys` });
  const server = await listen([answer], { tls: await authority.issue() });
  const issuer = {
    discoveryURL: `${server.url}/.well-known/openid-configuration`,
    certificateAuthority: authority.ca,
  };
  return { issuer, stop: () => server.stop() };
};

const tokenOf = async (cluster: Cluster, name: string, audience: string): Promise<string> => {
  const path = `/api/v1/namespaces/default/serviceaccounts/${name}/token`;
  const spec = { audiences: [audience], expirationSeconds: 600 };
  const { status } = await cluster.must<{ readonly status: { readonly token: string } }>("POST", path, { spec });
  return status.token;
};

const ran = new Set<string>();

describeOnCluster("what is printed for another cluster", { timeout: timeouts.start }, () => {
  const home = useCluster();

  it("lets the ServiceAccount in there, and nobody else", async () => {
    for (const name of ["my-api", "stranger"]) await createServiceAccount(home(), name);
    const shown = await printTrust({
      provider: "kubernetes",
      account: "default/my-api",
      issuer: home().issuer,
      parameters: {},
      platform: { server: "https://cluster-b.example.com:6443", "token-audience": AUDIENCE },
    });
    const published = await publishKeys(home());
    const printed = documentIn(shown);
    const [jwt] = printed.jwt;
    // What a made-up issuer needs beside: where its keys are, and who signed for that.
    const content = { ...printed, jwt: [{ ...jwt, issuer: { ...jwt.issuer, ...published.issuer } }] };
    const file = join(home().directory, "authentication.json");
    writeFileSync(file, JSON.stringify(content));
    const far = await startTestCluster({ apiServerFlags: { "authentication-config": file } });
    try {
      const env = { KUBECONFIG: far.kubeconfigPath, PATH: `${programsFolder}:/usr/bin:/bin` };
      for (const shell of SHELLS) {
        for (const { title, text } of commandsIn(shown, "kubectl")) {
          // The role `view` is put together of these by a controller, which is not there.
          const role = "system:aggregate-to-view";
          const filledIn = text.replace("'<namespace>'", "default").replace("'<role>'", role);
          expect(await paste(shell, filledIn, env)).toMatchObject({ exitCode: 0, stderr: "", files: {} });
          ran.add(title);
        }
        const get = async (name: string, audience: string) =>
          (await far.request("GET", PODS, undefined, { token: await tokenOf(home(), name, audience) })).status;
        // The keys are fetched once the API server is there.
        await expect.poll(() => get("my-api", AUDIENCE), { timeout: 30_000 }).toBe(200);
        expect([await get("stranger", AUDIENCE), await get("my-api", "https://elsewhere.example.com")]).toEqual([
          403, 401,
        ]);
        await paste(shell, "kubectl delete rolebinding --all --namespace default", env);
        await expect.poll(() => get("my-api", AUDIENCE), { timeout: 30_000 }).toBe(403);
      }
    } finally {
      await Promise.all([far.stop(), published.stop()]);
    }
  });

  it("has run every command that it is said to have run", () => {
    expect([...ran].sort()).toEqual([...triedTitles("kubernetes")].sort());
  });
});
