/** `podpass token` on the command line. */
import { type DefineCommand, oneOf, withCluster } from "./options.ts";

const HELP = `
The token is like the one that a pod of the ServiceAccount gets: the same audience, the same lifetime. What is compared:
its issuer, audience, subject and times, and that its key is one of those that the cluster publishes. It is never
printed, nor sent to anyone; it is gone when the command ends, and expires by itself.

Needed are the permissions of podpass trust, and create on serviceaccounts/token.

Exit codes: 0 the token is as expected, 1 it is not, 2 there is none.

Examples:
  $ podpass token production/my-api --provider aws
  $ podpass token production/my-api --provider vault-eu --config podpass.yaml
  $ podpass token production/my-api --provider gcp --context staging -o json`;

/** Adds `token`. */
export const defineToken: DefineCommand = (program, terminal, finish) => {
  withCluster(program.command("token"))
    .summary("ask for a real token, and check what it says")
    .description("Asks the cluster for a token of a ServiceAccount, and compares its claims with what is expected.")
    .argument("<namespace/name>", "the ServiceAccount")
    .requiredOption("--provider <name>", "a provider of the configuration; without one, a preset's name")
    .addOption(oneOf("-o, --output <format>", "how it is written", ["text", "json"]))
    .addHelpText("after", HELP)
    .action(async (account: string, options) => {
      const [{ token }, { usingCluster }] = await Promise.all([import("../token.ts"), import("../cluster.ts")]);
      finish(await usingCluster(options, (open) => token({ ...options, account }, terminal, open)));
    });
};
