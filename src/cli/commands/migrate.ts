/** `podpass migrate` on the command line. */
import { type DefineCommand, MANIFESTS_HELP, oneOf, withManifests } from "./options.ts";

const HELP = `${MANIFESTS_HELP}
ServiceAccounts' annotations of vendors' webhooks (AWS, Azure, Google Cloud, STACKIT, Alibaba Cloud, CoreWeave) become
podpass.dev/federate and PROVIDER.podpass.dev/PARAMETER, those of pods too; a vendor's own default that is not the
provider's is written out. Labels, and keys that have no equivalent, are kept; standard error names the latter.
Hand-written token volumes, with their mounts and variables, are taken out of pod templates where inject would put
the same back: the same paths, variables, audience and lifetime in each container. Others stay, and standard error says why.
Give all files at once: a pod's annotations are read with its ServiceAccount, and pods before and after are compared.
The configuration's nativeAnnotations says which providers are meant; all of them where it says nothing.

Output:
  -o diff   a unified diff of every changed document
  -o yaml   all documents in their own notation and order; all that is not changed stays byte for byte
  --write   nothing, and no -o beside it; the files are changed, each whole or not at all
Where something cannot be migrated nothing is written; standard error says what to do. With --keep-going the rest is
written; the exit code stays the same.

Exit codes: 0 done, 1 something could not be migrated, 2 the input cannot be used.

Examples:
  $ podpass migrate -f deploy/
  $ podpass migrate -f deploy/ --keep --write      while the vendor's webhook still runs
  $ podpass migrate -f deploy/ --write             once it is gone
  $ helm template my-api ./chart | podpass migrate -f - -o yaml`;

/** Adds `migrate`. */
export const defineMigrate: DefineCommand = (program, terminal, finish) => {
  withManifests(program.command("migrate"))
    .summary("rewrite vendors' annotations and hand-written tokens as ours")
    .description("Rewrites manifests that were made for vendors' webhooks, or with hand-written tokens, for Podpass.")
    .addOption(oneOf("-o, --output <format>", "how the result is written", ["diff", "yaml"]).conflicts("write"))
    .option("--write", "change the files")
    .option("--keep", "leave the vendors' annotations beside ours")
    .option("--keep-going", "write what can be migrated even where something cannot")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { migrate } = await import("../migrate.ts");
      finish(await migrate(options, terminal));
    });
};
