/** What `podpass trust -o json` says, which is all that relying parties are told. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Trust as Told } from "../../src/trust/trust.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Trust } from "../cluster/relying-parties/verify.ts";
import { program } from "./program.ts";

export type { Told };

const run = promisify(execFile);
const told = new Map<string, Promise<Told>>();

/** A relying party that was told nothing but this. */
export const trustFrom = ({ issuer, audience, subject, jwks }: Told): Trust => ({
  issuer,
  audience,
  subjects: [subject],
  jwks: jwks as Trust["jwks"],
});

const ask = async (cluster: Cluster, provider: string, account: string): Promise<Told> => {
  const { directory, kubeconfigPath, enter } = cluster;
  const config = join(directory, "podpass", "config.yaml");
  const options = ["--output=json", `--config=${config}`, `--kubeconfig=${kubeconfigPath}`];
  const [command = "", ...args] = [...enter, process.execPath, program(), "trust", provider, account, ...options];
  const { stdout } = await run(command, args);
  return JSON.parse(stdout);
};

/** Runs `podpass trust PROVIDER NAMESPACE/NAME` with Podpass' own configuration, once for each ServiceAccount. */
export const podpassTrust = (cluster: Cluster, provider: string, account: string): Promise<Told> => {
  const key = [cluster.directory, provider, account].join(" ");
  const known = told.get(key) ?? ask(cluster, provider, account);
  told.set(key, known);
  return known;
};
