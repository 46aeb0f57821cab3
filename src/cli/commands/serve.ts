/** `podpass serve` on the command line. */
import { type DefineCommand, wholeNumber } from "./options.ts";

const HELP = `
In a cluster the ServiceAccounts are read with the pod's own, which has to be allowed to get, list and watch them.

On a laptop, with ServiceAccounts from files instead of a cluster:
  $ podpass serve --manifests deploy/ --tls-cert tls.crt --tls-key tls.key --host 127.0.0.1`;

const port = wholeNumber(65535);

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
    .option("--host <address>", "the address that the webhook listens on (default: every one)")
    .option("--port <number>", "its port (HTTPS)", port, 8443)
    .option("--health-host <address>", "the address for /livez, /readyz and /metrics (default: every one)")
    .option("--health-port <number>", "their port (plain HTTP)", port, 8080)
    .option("--drain-seconds <seconds>", "how long requests are still served after SIGTERM", wholeNumber(3600), 10)
    .option("--namespace <name>", "Podpass' own namespace, which no policy applies to")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { serve } = await import("../serve.ts");
      finish(await serve(options));
    });
};
