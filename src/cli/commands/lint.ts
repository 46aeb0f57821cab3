/** `podpass lint` on the command line. */
import { type DefineCommand, MANIFESTS_HELP, oneOf, withManifests } from "./options.ts";

const HELP = `${MANIFESTS_HELP}
Checked are the configuration, the federation annotations of ServiceAccounts, and the annotations and projected tokens
of workloads; by the same code as in the webhook. Of a configuration that is given, notes on standard error say what the
policies inside the API server cannot express, and what they cost at most; they are no warnings.

Exit codes: 0 no errors (with --strict: no warnings either), 1 errors, 2 the input cannot be read.

Examples:
  $ podpass lint -f deploy/ --config podpass.yaml
  $ podpass lint -f podpass.yaml --strict
  $ helm template podpass charts/podpass --show-only templates/configmap.yaml | podpass lint --config -
  $ podpass lint -f deploy/ -o json`;

/** Adds `lint`. */
export const defineLint: DefineCommand = (program, terminal, finish) => {
  withManifests(program.command("lint"), false)
    .summary("check configuration and annotations")
    .description("Checks configuration and annotations, and says for each problem where it is and what to do.")
    .addOption(oneOf("-o, --output <format>", "how the problems are written", ["text", "json"]))
    .option("--strict", "exit with 1 on warnings too")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { lint } = await import("../lint.ts");
      finish(await lint(options, terminal));
    });
};
