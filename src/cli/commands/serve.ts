/** `podpass serve` on the command line. */
import { InvalidArgumentError, Option } from "commander";
import { collect, type DefineCommand, wholeNumber } from "./options.ts";

const HELP = `
In a cluster certificates look after themselves: a CA in a Secret, and in the caBundle of the webhook configuration.
  $ podpass serve --ca-secret podpass-ca --service podpass --webhook-configuration podpass

In a cluster the ServiceAccounts are read with the pod's own, which has to be allowed to get, list and watch them.

On a laptop, with ServiceAccounts from files instead of a cluster:
  $ podpass serve --manifests deploy/ --tls-cert tls.crt --tls-key tls.key --host 127.0.0.1`;

const port = wholeNumber(65535);

/** Minutes between two looks at all pods: each costs the API server as much as a `kubectl get pods -A`. */
const minutes = (value: string): number => {
  const number = wholeNumber(1440)(value);
  if (number < 5) throw new InvalidArgumentError("Allowed: a whole number of minutes from 5 to 1440.");
  return number;
};

const YEAR_SECONDS = 31_536_000;

/** For tests, which see a whole life of a certificate. */
const hidden = (flags: string): Option => new Option(flags).argParser(wholeNumber(YEAR_SECONDS)).hideHelp();

/** Adds `serve`. */
export const defineServe: DefineCommand = (program, _terminal, finish) => {
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
    .option("--ca-secret <name>", "make certificates instead, with the CA in this Secret of Podpass' own namespace")
    .option("--service <name>", "with --ca-secret: the Service that the certificates are for")
    .option(
      "--webhook-configuration <name>",
      "with --ca-secret: the MutatingWebhookConfiguration whose caBundle is kept; may be repeated",
      collect,
    )
    .option("--validating-webhook-configuration <name>", "the same for a ValidatingWebhookConfiguration", collect)
    .addOption(hidden("--ca-seconds <seconds>"))
    .addOption(hidden("--leaf-seconds <seconds>"))
    .option("--host <address>", "the address that the webhook listens on (default: every one)")
    .option("--port <number>", "its port (HTTPS)", port, 8443)
    .option("--health-host <address>", "the address for /livez, /readyz and /metrics (default: every one)")
    .option("--health-port <number>", "their port (plain HTTP)", port, 8080)
    .option("--drain-seconds <seconds>", "how long requests are still served after SIGTERM", wholeNumber(3600), 10)
    .option("--namespace <name>", "Podpass' own namespace, which no policy applies to; in a pod, its own unless told")
    .option(
      "--policies <name>",
      "read the admission policies of this release every ten minutes, and report where they are not the configuration's",
    )
    .option(
      "--policies-exempt <namespace>",
      "one that they leave out beside exemptNamespaces; may be repeated",
      collect,
    )
    .option("--validating-policies-only", "those were left out on purpose that serve pods inside the API server")
    .option(
      "--pod-status <minutes>",
      "look that often at what running pods have of their identities; needs list on pods",
      minutes,
    )
    .option(
      "--pod-status-webhook <name>",
      "the MutatingWebhookConfiguration that says about which pods Podpass is asked (default: that of --webhook-configuration); needs get on it, and list on namespaces where it selects them by labels",
    )
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { serve } = await import("../serve.ts");
      finish(await serve(options));
    });
};
