/** What running pods have of their identities, looked at now and then, where that is asked for. */
import type { Settings } from "../configuration/settings.ts";
import { type Clock, systemClock } from "../kube/clock.ts";
import type { Connection } from "../kube/connection.ts";
import { line, messageOf } from "../reasons/text.ts";
import type { StatusReport } from "../status/report.ts";
import type { WebhookScope } from "../status/webhook-scope.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Look } from "../telemetry/pod-status.ts";
import type { ServeOptions } from "./serve-options.ts";

/** What it is opened with. */
export interface PodStatusPorts {
  settings(): Settings;
  /** Undefined: no cluster is asked. */
  readonly connection: Connection | undefined;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "registry">;
}

/** What the loop stands on. */
export interface LoopPorts {
  readonly clock: Clock;
  readonly everyMs: number;
  look(): Promise<StatusReport>;
  tell(look: Look): void;
}

/** After the start: a replica that has just begun has pods to serve, and its code is not loaded before. */
const FIRST_MS = 60_000;

/** Between two pages, so that one look after the other leaves the processor to the pods that are being created. */
const PAUSE_MS = 100;

/** What is wrong with the options. */
export const podStatusProblems = ({ podStatus, podStatusWebhook, manifests }: ServeOptions): readonly string[] => {
  if (podStatus === undefined)
    return podStatusWebhook === undefined
      ? []
      : ["--pod-status-webhook needs --pod-status MINUTES, which asks for the look at pods"];
  return manifests === undefined ? [] : ["--pod-status needs a cluster, where the pods are; --manifests asks none"];
};

/** Looks again and again, `everyMs` after the look before and up to a tenth more. Nothing that goes wrong ends it. */
export const startPodStatusLoop = ({ clock, everyMs, look, tell }: LoopPorts): { close(): void } => {
  let isClosed = false;
  let cancel = () => {};
  const schedule = (ms: number): void => {
    cancel = clock.after(ms * (1 + clock.random() / 10), () => void run());
  };
  const run = async (): Promise<void> => {
    const said: Look = await look().then(
      (report) => ({ report }),
      (error: unknown) => ({ problem: messageOf(error) }),
    );
    if (isClosed) return;
    tell(said);
    schedule(everyMs);
  };
  schedule(Math.min(FIRST_MS, everyMs));
  return {
    close: () => {
      isClosed = true;
      cancel();
    },
  };
};

interface Asking extends PodStatusPorts {
  readonly connection: Connection;
  /** The name of the MutatingWebhookConfiguration; undefined: all pods count as seen. */
  readonly webhook: string | undefined;
}

/** Makes the function that finds out what the webhook sees; what it could not find out is logged where it is news. */
const createScopeReader = ({ settings, connection, log, webhook }: Asking) => {
  let told = "";
  return async (): Promise<WebhookScope | undefined> => {
    if (webhook === undefined) return undefined;
    const [{ gatherScope }, { createObjectQueries }] = await Promise.all([
      import("./status/gather-scope.ts"),
      import("../kube/object-queries.ts"),
    ]);
    const question = { configuration: webhook, settings: settings(), namespace: undefined };
    const { scope, notes } = await gatherScope({ ask: createObjectQueries(connection), ...question });
    const text = notes.join("; ");
    if (text !== told && text !== "")
      log.warn({ problem: line(text, 500) }, "it is not known about which pods the webhook is asked");
    told = text;
    return scope;
  };
};

/** Begins a minute after the start; undefined where it is not asked for. */
export const openPodStatus = (
  { podStatus, podStatusWebhook, webhookConfiguration }: ServeOptions,
  ports: PodStatusPorts,
): { close(): void } | undefined => {
  const { settings, connection, log, metrics } = ports;
  if (podStatus === undefined || connection === undefined) return undefined;
  const webhook = podStatusWebhook ?? webhookConfiguration?.[0];
  const readScope = createScopeReader({ ...ports, connection, webhook });
  let tell: ((look: Look) => void) | undefined;
  const look = async (): Promise<StatusReport> => {
    const [{ gatherStatus }, { createPodStatusTelemetry }] = await Promise.all([
      import("./status/gather-status.ts"),
      import("../telemetry/pod-status.ts"),
    ]);
    tell ??= createPodStatusTelemetry(metrics.registry, log);
    return gatherStatus({
      connection,
      settings: settings(),
      namespace: undefined,
      filter: { problems: true },
      scope: await readScope(),
      pauseMs: PAUSE_MS,
    });
  };
  return startPodStatusLoop({
    clock: systemClock,
    everyMs: podStatus * 60_000,
    look,
    tell: (said) => tell?.(said),
  });
};
