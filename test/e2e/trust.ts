/** What `podpass trust -o json` says, which is all that relying parties are told. */
import { join } from "node:path";
import { createOutput } from "../../src/cli/terminal.ts";
import { trust as trustCommand } from "../../src/cli/trust.ts";
import type { OpenCluster } from "../../src/trust/cluster-queries.ts";
import type { Trust as Told } from "../../src/trust/trust.ts";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Trust } from "../cluster/relying-parties/verify.ts";

export type { Told };

/** A relying party that was told nothing but this. */
export const trustFrom = ({ issuer, audience, subject, jwks }: Told): Trust => ({
  issuer,
  audience,
  subjects: [subject],
  jwks: jwks as Trust["jwks"],
});

const queries =
  (cluster: Cluster): OpenCluster =>
  async () => ({
    discovery: async () => {
      const { issuer, jwks_uri: jwksUri } = await cluster.discovery();
      return { issuer, jwksUri };
    },
    jwks: () => cluster.jwks(),
    async serviceAccount(namespace, name) {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
      const { status, body } = await cluster.request<ApiObject>("GET", path);
      if (status === 404) return undefined;
      return { namespace, name, annotations: new Map(Object.entries(body.metadata.annotations ?? {})) };
    },
    tokenRequest: () => Promise.reject(new Error("no token is asked for")),
  });

/** Runs `podpass trust PROVIDER NAMESPACE/NAME -o json` with the configuration that Podpass serves with. */
export const podpassTrust = async (cluster: Cluster, provider: string, account: string): Promise<Told> => {
  let written = "";
  const output = createOutput({ write: (text) => (written += text) }, {});
  const terminal = { readStdin: async () => "", out: output, err: output };
  const config = join(cluster.directory, "podpass", "config.yaml");
  const exitCode = await trustCommand({ account, provider, config, output: "json" }, terminal, queries(cluster));
  if (exitCode !== 0) throw new Error(`podpass trust ended with ${exitCode}: ${written}`);
  return JSON.parse(written);
};
