/** `podpass policies` on the command line. */
import { InvalidArgumentError } from "commander";
import { isOlder, NEWEST_TESTED, OLDEST_POSSIBLE, readVersion, showVersion } from "../../check/versions.ts";
import { type DefineCommand, oneOf } from "./options.ts";

const HELP = `
These are ValidatingAdmissionPolicies and, from Kubernetes 1.36 on, MutatingAdmissionPolicies, with their bindings. They run
inside the API server and hold while Podpass is down; docs/enforcement.md explains each. They are written by who
installs: Podpass itself never may. The Helm chart installs those of its default configuration by itself.

A configuration is a file, - (standard input), or the chart's ConfigMap in either. Without one, every preset is there
under its own name. What a policy cannot express is said on standard error, a line each, with the reason.

--union-with renders policies that refuse only what both configurations refuse. Apply them before the configuration is
changed, and those of the new one once every replica has it.

Examples:
  $ podpass policies | kubectl apply --server-side -f -
  $ podpass policies --config podpass.yaml --kubernetes 1.34
  $ podpass policies --config new.yaml --union-with old.yaml | kubectl apply --server-side -f -
  $ kubectl -n podpass-system get configmap podpass -o yaml | podpass policies --config - > policies.yaml`;

/** The minor version in `value`. */
const kubernetesVersion = (value: string): number => {
  const version = readVersion(value);
  if (version === undefined || version.major !== 1 || isOlder(version, OLDEST_POSSIBLE))
    throw new InvalidArgumentError(
      `Allowed: ${showVersion(OLDEST_POSSIBLE)} and later, as ${showVersion(NEWEST_TESTED)}.`,
    );
  return version.minor;
};

/** What an object's name may begin with: a name of the chart's objects. */
const objectName = (value: string): string => {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value))
    throw new InvalidArgumentError("Allowed: a name of Kubernetes: at most 63 lower-case letters, digits and hyphens.");
  return value;
};

/** Adds `policies`. */
export const definePolicies: DefineCommand = (program, terminal, finish) => {
  program
    .command("policies")
    .summary("render the admission policies that hold while Podpass is down")
    .description("Renders the admission policies that hold while Podpass is down, from the same configuration.")
    .option("--config <file>", "the Podpass configuration")
    .option("--union-with <file>", "the configuration that it replaces: refuse only what both refuse")
    .option("--release <name>", "what the objects' names begin with: the chart's fullname", objectName, "podpass")
    .option("-n, --namespace <name>", "Podpass' own namespace, which is exempt", objectName, "podpass-system")
    .option(
      "--kubernetes <version>",
      `the cluster's version, ${showVersion(OLDEST_POSSIBLE)} or later (default: ${showVersion(NEWEST_TESTED)})`,
      kubernetesVersion,
    )
    .addOption(oneOf("--mode <mode>", "how a policy is given ServiceAccounts; docs/enforcement.md", ["exact", "label"]))
    .addOption(oneOf("-o, --output <format>", "how it is written", ["yaml", "json"]))
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { showPolicies } = await import("../policies.ts");
      finish(await showPolicies({ kubernetes: NEWEST_TESTED.minor, ...options }, terminal));
    });
};
