/** `podpass trust` on the command line. */
import { Option } from "commander";
import { collect, type DefineCommand, oneOf, withCluster } from "./options.ts";

const HELP = `
Issuer and keys are those of the cluster's own discovery document, the audience and the subject those of the tokens that
Podpass gives to the ServiceAccount's pods. What the provider answers with and is not set yet (an ID, for example) is a
placeholder, such as <client-id>. Nothing is changed, neither in the cluster nor at the provider.

The cluster is asked for its discovery document, its keys, and the ServiceAccount; these are the permissions of the
ClusterRole system:service-account-issuer-discovery, and get on serviceaccounts. With --issuer and -f no cluster is
asked.

Examples:
  $ podpass trust aws production/my-api                       for the current context of your kubeconfig
  $ podpass trust gcp production/my-api -o json               as data, for a script
  $ podpass trust openai production/my-api --context staging  for another cluster
  $ podpass trust aws 'preview-*/api' --set role-arn=arn:aws:iam::123456789012:role/preview
  $ podpass trust azure production/my-api -f deploy/ --issuer https://oidc.example.com --jwks keys.json`;

/** Adds `trust`. */
export const defineTrust: DefineCommand = (program, terminal, finish) => {
  withCluster(program.command("trust"))
    .summary("print what to register at a provider")
    .description(
      "Prints what a provider has to be told, so that it accepts the tokens of a ServiceAccount; ready to paste.",
    )
    .argument("<provider>", "a provider of the configuration; without one, a preset's name")
    .argument("<namespace/name>", "the ServiceAccount; with * in it, all that match, where the provider can do that")
    .option("--issuer <url>", "the cluster's issuer, where the cluster cannot be asked")
    .option("--jwks <file>", "its keys (JSON); only with --issuer")
    .addOption(
      new Option(
        "--keys <how>",
        "how the provider gets the keys, where it leaves a choice (default: uploaded if the issuer's address is private)",
      ).choices(["discovery", "upload"]),
    )
    .option("--set <parameter=value>", "with a pattern: a parameter that all of them have; may be repeated", collect)
    .addOption(oneOf("-o, --output <format>", "how it is written", ["text", "json"]))
    .addHelpText("after", HELP)
    .action(async (provider: string, account: string, options) => {
      const [{ trust }, { usingCluster }] = await Promise.all([import("../trust.ts"), import("../cluster.ts")]);
      finish(await usingCluster(options, (open) => trust({ ...options, provider, account }, terminal, open)));
    });
};
