/** `podpass status` on the command line. */
import { InvalidArgumentError } from "commander";
import { type DefineCommand, oneOf, withKubeconfig } from "./options.ts";

const HELP = `
Every pod that runs is judged by the engine that would inject its identities today: whether it has what a new pod would
get, something older, or nothing. docs/status.md explains the states, and what to do about each. Nothing is changed.

These credentials need list on serviceaccounts and pods, in the namespace or in all, and get on the installation's
Deployment and ConfigMap, unless --config names a file; and get on its MutatingWebhookConfiguration, to tell pods that the
webhook is not asked about from those that miss their identity. Pods that are over are left out.

Exit codes: 0 nothing is missing, stale, not-seen or invalid, 1 something is, 2 the cluster cannot be asked.

Examples:
  $ podpass status
  $ podpass status -n production --provider aws
  $ podpass status --problems -o wide     which pods, and why
  $ podpass status -o json
  $ podpass status --watch                again every 30 seconds, until you end it`;

/** Seconds between two looks. */
const interval = (value: string): number => {
  if (!/^[0-9]{1,5}$/.test(value) || Number(value) < 5)
    throw new InvalidArgumentError("Allowed: a whole number of seconds from 5 on.");
  return Number(value);
};

/** Adds `status`. */
export const defineStatus: DefineCommand = (program, terminal, finish) => {
  withKubeconfig(
    program
      .command("status")
      .summary("say which pods have which identity, and which lack it")
      .description("Says which workloads hold which identity, and which of their pods lack it or have an older one.")
      .option("-n, --namespace <name>", "pods of one namespace (default: all)")
      .option("--provider <name>", "one provider only")
      .option("--problems", "only what is missing, stale, not-seen or invalid")
      .option("--config <file>", "a Podpass configuration instead of the installation's")
      .option("--installation <namespace/name>", "whose configuration and webhook it is", "podpass-system/podpass"),
  )
    .option("--watch", "look again and again")
    .option("--interval <seconds>", "between two looks; only with --watch (default: 30)", interval)
    .addOption(oneOf("-o, --output <format>", "how it is written", ["text", "wide", "json"]))
    .addHelpText("after", HELP)
    .action(async (options) => {
      const [{ status }, { usingConnection }] = await Promise.all([import("../status.ts"), import("../cluster.ts")]);
      finish(await usingConnection(options, (open) => status(options, terminal, open)));
    });
};
