/** `podpass inject` on the command line. */
import { type DefineCommand, MANIFESTS_HELP, oneOf, withManifests } from "./options.ts";

const HELP = `${MANIFESTS_HELP}
Pods and pod templates, inside lists too, get what their ServiceAccount asks for: those of Kubernetes' own workloads,
and of others whose template is found by its shape (Argo's Rollout, OpenShift's DeploymentConfig, Knative's Service).
One that describes its pods in another form (Argo's Workflow, Tekton's TaskRun) is left alone, with a warning.
ServiceAccounts come from the same manifests; a workload whose ServiceAccount is not among them is left alone, with a
warning. ConfigMaps and Secrets among them tell what envFrom brings.

Output:
  -o yaml   the documents in their own notation and order; all that is not added stays byte for byte
  -o json   one object, or one List of all of them when there are several documents
  -o diff   a unified diff of every changed document
A configuration among the manifests is no Kubernetes object and is not part of the output.
Warnings and --explain go to standard error, so that the output can be piped. Where a workload is refused or an object
is bad, nothing is written, so that a pipe applies nothing; standard error says why. With --keep-going the rest is
written, and standard error names what is left out; the exit code stays the same.

Exit codes: 0 done, 1 a workload is refused, 2 the input cannot be used.

Examples:
  $ podpass inject -f deploy/ -o diff
  $ podpass inject -f deploy/ --config podpass.yaml -n production | kubectl apply -f -
  $ helm template my-api ./chart | podpass inject -f - -f serviceaccounts.yaml
  $ podpass inject -f deploy/ --explain > /dev/null
  $ podpass inject -f deploy/ --keep-going > good.yaml`;

/** Adds `inject`. */
export const defineInject: DefineCommand = (program, terminal, finish) => {
  withManifests(program.command("inject"))
    .summary("add the identities to manifests, as the webhook would")
    .description("Adds to manifests what the webhook would add to their pods, and writes them to standard output.")
    .addOption(oneOf("-o, --output <format>", "how the result is written", ["yaml", "json", "diff"]))
    .option("--explain", "say for each container and provider what was decided and why (on standard error)")
    .option("--keep-going", "write what is not refused even where something is")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { inject } = await import("../inject.ts");
      finish(await inject(options, terminal));
    });
};
