/** `podpass serve`: the webhook as a process. */

import type { Answer } from "../admission/answer.ts";
import { type LiveConfiguration, openConfiguration } from "../files/configuration-file.ts";
import { untilStopped } from "../http/shutdown.ts";
import { type Addresses, startWebhook, type Webhook, type WebhookPorts } from "../http/webhook.ts";
import { messageOf } from "../reasons/text.ts";
import { createEvents } from "../telemetry/events.ts";
import { type Log, logAnswer, type OpenLog, openLog } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { unusableBecause } from "../tls/certificate.ts";
import { openCertificateFiles } from "../tls/files.ts";
import type { CertificateSource } from "../tls/source.ts";
import { type Accounts, type AccountsOptions, accountsProblem, openAccounts } from "./open-accounts.ts";
import { createOutput } from "./terminal.ts";

/** What the command line says; all of it may be left out, but not everything is then served. */
export interface ServeOptions extends AccountsOptions {
  /** The configuration file; without it every preset is available under its own name. */
  readonly config?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Without it: every address. */
  readonly host?: string | undefined;
  /** 8443 unless told; 0 takes a free one. */
  readonly port?: number | undefined;
  readonly healthHost?: string | undefined;
  /** 8080 unless told; 0 takes a free one. */
  readonly healthPort?: number | undefined;
  /** How long requests are still taken after SIGTERM, while endpoints drop this replica; 10 unless told. */
  readonly drainSeconds?: number | undefined;
  /** Podpass' own namespace, which no policy applies to. */
  readonly namespace?: string | undefined;
}

const PORT = 8443;
const HEALTH_PORT = 8080;
const DRAIN_SECONDS = 10;

/** With the ten seconds of draining still inside a pod's 30 seconds of grace. */
const DEADLINE_MS = 15_000;

/** An exit code for each way in which it can end. */
const EXIT = { done: 0, cutShort: 1, badInput: 2 } as const;

/** Why nothing is served: sentences for the person who started it. */
interface Refusal {
  readonly problems: readonly string[];
}

const NO_CERTIFICATE = `podpass serve needs a serving certificate: --tls-cert FILE and --tls-key FILE, both PEM.
One for a try-out on this machine:
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \\
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout tls.key -out tls.crt`;

const openCertificate = async ({ tlsCert, tlsKey }: ServeOptions): Promise<CertificateSource | Refusal> => {
  if (tlsCert === undefined || tlsKey === undefined) return { problems: [NO_CERTIFICATE] };
  const opened = await openCertificateFiles({ certPath: tlsCert, keyPath: tlsKey });
  return "problem" in opened ? { problems: [opened.problem] } : opened.source;
};

/** Everything that must be there before anything is opened that has to be closed again. */
const openInputs = async (
  options: ServeOptions,
): Promise<{ readonly configuration: LiveConfiguration; readonly certificate: CertificateSource } | Refusal> => {
  const { config: path, namespace } = options;
  const [opened, certificate, problem] = await Promise.all([
    openConfiguration({ path, namespace }),
    openCertificate(options),
    accountsProblem(options),
  ]);
  const problems = [
    ...(opened.ok ? [] : [opened.problems]),
    ...("problems" in certificate ? certificate.problems : []),
    ...(problem === undefined ? [] : [problem]),
  ];
  if (problems.length > 0 || !opened.ok || "problems" in certificate) return { problems };
  return { configuration: opened.configuration, certificate };
};

const at = (options: ServeOptions): Addresses => ({
  ...options,
  port: options.port ?? PORT,
  healthPort: options.healthPort ?? HEALTH_PORT,
});

/**
 * V8 compiles a function with Maglev, its quick compiler, once it was called 400 times. That suits a page that is closed
 * soon; of a server the first thousand requests take a fifth less processor time with this, and later ones no more.
 */
const compileSoon = (): void =>
  process.getBuiltinModule("node:v8").setFlagsFromString("--invocation-count-for-maglev=30");

type Edge = Pick<WebhookPorts, "metrics" | "answered" | "rehearsed">;

const edge = ({ log, quietly }: Pick<OpenLog, "log" | "quietly">, metrics: Metrics): Edge => {
  const tell = (answer: Answer, milliseconds: number, counted: Metrics) => {
    counted.answered(answer, milliseconds);
    logAnswer(log, answer, milliseconds);
  };
  const thrownAway = createMetrics(false);
  return {
    metrics,
    answered: (answer, milliseconds) => tell(answer, milliseconds, metrics),
    rehearsed: (answer, milliseconds) => quietly(() => tell(answer, milliseconds, thrownAway)),
  };
};

const usable = (source: CertificateSource): Pick<WebhookPorts, "certificate" | "conditions"> => ({
  certificate: source.current(),
  conditions: [{ name: "certificate", missing: () => unusableBecause(source.current(), Date.now()) }],
});

/** A webhook with everything that it stands on. */
interface Serving extends Webhook {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Opens everything and listens, or says why not. */
const startServing = async (options: ServeOptions, open: OpenLog): Promise<Serving | Refusal> => {
  const { log } = open;
  const inputs = await openInputs(options);
  if ("problems" in inputs) return inputs;
  const { configuration, certificate } = inputs;
  compileSoon();
  const metrics = createMetrics();
  metrics.certificateLoaded(certificate.current().notAfter);
  const { settings } = configuration;
  let accounts: Accounts | undefined;
  const events = createEvents({ log, metrics, settings, accounts: () => accounts?.source.all() ?? [] });
  events.configurationOpened();
  try {
    accounts = await openAccounts(options, { settings, log, metrics, events });
  } catch (error) {
    return { problems: [`podpass serve cannot read ServiceAccounts: ${messageOf(error)}`] };
  }
  const { source, configurationReloaded } = accounts;
  events.accountsChanged();
  const configurationWatcher = await configuration.watch((loaded) => {
    configurationReloaded();
    events.configurationReloaded(loaded);
  });
  const closeInputs = [accounts, certificate, configurationWatcher];
  const stop = () => {
    for (const input of closeInputs) input.close();
  };
  try {
    const webhook = await startWebhook(
      { ...edge(open, metrics), settings, source, ...usable(certificate) },
      at(options),
    );
    await certificate.watch((result) => {
      if ("certificate" in result) webhook.serveCertificate(result.certificate);
      events.certificateReloaded(result);
    });
    const close = (giveUp: AbortSignal) => webhook.close(giveUp).finally(stop);
    return { ...webhook, close, log, metrics };
  } catch (error) {
    stop();
    return { problems: [`podpass serve cannot listen: ${messageOf(error)}`] };
  }
};

/** Serves until a signal ends it; resolves to the exit code. */
export const serve = async (options: ServeOptions): Promise<number> => {
  const open = openLog(process.env["LOG_LEVEL"]);
  const serving = await startServing(options, open);
  if ("problems" in serving) {
    await open.flush();
    createOutput(process.stderr, process.env).write(`${serving.problems.join("\n")}\n`);
    return EXIT.badInput;
  }
  const { url, healthUrl } = serving;
  open.log.info({ url, healthUrl, milliseconds: Math.round(performance.now()) }, "serving");
  void open.flush();
  const drainSeconds = options.drainSeconds ?? DRAIN_SECONDS;
  const timing = { drainMs: drainSeconds * 1000, deadlineMs: DEADLINE_MS };
  const isComplete = await untilStopped(serving, process, timing, (signal) =>
    open.log.info({ signal, drainSeconds }, "stopping"),
  );
  open.log.info({ isComplete }, "stopped");
  await open.flush();
  return isComplete ? EXIT.done : EXIT.cutShort;
};
