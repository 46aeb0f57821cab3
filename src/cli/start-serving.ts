/** Opens everything that `podpass serve` stands on, and closes all of it again where that fails or is not wanted any more. */

import type { Answer, Reviewed } from "../admission/answer.ts";
import { type Addresses, startWebhook, type Webhook, type WebhookPorts } from "../http/webhook.ts";
import type { Connection } from "../kube/connection.ts";
import { messageOf } from "../reasons/text.ts";
import { createEvents } from "../telemetry/events.ts";
import { logAnswer, type OpenLog } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import type { CertificateSource } from "../tls/source.ts";
import { liveDigest } from "./configuration-digest.ts";
import { type Accounts, openAccounts } from "./open-accounts.ts";
import { openConnection } from "./open-connection.ts";
import { openPodStatus } from "./pod-status.ts";
import { openPolicyDrift } from "./policy-drift.ts";
import { openInputs, type Refusal } from "./serve-inputs.ts";
import type { ServeOptions } from "./serve-options.ts";

const PORT = 8443;
const HEALTH_PORT = 8080;

type Events = ReturnType<typeof createEvents>;

const at = (options: ServeOptions): Addresses => ({
  ...options,
  port: options.port ?? PORT,
  healthPort: options.healthPort ?? HEALTH_PORT,
});

/**
 * V8 compiles a function with Maglev, its quick compiler, once it was called 400 times. That suits a page that is closed
 * soon; a server runs its few functions for months, and the sooner they are compiled the cheaper its first requests are.
 */
const compileSoon = (): void =>
  process.getBuiltinModule("node:v8").setFlagsFromString("--invocation-count-for-maglev=30");

type Edge = Pick<WebhookPorts, "metrics" | "answered" | "rehearsed">;

const edge = (open: Pick<StartPorts, "log" | "infoPlain" | "quietly">, metrics: Metrics): Edge => {
  const tell = (answer: Answer, milliseconds: number, reviewed: Reviewed, counted: Metrics) => {
    counted.answered(answer, milliseconds, reviewed);
    logAnswer(open, answer, milliseconds, reviewed);
  };
  const thrownAway = createMetrics(false);
  return {
    metrics,
    answered: (answer, milliseconds, reviewed) => tell(answer, milliseconds, reviewed, metrics),
    rehearsed: (answer, milliseconds, reviewed) => open.quietly(() => tell(answer, milliseconds, reviewed, thrownAway)),
  };
};

type CertificatePorts = Pick<WebhookPorts, "certificate" | "conditions" | "handshakeFailed">;

const certificatePorts = (source: CertificateSource, events: Events): CertificatePorts => ({
  certificate: source.current(),
  conditions: [{ name: "certificate", missing: () => source.unavailable(), notice: () => source.notice?.() }],
  handshakeFailed: (failed) => {
    events.handshakeFailed(failed);
    if (failed.reason === "certificate-refused") source.refused?.();
  },
});

/** What is open, to be closed in the opposite order. */
class Opened {
  private readonly all: { close(): void }[] = [];

  add<One extends { close(): void } | undefined>(one: One): One {
    if (one !== undefined) this.all.push(one);
    return one;
  }

  close(): void {
    for (const one of this.all.splice(0).reverse()) one.close();
  }
}

/** Thrown between two steps once a signal has come. */
class Stopped extends Error {}

const checkpoint = (stopping: AbortSignal): void => {
  if (stopping.aborted) throw new Stopped();
};

/** Says what could not be done, whatever went wrong in it. */
const attempt = async <Result>(what: string, action: () => Promise<Result>): Promise<Result> => {
  try {
    return await action();
  } catch (cause) {
    throw new Error(`podpass serve cannot ${what}: ${messageOf(cause)}`, { cause });
  }
};

/** Has the webhook serve what the source has from now on. */
const followCertificate = async (source: CertificateSource, webhook: Webhook, events: Events): Promise<void> => {
  const first = source.current();
  if (first !== undefined) events.certificateLoaded(first);
  try {
    await source.watch((event) => {
      if (event.kind === "replaced") webhook.serveCertificate(event.certificate);
      events.certificateChanged(event);
    });
  } catch (error) {
    await webhook.close(AbortSignal.abort());
    throw error;
  }
};

/** Where it is logged and counted, and what ends the start. */
export interface StartPorts extends Pick<OpenLog, "log" | "infoPlain" | "quietly"> {
  readonly stopping: AbortSignal;
}

const openAll = async (options: ServeOptions, startPorts: StartPorts, opened: Opened) => {
  const { log, stopping } = startPorts;
  const inputs = await openInputs(options);
  if ("problems" in inputs) return inputs;
  checkpoint(stopping);
  const { configuration, openCertificate } = inputs;
  compileSoon();
  const metrics = createMetrics();
  const { settings } = configuration;
  let accounts: Accounts | undefined;
  const events = createEvents({ log, metrics, settings, accounts: () => accounts?.source.all() ?? [] });
  events.configurationOpened();
  // One for all that speaks to the API server.
  const connection: Connection | undefined = opened.add(await openConnection(options));
  const certificate = opened.add(await openCertificate({ connection, log, metrics, stopping }));
  const { source, configurationReloaded } = await attempt("read ServiceAccounts", async () => {
    accounts = opened.add(await openAccounts(options, { settings, log, metrics, events, connection }));
    return accounts;
  });
  checkpoint(stopping);
  events.accountsChanged();
  const drift = opened.add(openPolicyDrift(options, { configuration, connection, log, metrics }));
  opened.add(openPodStatus(options, { settings, connection, log, metrics }));
  opened.add(
    await configuration.watch((loaded) => {
      configurationReloaded();
      if (loaded.ok) drift?.configurationReloaded();
      events.configurationReloaded(loaded);
    }),
  );
  checkpoint(stopping);
  const digest = liveDigest(configuration);
  const ports = { ...edge(startPorts, metrics), settings, digest, source, ...certificatePorts(certificate, events) };
  const webhook = await attempt("listen", () => startWebhook(ports, at(options)));
  await followCertificate(certificate, webhook, events);
  return webhook;
};

/** Opens everything and listens; or says why not, or that it was to stop before. */
export const startServing = async (
  options: ServeOptions,
  ports: StartPorts,
): Promise<Webhook | Refusal | "stopped"> => {
  const opened = new Opened();
  try {
    const webhook = await openAll(options, ports, opened);
    if ("problems" in webhook) return webhook;
    return { ...webhook, close: (giveUp) => webhook.close(giveUp).finally(() => opened.close()) };
  } catch (error) {
    opened.close();
    return error instanceof Stopped ? "stopped" : { problems: [messageOf(error)] };
  }
};
