/** `podpass jwks` on the command line. */
import { type DefineCommand, oneOf, withKubeconfig } from "./options.ts";

const HELP = `
Providers that fetch a cluster's keys ask for two documents below the issuer's address. Where nobody outside can reach the
API server, any web server or bucket can have them, as files: DIR is what is served at the issuer's address. A file is
replaced whole, the keys before the document that names them. Write them again when the cluster's keys change;
podpass check --fetch-issuer says when what is published is no longer what the cluster has.

These credentials need the ClusterRole system:service-account-issuer-discovery. Only public keys are ever written.

Exit codes: 0 done, 1 with --check the files are not the cluster's, 2 the cluster cannot be asked or DIR cannot be written.

Examples:
  $ podpass jwks -d public/
  $ podpass jwks -d public/ --issuer https://oidc.example.com/cluster-1   before the API server has that issuer
  $ podpass jwks -d public/ --check                                       for CI: are they still the cluster's?
  $ podpass jwks -o json`;

/** Adds `jwks`. */
export const defineJwks: DefineCommand = (program, terminal, finish) => {
  withKubeconfig(
    program
      .command("jwks")
      .summary("write the issuer's documents as files to publish")
      .description("Writes the cluster's discovery document and public keys as files, for any web server or bucket.")
      .option("-d, --directory <dir>", "the folder that is served at the issuer's address")
      .option("--issuer <url>", "the issuer that the cluster is going to have (default: its present one)"),
  )
    .option("--check", "write nothing; exit with 1 where the files are not the cluster's")
    .addOption(oneOf("-o, --output <format>", "how it is written", ["text", "json"]))
    .addHelpText("after", HELP)
    .action(async (options) => {
      const [{ jwks }, { usingCluster }] = await Promise.all([import("../jwks.ts"), import("../cluster.ts")]);
      finish(await usingCluster(options, (open) => jwks(options, terminal, open)));
    });
};
