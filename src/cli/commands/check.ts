/** `podpass check` on the command line. */
import { collect, type DefineCommand, oneOf, withKubeconfig } from "./options.ts";

const HELP = `
Each line is pass, warn or fail, with the name of the check and, where it does not pass, what to do; docs/check.md
explains each. What depends on something that another line reports missing is left out. What these credentials may not
read is a warning that names the right they lack. Nothing is changed in the cluster: the pod with which Podpass is tried
is a dry run, and the reviews of permissions store nothing.

It works from a laptop, with the kubeconfig's credentials, and in a pod, with its ServiceAccount's.

Exit codes: 0 nothing failed (with --strict: no warnings either), 1 something failed, 2 the cluster cannot be asked.

Examples:
  $ podpass check
  $ podpass check -n identity --name identity-podpass --context production
  $ podpass check -o json
  $ podpass check --skip webhook-called --strict`;

/** Adds `check`. */
export const defineCheck: DefineCommand = (program, terminal, finish) => {
  withKubeconfig(
    program
      .command("check")
      .summary("say whether an installation is healthy, and what to do")
      .description("Says whether an installation in a cluster is healthy, and if not, what to do.")
      .option("-n, --namespace <name>", "the installation's namespace", "podpass-system")
      .option("--name <name>", "what its objects are called: the chart's fullname", "podpass")
      .option("--config <file>", "a Podpass configuration instead of the installation's"),
  )
    .option("--skip <check>", "a check to leave out; may be repeated", collect)
    .option("--fetch-issuer", "fetch the issuer's documents from here, as a provider would")
    .option("--strict", "exit with 1 on warnings too")
    .addOption(oneOf("-o, --output <format>", "how it is written", ["text", "json"]))
    .addHelpText("after", HELP)
    .action(async (options) => {
      const [{ check }, { usingConnection }] = await Promise.all([import("../check.ts"), import("../cluster.ts")]);
      finish(await usingConnection(options, (open) => check(options, terminal, open)));
    });
};
