/** What the definitions of several commands share. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Terminal } from "../terminal.ts";

/** Adds a command to the program; `finish` is told the exit code once it has run. */
export type DefineCommand = (program: Command, terminal: Terminal, finish: (exitCode: number) => void) => void;

/** How manifests are found, for the help of commands that take them. */
export const MANIFESTS_HELP = `
Manifests are YAML or JSON; a directory is read recursively (*.yaml, *.yml, *.json, sorted; links that lead out of it
are not followed), - is standard input.
Without --config, a configuration (kind: Configuration) among the manifests is used; without one, every preset is
there under its own name.`;

/** Collects the values of an option that may be repeated. */
export const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

/** An argument from 0 to `max`. */
export const wholeNumber =
  (max: number) =>
  (value: string): number => {
    if (!/^[0-9]+$/.test(value) || Number(value) > max)
      throw new InvalidArgumentError(`Allowed: a whole number from 0 to ${max}.`);
    return Number(value);
  };

/** An option with a closed set of values, of which the first is the default. */
export const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices).default(choices[0]);

/** Adds the options of commands that work on manifests; `isRequired` says whether they need any. */
export const withManifests = (command: Command, isRequired = true): Command =>
  command
    .addOption(
      new Option("-f, --filename <path>", "a file, a directory, or - for standard input; may be repeated")
        .argParser(collect)
        .makeOptionMandatory(isRequired),
    )
    .option("--config <file>", "the Podpass configuration: a file, -, or the chart's ConfigMap in either")
    .option("-n, --namespace <name>", "the namespace of objects that name none", "default");

/** Adds the options that say which cluster is asked. */
export const withKubeconfig = (command: Command): Command =>
  command
    .option("--kubeconfig <file>", "the cluster's kubeconfig (default: KUBECONFIG, ~/.kube/config, the pod's own)")
    .option("--context <name>", "its context (default: the current one)");

/** Adds the options of commands that ask a cluster about one ServiceAccount. */
export const withCluster = (command: Command): Command =>
  withKubeconfig(
    command
      .option(
        "-f, --filename <path>",
        "manifests with the ServiceAccount, instead of the cluster's; may be repeated",
        collect,
      )
      .option("--config <file>", "the Podpass configuration"),
  );
