/** The command line: what there is, and how it is explained. Each command is loaded only when it is run. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import { BadInput, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const OVERVIEW = `
Examples:
  $ podpass presets                                  what there is a preset for
  $ podpass presets openai                           what it needs, and a ServiceAccount to copy
  $ podpass lint -f deploy/                          check annotations and configuration in CI
  $ podpass inject -f deploy/ -o diff                see what the webhook would add
  $ podpass inject -f deploy/ | kubectl apply -f -   add it without a webhook
  $ podpass serve --config podpass.yaml              run the webhook

Exit codes: 0 done, 1 the platform's rules are broken, 2 the input or the arguments cannot be used.`;

const MANIFESTS = `
Manifests are YAML or JSON; a directory is read recursively (*.yaml, *.yml, *.json, sorted), - is standard input.
Without --config, a configuration (kind: Configuration) among the manifests is used; without one, every preset is
there under its own name.`;

const INJECT = `${MANIFESTS}
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

const LINT = `${MANIFESTS}
Checked are the configuration, the federation annotations of ServiceAccounts, and the annotations and projected tokens
of workloads; by the same code as in the webhook.

Exit codes: 0 no errors (with --strict: no warnings either), 1 errors, 2 the input cannot be read.

Examples:
  $ podpass lint -f deploy/ --config podpass.yaml
  $ podpass lint -f podpass.yaml --strict
  $ podpass lint -f deploy/ -o json`;

const PRESETS = `
Examples:
  $ podpass presets            all of them
  $ podpass presets aws        one: parameters, variables, files, and a ServiceAccount to copy
  $ podpass presets -o json    as data`;

const SERVE = `
On a laptop, with ServiceAccounts from files instead of a cluster:
  $ podpass serve --manifests deploy/ --tls-cert tls.crt --tls-key tls.key --host 127.0.0.1`;

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

const wholeNumber =
  (max: number) =>
  (value: string): number => {
    if (!/^[0-9]+$/.test(value) || Number(value) > max)
      throw new InvalidArgumentError(`Allowed: a whole number from 0 to ${max}.`);
    return Number(value);
  };

const port = wholeNumber(65535);

const withManifests = (command: Command): Command =>
  command
    .requiredOption("-f, --filename <path>", "a file, a directory, or - for standard input; may be repeated", collect)
    .option("--config <file>", "the Podpass configuration")
    .option("-n, --namespace <name>", "the namespace of objects that name none", "default");

const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices).default(choices[0]);

type Finish = (exitCode: number) => void;

const addInject = (program: Command, terminal: Terminal, finish: Finish): void => {
  withManifests(program.command("inject"))
    .summary("add the identities to manifests, as the webhook would")
    .description("Adds to manifests what the webhook would add to their pods, and writes them to standard output.")
    .addOption(oneOf("-o, --output <format>", "how the result is written", ["yaml", "json", "diff"]))
    .option("--explain", "say for each container and provider what was decided and why (on standard error)")
    .addHelpText("after", INJECT)
    .action(async (options) => {
      const { inject } = await import("./inject.ts");
      finish(await inject(options, terminal));
    });
};

const addLint = (program: Command, terminal: Terminal, finish: Finish): void => {
  withManifests(program.command("lint"))
    .summary("check configuration and annotations")
    .description("Checks configuration and annotations, and says for each problem where it is and what to do.")
    .addOption(oneOf("-o, --output <format>", "how the problems are written", ["text", "json"]))
    .option("--strict", "exit with 1 on warnings too")
    .addHelpText("after", LINT)
    .action(async (options) => {
      const { lint } = await import("./lint.ts");
      finish(await lint(options, terminal));
    });
};

const addPresets = (program: Command, terminal: Terminal, finish: Finish): void => {
  program
    .command("presets")
    .summary("list the built-in providers, or show one")
    .description("Lists the built-in providers, or shows one with all that is needed to use it.")
    .argument("[name]", "the preset to show")
    .addOption(oneOf("-o, --output <format>", "how it is written", ["table", "json", "yaml"]))
    .addHelpText("after", PRESETS)
    .action(async (name: string | undefined, options) => {
      const { showPresets } = await import("./presets.ts");
      finish(showPresets({ ...options, name }, terminal));
    });
};

const addServe = (program: Command, finish: Finish): void => {
  program
    .command("serve")
    .summary("run the webhook")
    .description("Runs the webhook, in a cluster or on its own.")
    .option("--config <file>", "the Podpass configuration; without it every preset is there under its own name")
    .option("--manifests <dir>", "read ServiceAccounts from these manifests instead of a cluster")
    .option(
      "--kubeconfig <file>",
      "read ServiceAccounts from the cluster of this kubeconfig; in a cluster nothing is needed",
    )
    .option("--tls-cert <file>", "the serving certificate (PEM), reloaded when it changes")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--host <address>", "the address that the webhook listens on (default: every one)")
    .option("--port <number>", "its port (HTTPS)", port, 8443)
    .option("--health-host <address>", "the address for /livez, /readyz and /metrics (default: every one)")
    .option("--health-port <number>", "their port (plain HTTP)", port, 8080)
    .option("--drain-seconds <seconds>", "how long requests are still served after SIGTERM", wholeNumber(3600), 10)
    .option("--namespace <name>", "Podpass' own namespace, which no policy applies to")
    .addHelpText("after", SERVE)
    .action(async (options) => {
      const { serve } = await import("./serve.ts");
      finish(await serve(options));
    });
};

const createProgram = (terminal: Terminal, finish: Finish): Command => {
  const program = new Command("podpass")
    .description("Gives Kubernetes pods a short-lived identity at outside services, without stored keys.")
    .version(packageFile.version, "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .addHelpText("after", OVERVIEW)
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      getOutHelpWidth: () => Math.min(terminal.out.columns, 120),
      getErrHelpWidth: () => Math.min(terminal.err.columns, 120),
      getOutHasColors: () => terminal.out.colors.isColorSupported,
      getErrHasColors: () => terminal.err.colors.isColorSupported,
    })
    .exitOverride();
  addInject(program, terminal, finish);
  addLint(program, terminal, finish);
  addPresets(program, terminal, finish);
  addServe(program, finish);
  for (const command of program.commands) command.showHelpAfterError(`(podpass ${command.name()} --help explains it)`);
  return program.showHelpAfterError("(podpass --help lists the commands)");
};

/** Runs the command in `args`, which are without interpreter and script; returns the exit code. */
export const run = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  let exitCode: number = EXIT.done;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.done;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // What commander has to say it has said already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    if (!(error instanceof BadInput)) throw error;
    terminal.err.write(`${terminal.err.colors.red("podpass:")} ${error.message}\n`);
    return EXIT.badInput;
  }
};
