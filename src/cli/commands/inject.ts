/** `podpass inject` on the command line. */
import { type DefineCommand, MANIFESTS_HELP, oneOf, withManifests } from "./options.ts";

const HELP = `${MANIFESTS_HELP}
Pods and pod templates (Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob,
PodTemplate), inside lists too, get what their ServiceAccount asks for. ServiceAccounts come from the same manifests;
a workload whose ServiceAccount is not among them is left alone, with a warning.

Output:
  -o yaml   the documents in their own notation and order; all that is not added stays byte for byte
  -o json   one object, or a List of all of them when there are several documents
  -o diff   a unified diff of every changed document
A configuration among the manifests is no Kubernetes object and is not part of the output. A workload that the policy
refuses is in the output as it was; standard error says why, and the exit code is 1.
Warnings and --explain go to standard error, so that the output can be piped.

Examples:
  $ podpass inject -f deploy/ -o diff
  $ podpass inject -f deploy/ --config podpass.yaml -n production | kubectl apply -f -
  $ helm template my-api ./chart | podpass inject -f - -f serviceaccounts.yaml
  $ podpass inject -f deploy/ --explain > /dev/null`;

/** Adds `inject`. */
export const defineInject: DefineCommand = (program, terminal, finish) => {
  withManifests(program.command("inject"))
    .summary("add the identities to manifests, as the webhook would")
    .description("Adds to manifests what the webhook would add to their pods, and writes them to standard output.")
    .addOption(oneOf("-o, --output <format>", "how the result is written", ["yaml", "json", "diff"]))
    .option("--explain", "say for each container and provider what was decided and why (on standard error)")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { inject } = await import("../inject.ts");
      finish(await inject(options, terminal));
    });
};
