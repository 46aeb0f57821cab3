/** The command line: what there is, and how it is explained. Each command is loaded only when it is run. */
import { Command, CommanderError } from "commander";
import packageFile from "../../package.json" with { type: "json" };
import { defineCheck } from "./commands/check.ts";
import { defineInject } from "./commands/inject.ts";
import { defineJwks } from "./commands/jwks.ts";
import { defineLint } from "./commands/lint.ts";
import { defineMigrate } from "./commands/migrate.ts";
import type { DefineCommand } from "./commands/options.ts";
import { definePolicies } from "./commands/policies.ts";
import { definePresets } from "./commands/presets.ts";
import { defineServe } from "./commands/serve.ts";
import { defineStatus } from "./commands/status.ts";
import { defineToken } from "./commands/token.ts";
import { defineTrust } from "./commands/trust.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";

const OVERVIEW = `
Examples:
  $ podpass presets                                       what there is a preset for
  $ podpass presets openai                                what it needs, and a ServiceAccount to copy
  $ podpass lint -f deploy/                               check annotations and configuration in CI
  $ podpass inject -f deploy/ -o diff                     see what the webhook would add
  $ podpass inject -f deploy/ | kubectl apply -f -        add it without a webhook
  $ podpass migrate -f deploy/                            vendors' annotations and hand-written tokens, as ours
  $ podpass trust aws production/my-api                   what to register at the provider, ready to paste
  $ podpass token production/my-api --provider aws        ask for a token, and check what it says
  $ podpass jwks -d public/                               the issuer's keys as files, for clusters that nobody can reach
  $ podpass check                                         is the installation in the cluster healthy?
  $ podpass status                                        which pods have which identity, and which lack it?
  $ podpass policies | kubectl apply --server-side -f -   enforce inside the API server, while the webhook is down too
  $ podpass serve --config podpass.yaml                   run the webhook

Exit codes: 0 done, 1 the platform's rules are broken, a token is not as expected or an installation is not healthy, 2 the
input or the arguments cannot be used, or there is no cluster to ask, 70 a fault of Podpass, 74 the output cannot be written.`;

/** In the order of the help. */
const COMMANDS: readonly DefineCommand[] = [
  defineInject,
  defineLint,
  defineMigrate,
  definePresets,
  defineTrust,
  defineToken,
  defineJwks,
  defineCheck,
  defineStatus,
  definePolicies,
  defineServe,
];

const createProgram = (terminal: Terminal, finish: (exitCode: number) => void): Command => {
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
  for (const define of COMMANDS) define(program, terminal, finish);
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
